"""Our own critical failures: what could not be told is a case of its own, one per connection (T20)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q

from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening, open_cases
from exceptions_app.detection import keyed
from exceptions_app.outbox.models import Delivery
from exceptions_app.people.access import by_rule
from exceptions_app.timeline.entries import New, record_many
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import OPEN_STATUSES, OWED, TROUBLED, ExceptionType, Severity

RULE = "own.failure"
#: What is told of a delivery that a person has to see to.
TROUBLE = ("delivery.dead", "delivery.uncertain")
TOLD = "What could not be told has been sent, or somebody decided that it need not be."


def on_recorded(entries: Sequence[Entry]) -> None:
    """Open a case about the connection, or note on the open one that it happened again."""
    for entry in entries:
        if entry.verb in TROUBLE:
            case = Case.objects.select_related("site").get(pk=entry.case_id)
            # What tells of a failure may fail as well; once is enough.
            if case.exception_type != ExceptionType.INTEGRATION_FAILED:
                raise_one(entry, case)


def raise_one(entry: Entry, about: Case) -> None:
    name = str(entry.data.get("connection", "A connection"))
    key, evidence = f"{RULE}:{name}"[:160], facts(entry, about)
    known = Case.objects.select_for_update().filter(key=key, status__in=OPEN_STATUSES).first()
    if known:
        told = {"title": f"{about}: {evidence['reason']}", "signals": []}
        Case.objects.filter(pk=known.pk).update(repeats=F("repeats") + 1, last_seen_at=entry.at)
        record_many([New(known.pk, "case.repeated", by_rule(RULE), entry.at, told)])
        return
    opening = Opening(
        title=f"{name} could not be told"[:200],
        exception_type=ExceptionType.INTEGRATION_FAILED,
        severity=Severity.HIGH,
        site_id=about.site_id,
        by=by_rule(RULE),
        at=entry.at,
        description=f"{about} ({about.title}): {evidence['reason']} "
        "Open the delivery log, mend the cause, and send again what is dead.",
        rule=RULE,
        key=key,
        since=entry.at,
        evidence=evidence,
    )
    open_cases([opening], at=entry.at)


def watch(at: datetime) -> None:
    """Settle the case of each connection to which everything is told by now, by whomever."""
    cases = list(Case.objects.filter(rule=RULE, status__in=OPEN_STATUSES))
    # What tells of such a case may have failed as well; that keeps none of them open.
    ours = Q(case__exception_type=ExceptionType.INTEGRATION_FAILED)
    tried = Q(state__in=OWED) & (Q(due_at__lte=at) | Q(attempts__gt=0))
    untold = Delivery.objects.filter(~ours, Q(state__in=TROUBLED) | tried).order_by()
    about = {case.pk: str(case.evidence.get("connection")) for case in cases}
    left = untold.filter(connection__name__in=set(about.values()))
    still = set(left.values_list("connection__name", flat=True).distinct())
    for case in cases:
        if about[case.pk] not in still:
            keyed.end(case.pk, RULE, at=at, cause="Told after all", text=TOLD)


def facts(entry: Entry, about: Case) -> dict[str, object]:
    """Frozen with the case: what was to be told to whom, and why it was not."""
    waiting = Delivery.objects.filter(
        connection__name=entry.data.get("connection"), state__in=("waiting", "dead", "uncertain")
    )
    told = {name: entry.data.get(name, "") for name in ("connection", "platform", "operation")}
    reason = str(entry.data.get("reason", ""))
    return {**told, "reason": reason, "case": str(about), "untold": waiting.count()}
