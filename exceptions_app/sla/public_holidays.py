"""The public holidays of a country or region, by name."""

from collections.abc import Iterable
from datetime import date

import holidays

from exceptions_app.errors import Refused


def public_holidays(region: str, years: Iterable[int]) -> dict[date, str]:
    """Holidays of ``DE`` or ``US-MA``, with the days to which the law moves them."""
    country, _, subdivision = region.partition("-")
    try:
        return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=years))
    except NotImplementedError as unknown:
        raise Refused(
            f"No holidays are known for “{region}”. Write a country such as DE, or a country and "
            "region such as US-MA."
        ) from unknown
