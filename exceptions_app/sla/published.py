"""What another system published about its targets: how its file is laid out, and its rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import Hours, Version, instant
from exceptions_app.sla.notation import read_week
from exceptions_app.sla.public_holidays import public_holidays
from exceptions_app.sla.working_time import Length

#: The length of every type that has none of its own.
ANY_TYPE = ""
FIRST_YEAR, LAST_YEAR = 1970, 2050
BELIEVED_YEARS = range(1900, 2200)


@dataclass(frozen=True)
class Published:
    """One case of the other system; ``met`` is its own verdict, None while it has none."""

    line: int
    key: str
    type: str
    opened_at: datetime
    target_at: datetime | None
    closed_at: datetime | None
    met: bool | None


@dataclass(frozen=True)
class Layout:
    """Which columns a file has (an empty name: it has none), and by which rules to reckon."""

    opened: str = ""
    target: str = ""
    closed: str = ""
    outcome: str = ""
    type: str = ""
    key: str = ""
    met: str = "ONTIME"
    missed: str = "OVERDUE"
    zone: str = "UTC"
    week: str = "mon-fri 09:00-17:00"
    region: str = ""
    holidays_from: int = FIRST_YEAR
    lengths: Mapping[str, Length] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        named = (self.opened, self.target, self.closed, self.outcome, self.type, self.key)
        return tuple(filter(None, named))

    def fits(self, header: Collection[str]) -> bool:
        return set(self.columns) <= set(header)

    def refuse_unless_fit(self, header: Collection[str]) -> None:
        """Refuse a layout that cannot be read from a file with this header."""
        if not (self.opened and self.target and self.lengths):
            raise Refused(
                "The header fits no preset. Say where to look and what to count: "
                '--opened, --target and --length "1 business day".'
            )
        if not self.fits(header):
            absent = ", ".join(f"“{name}”" for name in self.columns if name not in header)
            raise Refused(f"The file has no column {absent}. It has: {', '.join(header)}.")

    def tz(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise Refused(
                f"“{self.zone}” is no time zone. Write one such as Europe/Berlin."
            ) from unknown

    def hours(self) -> Hours:
        """The hours to reckon with; no holidays before the year somebody entered them."""
        years = range(self.holidays_from, LAST_YEAR + 1)
        listed = public_holidays(self.region, years) if self.region else {}
        return Hours(self.tz(), (Version(date.min, read_week(self.week), listed),))

    def read(self, line: int, row: Mapping[str, str], zone: ZoneInfo) -> Published:
        """One row as a published case; a malformed one is refused with the reason."""
        opened_at = _at(row, self.opened, zone)
        if opened_at is None:
            raise Refused(f"{self.opened} is empty")
        return Published(
            line=line,
            key=row[self.key] if self.key else f"line {line}",
            type=row[self.type] if self.type else ANY_TYPE,
            opened_at=opened_at,
            target_at=_at(row, self.target, zone),
            closed_at=_at(row, self.closed, zone),
            met=self._verdict(row),
        )

    def _verdict(self, row: Mapping[str, str]) -> bool | None:
        word = row[self.outcome].strip() if self.outcome else ""
        if word not in {self.met, self.missed, ""}:
            raise Refused(f"{self.outcome} is “{word}”, neither {self.met} nor {self.missed}")
        return word == self.met if word else None


def _at(row: Mapping[str, str], column: str, zone: ZoneInfo) -> datetime | None:
    """A time of the row: with an offset as it stands, without one on the wall of the zone."""
    text = row[column].strip() if column else ""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.year not in BELIEVED_YEARS:
        raise Refused(f"{column} is “{text}”, not a time like 2026-03-31 08:30:00")
    return at.astimezone(UTC) if at.tzinfo else instant(at.date(), at.time(), zone)


_120_DAYS = Length("calendar_days", 120)

#: Files known by their headers; the first that fits is taken.
PRESETS: Mapping[str, Layout] = {
    # Boston's holidays of 2013 were never entered: its published targets ignore them.
    "boston311": Layout(
        opened="open_local",
        target="target_local",
        closed="closed_local",
        outcome="on_time",
        type="type",
        key="case_enquiry_id",
        zone="America/New_York",
        week="mon-fri 08:30-17:00",
        region="US-MA",
        holidays_from=2014,
        lengths={
            "Pick up Dead Animal": Length("business_days", 1),
            "Bed Bugs": _120_DAYS,
            "Pest Infestation - Residential": _120_DAYS,
        },
    ),
}


def preset_for(header: Collection[str]) -> Layout:
    """The preset that the header fits, or an empty layout."""
    return next((layout for layout in PRESETS.values() if layout.fits(header)), Layout())
