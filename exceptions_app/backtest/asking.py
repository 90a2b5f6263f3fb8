"""Asking for a backtest, and working on it; a worker that dies leaves it to the next (D1, D3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from exceptions_app import leases
from exceptions_app.backtest.adopting import gone_by
from exceptions_app.backtest.history import from_stored
from exceptions_app.backtest.models import Backtest
from exceptions_app.backtest.running import ModelName, Report, run
from exceptions_app.detection.changing import VERB, adopt, document_now
from exceptions_app.detection.editing import Edit
from exceptions_app.detection.models import RiskModel
from exceptions_app.detection.policy import Document, built, current
from exceptions_app.detection.risk import trained
from exceptions_app.detection.risk.foresight import chosen_json
from exceptions_app.errors import DeskError, NotFound, Refused
from exceptions_app.people import access
from exceptions_app.people.access import SYSTEM, Actor
from exceptions_app.people.models import Site
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import BacktestState, SubjectKind

#: From how far back it is heard: longer than any season, and no more subjects than a worker has the time for.
STRETCH, MOST_SUBJECTS = timedelta(days=365), 50_000
#: How long between two notes of how far it is.
NOTE = timedelta(seconds=1)
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Question:
    """A site's history of one kind, judged from a day on; ``edit`` is a change to try beside.

    One that ``refits`` is the desk's own: what it learns holds at once where such is switched on.
    """

    site: Site
    kind: SubjectKind
    start: date | None = None
    model: ModelName = "plain"
    edit: Edit | None = None
    refits: bool = False


def ask(question: Question, *, by: Actor, at: datetime) -> Backtest:
    """Have a worker replay the history by the policy that holds, and by the edited one beside it."""
    site, edit = question.site, question.edit
    access.insist(by, VERB, site_id=site.pk)
    if question.model == "trained" and not trained.is_there():
        raise Refused.about("model", trained.NEEDED)
    return Backtest.objects.create(
        asked_at=at,
        actor_id=by.id,
        actor_name=by.name,
        site=site,
        kind=question.kind,
        start=question.start,
        model=question.model,
        refits=question.refits,
        about=edit.about if edit else "",
        said=edit.said if edit else "",
        document=edit.applied(document_now()) if edit else None,
    )


def visible(by: Actor) -> QuerySet[Backtest]:
    rows = Backtest.objects.select_related("site", "learned").defer("learned__learned")
    return access.visible(rows, by, team="")


def one(backtest_id: UUID, *, by: Actor) -> Backtest:
    found = visible(by).filter(pk=backtest_id).first()
    if found is None:
        raise NotFound("There is no such backtest, or it is of a site you do not work for.")
    return found


def cancel(backtest_id: UUID, *, by: Actor, at: datetime) -> None:
    found = one(backtest_id, by=by)
    access.insist(by, VERB, site_id=found.site_id)
    to_do = (BacktestState.WAITING, BacktestState.RUNNING)
    rows = Backtest.objects.filter(pk=found.pk, state__in=to_do)
    rows.update(state=BacktestState.CANCELLED, done_at=at)


def free(at: datetime) -> QuerySet[Backtest]:
    """Those that nobody works on."""
    to_do = (BacktestState.WAITING, BacktestState.RUNNING)
    return Backtest.objects.filter(leases.left(at), state__in=to_do)


def waiting(at: datetime) -> bool:
    return free(at).exists()


def claim(at: datetime) -> Backtest | None:
    """Of those that nobody works on, the oldest of the least tried; one that breaks keeps nobody waiting."""
    rows = free(at).select_related("site").order_by("tries", "asked_at")
    given_up = partial(end, state=BacktestState.FAILED, at=at, problem=leases.GIVEN_UP)
    return leases.claim(rows, at, given_up)


def work(*, now: Clock) -> bool:
    """Do one of those that wait, if there is one."""
    ours = claim(now())
    if ours is None:
        return False
    try:
        report = Work(ours, now).report()
    except leases.TakenOver:
        return True
    except DeskError as refusal:
        end(ours, BacktestState.FAILED, at=now(), problem=str(refusal))
    else:
        end(ours, BacktestState.DONE, at=now(), report=report, share=1.0)
    return True


def end(
    of: Backtest, state: BacktestState, *, at: datetime, problem: str = "", **rest: Any
) -> None:
    leases.end(of, state, done_at=at, problem=problem[:500], **rest)


def begin_of(of: Backtest) -> datetime | None:
    """From when on its history is heard; what came later of earlier subjects is left out with them."""
    known = Subject.objects.filter(site=of.site, kind=of.kind).order_by("-opened_at")
    opened = known.values_list("opened_at", flat=True)
    newest, too_many = opened.first(), opened[MOST_SUBJECTS : MOST_SUBJECTS + 1].first()
    if newest is None:
        return None
    asked = datetime.combine(of.start, time(), ZoneInfo(of.site.time_zone)) if of.start else newest
    return max(filter(None, (min(newest, asked) - STRETCH, too_many)))


@dataclass
class Work:
    """One backtest by one worker."""

    of: Backtest
    now: Clock
    noted_at: datetime | None = None
    #: How many walks there are, and how many are behind us.
    walks: int = 1
    walked: int = 0

    def report(self) -> dict[str, Any]:
        self.walks = 1 if self.of.document is None else 2
        report = self.walk(document_now())
        self.keep(report)
        document = dict(report.document)
        if self.of.document is not None:
            self.walked = 1
            return {**self.walk(self.of.document).document, "current": document}
        return document

    def walk(self, tried: Document) -> Report:
        """By a policy without what was learned at its sites: that knows how this history went on."""
        site, now = self.of.site, current()
        policy = built(tried, hours=now.hours, version=now.version)
        zone, start = ZoneInfo(site.time_zone), self.of.start
        return run(
            from_stored(
                site, SubjectKind(self.of.kind), since=begin_of(self.of), loading=self.alive
            ),
            policy,
            model="trained" if self.of.model == "trained" else "plain",
            start=datetime.combine(start, time(), zone) if start else None,
            progress=self.note,
        )

    def note(self, heard: int, of: int, as_of: datetime) -> None:
        share = (self.walked + heard / max(of, 1)) / self.walks
        self.alive(share=share, as_of=as_of)

    def alive(self, **told: Any) -> None:
        """Have it for another while, and say how far it is, if that was not done just now."""
        at = self.now()
        if not self.noted_at or at - self.noted_at >= NOTE:
            self.noted_at = at
            leases.note(self.of, at, **told)

    @transaction.atomic
    def keep(self, report: Report) -> None:
        """What was learned is there to be switched on with this backtest; a refit's holds at once."""
        if self.of.model == "trained":
            return
        at, figures = self.now(), report.document
        names = ("subjects", "missed", "alerts_per_100", "precision", "recall", "mean_lead_days")
        learned = RiskModel.objects.create(
            site=self.of.site,
            kind=self.of.kind,
            made_at=at,
            promises=report.promises,
            figures={name: figures[name] for name in names},
            learned=report.foresight.model.as_json(),
            thresholds=chosen_json(report.foresight.chosen),
        )
        if self.of.refits and (self.of.site, SubjectKind(self.of.kind)) in gone_by([self.of.site]):
            adopt(learned, by=SYSTEM, at=at, asked_at=self.of.asked_at)
        # Its row is locked after the policy, never before.
        leases.note(self.of, at, learned=learned)
