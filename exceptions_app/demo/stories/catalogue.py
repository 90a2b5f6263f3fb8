"""Which stories there are, how often each is told, and telling one; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random

from exceptions_app.demo.stories import appointments, deals, orders, payments
from exceptions_app.demo.stories.base import Saying, Story
from exceptions_app.vocabulary import SubjectKind


@dataclass(frozen=True)
class Plot:
    """A kind of subject and how it goes; ``weight`` is how often, ``breaks`` whether a rule speaks."""

    kind: SubjectKind
    twist: str
    weight: int
    breaks: bool = False
    overture: bool = False


_DEAL, _ORDER, _VISIT, _PAYMENT = (
    SubjectKind.DEAL,
    SubjectKind.ORDER,
    SubjectKind.APPOINTMENT,
    SubjectKind.PAYMENT,
)
PLOTS = (
    Plot(_DEAL, "kept", 130),
    Plot(_DEAL, "delayed", 30),
    Plot(_DEAL, "late", 22, breaks=True),
    Plot(_DEAL, "at_risk", 14, breaks=True),
    Plot(_ORDER, "kept", 280),
    Plot(_ORDER, "called_off", 20),
    Plot(_ORDER, "late", 34, breaks=True),
    Plot(_ORDER, "quiet", 18, breaks=True),
    Plot(_VISIT, "kept", 180),
    Plot(_VISIT, "late", 24, breaks=True),
    Plot(_VISIT, "called_off", 12, breaks=True),
    Plot(_VISIT, "moved", 12, breaks=True),
    Plot(_VISIT, "missed", 12, breaks=True),
    Plot(_VISIT, "put_off", 8, breaks=True),
    Plot(_PAYMENT, "kept", 120),
    Plot(_PAYMENT, "finance_kept", 60),
    Plot(_PAYMENT, "failed", 18, breaks=True),
    Plot(_PAYMENT, "finance_declined", 12, breaks=True),
    Plot(_PAYMENT, "finance_unanswered", 12, breaks=True),
)
#: What happens in the first minute of a demo, so that the board lives at once.
OVERTURE = tuple(
    Plot(kind, twist, 0, breaks=True, overture=True)
    for kind, twist in (
        (_DEAL, "at_risk"),
        (_PAYMENT, "failed"),
        (_VISIT, "missed"),
        (_ORDER, "late"),
        (_VISIT, "called_off"),
        (_DEAL, "late"),
        (_VISIT, "late"),
    )
)
_TELL: Mapping[SubjectKind, Callable[[Story, str], None]] = {
    _DEAL: deals.deal,
    _ORDER: orders.order,
    _VISIT: appointments.appointment,
    _PAYMENT: payments.payment,
}


def plot_of(rng: Random) -> Plot:
    return rng.choices(PLOTS, [plot.weight for plot in PLOTS])[0]


def tell(
    plot: Plot, rng: Random, *, begins: datetime, number: str, pace: float = 1.0
) -> list[Saying]:
    """What the sources will say about one subject, in the order of saying it."""
    story = Story(rng, begins, number, pace)
    _TELL[plot.kind](story, plot.twist)
    return sorted(story.said, key=lambda saying: saying.at)
