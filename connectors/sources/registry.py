"""Every source format there is, one line each."""

from typing import Any

from connectors.listening.kit import Format
from connectors.sources import (
    aftership,
    calendly,
    cloudevents,
    easypost,
    jobber,
    mapped,
    shipengine,
    shopify,
    standardwebhooks,
    stripe,
)

CATALOGUE: tuple[Format[Any], ...] = (
    aftership.source,
    calendly.source,
    cloudevents.source,
    easypost.source,
    jobber.source,
    mapped.source,
    shipengine.source,
    shopify.source,
    standardwebhooks.source,
    stripe.source,
)
BY_SLUG = {source.slug: source for source in CATALOGUE}
