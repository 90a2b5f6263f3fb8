"""History to be replayed: the signals of a file or of the desk, in the order in which they were heard."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from exceptions_app.errors import Refused
from exceptions_app.intake.columns import ColumnMapping
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.intake.tables import rows
from exceptions_app.people.models import Site
from exceptions_app.subjects.models import Signal
from exceptions_app.vocabulary import SubjectKind

#: A signal, and when it was heard.
Heard = tuple[datetime, NewSignal]


@dataclass(frozen=True)
class History:
    """Signals of one kind of subject in the order of their hearing.

    ``outcomes`` says of a reference whether its promise was missed, where the source tells; it is for
    judging in the end, and nothing that decides can see it. ``cut`` is the last moment that is known.
    """

    name: str
    kind: SubjectKind
    zone: tzinfo
    signals: Sequence[Heard]
    outcomes: Mapping[str, bool] | None = None
    site_id: int | None = None
    refused: int = 0

    @property
    def cut(self) -> datetime:
        return self.signals[-1][0]


def from_file(path: Path, mapping: ColumnMapping) -> History:
    """Each signal of the file is heard at its own moment."""
    told: dict[str, bool] = {}
    refused = 0
    heard: list[Heard] = []
    for read in rows(path, mapping):
        try:
            signals = [parse(item) for item in mapping.signals(read)]
        except Refused:
            refused += 1
            continue
        refused += sum(isinstance(signal, dict) for signal in signals)
        heard += [(one.occurred_at, one) for one in signals if isinstance(one, NewSignal)]
        if (missed := mapping.missed(read)) is not None:
            told[mapping.subject(read)] = missed
    outcomes = told if mapping.outcome else None
    return of(path.name, heard, zone=ZoneInfo(mapping.zone), outcomes=outcomes, refused=refused)


def from_stored(
    site: Site,
    kind: SubjectKind,
    *,
    since: datetime | None = None,
    loading: Callable[[], None] = lambda: None,
) -> History:
    """Each signal that a site was sent is heard when it was received; replayed ones at their own moment.

    Only of subjects first heard of ``since`` then. ``loading`` is called now and then.
    """
    stored = Signal.objects.filter(subject__site=site, subject__kind=kind, subject__isnull=False)
    if since:
        stored = stored.filter(subject__opened_at__gte=since)
    found = stored.order_by("occurred_at", "id").values_list(
        "received_at", "occurred_at", "subject__imported", "body"
    )
    heard = []
    for number, row in enumerate(found.iterator(chunk_size=5000)):
        received_at, occurred_at, imported, body = row
        if number % 1000 == 0:
            loading()
        signal = parse(body)
        if isinstance(signal, NewSignal):
            heard.append((occurred_at if imported else received_at, signal))
    if not heard:
        raise Refused(f"No {kind.plural} of {site} yet, so there is nothing to judge.")
    return of(str(site), heard, zone=ZoneInfo(site.time_zone), site_id=site.pk)


def of(name: str, heard: Iterable[Heard], *, zone: tzinfo, **rest: Any) -> History:
    """The signals as they came; where several came at once, in an order that does not depend on the file."""
    ordered = sorted(heard, key=lambda one: (one[0], one[1].reference, one[1].external_id))
    if not ordered:
        raise Refused("There are no signals in this history.")
    kinds = {signal.kind for _, signal in ordered}
    if len(kinds) > 1:
        raise Refused(f"This history is about several kinds: {', '.join(sorted(kinds))}.")
    return History(name, kinds.pop(), zone, without_repeats(ordered), **rest)


def without_repeats(ordered: Iterable[Heard]) -> list[Heard]:
    """What was sent twice is heard once, as the intake does."""

    def fresh() -> Iterator[Heard]:
        seen: set[tuple[str, str]] = set()
        for at, signal in ordered:
            name = signal.source, signal.external_id
            if name not in seen:
                seen.add(name)
                yield at, signal

    return list(fresh())
