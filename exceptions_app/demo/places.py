"""Where the demo plays: sites, their teams, calendars and targets, and the systems that send signals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from exceptions_app.vocabulary import LengthKind, Severity, TargetKind

Week = Mapping[str, list[list[str]]]

MONDAY_TO_FRIDAY = ("mon", "tue", "wed", "thu", "fri")
ALL_DAYS = (*MONDAY_TO_FRIDAY, "sat", "sun")


def week(weekdays: tuple[str, str], saturday: tuple[str, str] | None = None) -> Week:
    opening: Week = {day: [list(weekdays)] for day in MONDAY_TO_FRIDAY}
    return {**opening, "sat": [list(saturday)]} if saturday else opening


@dataclass(frozen=True)
class Hours:
    """Opening hours from a date on."""

    since: date
    weekly: Week
    region: str = ""
    holidays: Mapping[str, str] = field(default_factory=dict)
    exceptions: Mapping[str, list[list[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """A site with its calendar and teams."""

    slug: str
    name: str
    zone: str
    hours: tuple[Hours, ...]
    teams: tuple[str, ...]
    colour: str = ""


ROOFTOP_TEAMS = ("sales", "service", "parts", "finance", "dispatch", "support", "management")

PLACES = (
    Place(
        "harbour-north",
        "Harbour North",
        "Europe/London",
        (
            Hours(date(2025, 1, 1), week(("08:30", "18:00"), ("09:00", "17:00")), "GB-ENG"),
            Hours(
                date(2026, 9, 1),
                week(("08:00", "18:30"), ("09:00", "17:00")),
                "GB-ENG",
                {"2026-12-24": "Christmas Eve"},
                {"2026-12-31": [["08:30", "13:00"]]},
            ),
        ),
        ROOFTOP_TEAMS,
    ),
    Place(
        "harbour-south",
        "Harbour South",
        "Europe/London",
        (Hours(date(2025, 1, 1), week(("08:30", "18:00"), ("09:00", "16:00")), "GB-ENG"),),
        ROOFTOP_TEAMS,
    ),
    Place(
        "harbour-city",
        "Harbour City",
        "Europe/Madrid",
        (
            Hours(date(2025, 1, 1), week(("09:30", "20:00"), ("10:00", "14:00")), "ES-VC"),
            Hours(date(2026, 7, 1), week(("09:00", "20:30"), ("10:00", "14:00")), "ES-VC"),
        ),
        ROOFTOP_TEAMS,
    ),
    Place(
        "kestrel-2",
        "Kestrel Service Depot 2",
        "America/Chicago",
        (Hours(date(2025, 1, 1), {day: [["00:00", "24:00"]] for day in ALL_DAYS}),),
        ("service", "parts", "dispatch", "support", "management"),
        "#ffc400",
    ),
    Place(
        "lumen-oak",
        "Lumen & Oak",
        "Europe/Berlin",
        (
            Hours(date(2025, 1, 1), week(("08:00", "18:00")), "DE-HH"),
            Hours(
                date(2026, 11, 1),
                week(("08:00", "20:00"), ("09:00", "15:00")),
                "DE-HH",
                {"2026-12-24": "Christmas Eve"},
            ),
        ),
        ("sales", "parts", "finance", "support", "management"),
        "#7a4b1f",
    ),
)
ROOFTOPS = ("harbour-north", "harbour-south", "harbour-city")
DEPOT, SHOP = "kestrel-2", "lumen-oak"

#: Slug, name, and the site of its subjects unless a signal says.
SOURCES = (
    ("dms", "Dealer management system", None),
    ("crm", "Customer relations", None),
    ("storefront", "Storefront", SHOP),
    ("wms", "Warehouse", SHOP),
    ("carrier", "Carrier", SHOP),
    ("scheduler", "Scheduling", DEPOT),
    ("payments", "Payments", None),
)
#: These have to speak every so many minutes; the stories have them speak far more often.
SPOKEN = {"storefront": 240, "scheduler": 240, "dms": 240}
#: The stories run sixty times as fast as life, and so do their calamities.
MANY, WITHIN_MINUTES = 12, 1


@dataclass(frozen=True)
class Caller:
    """A source that a vendor's webhooks are sent to."""

    slug: str
    name: str
    site: str
    format: str
    settings: Mapping[str, str | int]


CALLERS = (
    Caller(
        "shopify",
        "Web shop (Shopify)",
        SHOP,
        "shopify",
        {"secret": "sandbox-shopify", "promise": "Delivery date", "gold": "vip"},
    ),
    Caller("easypost", "Parcels (EasyPost)", SHOP, "easypost", {"secret": "sandbox-easypost"}),
    Caller("stripe", "Cards (Stripe)", SHOP, "stripe", {"secret": "sandbox-stripe"}),
    Caller("calendly", "Bookings (Calendly)", DEPOT, "calendly", {"secret": "sandbox-calendly"}),
)


@dataclass(frozen=True)
class Aim:
    """A target: of which kind, how long, and for what; an empty field matches everything."""

    kind: TargetKind
    length: LengthKind
    amount: int
    severity: Severity | None = None
    exception_type: str = ""
    tier: str = ""
    site: str = ""


_ACKNOWLEDGE, _UPDATE, _RESOLVE = TargetKind
_WORKING, _ELAPSED, _BUSINESS_DAYS, _ = LengthKind

AIMS = (
    Aim(_ACKNOWLEDGE, _WORKING, 240),
    Aim(_ACKNOWLEDGE, _ELAPSED, 15, Severity.CRITICAL),
    Aim(_ACKNOWLEDGE, _ELAPSED, 30, Severity.HIGH),
    Aim(_ACKNOWLEDGE, _WORKING, 120, Severity.MEDIUM),
    Aim(_ACKNOWLEDGE, _WORKING, 60, exception_type="complaint"),
    Aim(_ACKNOWLEDGE, _ELAPSED, 20, Severity.HIGH, tier="gold"),
    Aim(_ACKNOWLEDGE, _ELAPSED, 10, Severity.CRITICAL, site=DEPOT),
    Aim(_ACKNOWLEDGE, _ELAPSED, 20, Severity.HIGH, site=DEPOT),
    Aim(_ACKNOWLEDGE, _ELAPSED, 60, Severity.MEDIUM, site=DEPOT),
    Aim(_UPDATE, _BUSINESS_DAYS, 1),
    Aim(_UPDATE, _ELAPSED, 60, Severity.CRITICAL),
    Aim(_UPDATE, _ELAPSED, 120, Severity.HIGH),
    Aim(_UPDATE, _WORKING, 480, Severity.MEDIUM),
    Aim(_RESOLVE, _BUSINESS_DAYS, 5),
    Aim(_RESOLVE, _ELAPSED, 240, Severity.CRITICAL),
    Aim(_RESOLVE, _ELAPSED, 1440, Severity.HIGH),
    Aim(_RESOLVE, _BUSINESS_DAYS, 2, Severity.MEDIUM),
    Aim(_RESOLVE, _ELAPSED, 480, Severity.HIGH, site=DEPOT),
    Aim(_RESOLVE, _ELAPSED, 720, Severity.MEDIUM, site=DEPOT),
    Aim(_RESOLVE, _ELAPSED, 480, Severity.HIGH, exception_type="no_show"),
)
