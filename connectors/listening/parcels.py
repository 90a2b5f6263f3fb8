"""What trackers tell of a parcel, as signals about its order; every tracker says the same in words of its
own.

The order is the one whose number the merchant gave the tracker, else the one that has the tracking
number, else, when nobody has told of one for a while, a subject that goes by the tracking number.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.listening.kit import (
    LONG_AGO,
    Signal,
    Sought,
    Subject,
    filled,
    moment_of,
    of_parcel,
    setting,
    told,
)

#: A parcel has hardly more; the newest are kept.
MOST_SCANS = 100
#: After these words its order does not wait for it any more.
ENDS = ("delivered", "lost", "returned_to_sender")


@dataclass(frozen=True)
class Scan:
    """One thing that a carrier said; ``word`` is ours, and empty where it says nothing of the way."""

    at: str
    word: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """What a tracker tells of a parcel.

    ``tracker`` is the vendor's id for the parcel, ``event`` its id for this call. ``promised_at`` is
    what the merchant told the customer, ``expected_at`` what the carrier reckons, which promises nobody
    anything.
    """

    tracker: str
    number: str
    carrier: str
    event: str
    at: str
    promised_at: str = ""
    expected_at: str = ""
    order: str = ""
    wait: int = 0

    @property
    def name(self) -> str:
        """What tells it from every other parcel, also where the vendor leaves its id out."""
        return self.tracker or f"{self.carrier}:{self.number}"

    @property
    def subject(self) -> Subject:
        alone = Sought(self.number, parcel=self.number, patience=timedelta(hours=self.wait))
        return Subject(
            reference=self.order.lstrip("#") or alone,
            attributes=filled(
                {"carrier": self.carrier, "tracking_number": self.number, "tracked": True}
            ),
        )


def signals(tracking: Tracking, scans: Iterable[Scan]) -> Iterator[Signal]:
    """Each scan once, however often it is told: its id is made of what it says and when."""
    said = sorted((scan for scan in scans if scan.word), key=lambda scan: moment_of(scan.at))
    for scan in said[-MOST_SCANS:]:
        ends = scan.word in ENDS
        name = f"{tracking.name}:{scan.at}:{scan.word}{'+' * ends}:{scan.note}"
        word, which = f"order.{scan.word}", of_parcel(tracking.number) if ends else {}
        yield told(word, name, scan.at, tracking.subject, note=scan.note, parcels=which)
    moving = [scan.at for scan in said if scan.word in ("scanned", "delivered")]
    # One without a time is refused by itself; it says nothing of when the parcel left.
    if first := next((at for at in moving if moment_of(at) > LONG_AGO), ""):
        name, order = f"{tracking.name}:{first}:sent", tracking.subject
        yield told("order.shipped", name, first, order, parcels=of_parcel(tracking.number))
    if "delivered" not in {scan.word for scan in said}:
        yield from coming(tracking)


def coming(tracking: Tracking) -> Iterator[Signal]:
    """What was promised, and what the carrier expects: a slipping carrier must not move the promise."""
    at, order = tracking.at, tracking.subject
    if day := tracking.promised_at:
        yield told("order.promised", f"{tracking.event}:promise", at, order, promised_at=day)
    if day := tracking.expected_at:
        steps = {"delivered": {"expected_at": day}}
        yield told("order.updated", f"{tracking.event}:expected", at, order, milestones=steps)


#: What an exception is about, by what its message says; the first that fits.
REASONS = (
    ("customs", ("customs", "clearance", "duties")),
    ("weather", ("weather", "storm", "snow", "flood", "hurricane")),
    ("damaged", ("damage",)),
    ("lost", ("lost",)),
    ("returned_to_sender", ("return",)),
    ("address_failed", ("address",)),
)


def because(message: str) -> str:
    """Our word for an exception that the carrier only describes; one that fits none is still a scan."""
    text = message.lower()
    return next((word for word, said in REASONS if any(one in text for one in said)), "scanned")


def wait_hours() -> Any:
    """How long a parcel waits for its order: the setting that trackers share."""
    return setting(
        "Hours to wait for its order",
        "1",
        "A parcel that no order has by then is watched by its tracking number; 0: at once",
        default=1,
    )
