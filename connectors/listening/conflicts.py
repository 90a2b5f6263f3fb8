"""What platforms said that the policy could not settle: listed for people, and settled by one (Y2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from connectors.models import HookCall
from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted
from exceptions_app.mirroring import settling
from exceptions_app.mirroring.settling import SPOKEN, TAKEN, Choice, Conflict
from exceptions_app.models import Case, Connection, Link
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import OPEN_STATUSES

SHOWN = 100
ONLY_PEOPLE = "Your role does not let you see what platforms said. Ask a lead of your site."


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One field, and what each side holds; without a case it is a call that nobody understood."""

    call_id: int
    field: str
    name: str
    theirs: str
    ours: str
    sentence: str
    at: datetime
    connection: str
    platform: str
    case: Case | None
    url: str
    may_settle: bool

    @property
    def takes_person(self) -> bool:
        return self.field == "assignee_email" or (self.field, self.theirs) == ("verb", "claim")

    @property
    def may_take(self) -> bool:
        """An owner only of what is open; the rest is tried, and refused with its reason."""
        case = self.case
        open_now = case is not None and case.status in OPEN_STATUSES
        return self.field in TAKEN and (open_now or not self.takes_person)


def insist_sees(by: Actor) -> None:
    if not access.may_somewhere(by, "see_deliveries"):
        raise NotPermitted(ONLY_PEOPLE)


def visible(by: Actor) -> QuerySet[HookCall]:
    """What waits for a person, of the actor's cases; what is of no case is for administrators."""
    mine = access.scope(by, verb="see_deliveries", site="case__site_id", team="case__team_id")
    if not access.may(by, "configure"):
        mine &= Q(case__isnull=False)
    return HookCall.objects.filter(
        mine, state=HookCall.State.CONFLICT, connection__isnull=False
    ).order_by("-pk")


def count(by: Actor) -> int:
    return visible(by).count()


def listed(by: Actor) -> list[ConflictRow]:
    """The newest first, in two statements."""
    insist_sees(by)
    related = ("connection", "case__site", "case__team", "case__assignee")
    calls = list(visible(by).select_related(*related).defer("body", "headers", "proofs")[:SHOWN])
    links = Link.objects.filter(case__in={call.case_id for call in calls if call.case_id})
    urls = {(one.case_id, one.connection_id): one.url for one in links}
    return [
        row
        for call in calls
        for row in rows_of(call, urls.get((call.case_id or 0, call.connection_id or 0), ""), by)
    ]


def rows_of(call: HookCall, url: str, by: Actor) -> Iterator[ConflictRow]:
    case, where = call.case, call.connection
    if where is None:
        return
    may = case is None or access.may(by, "assign", site_id=case.site_id, team_id=case.team_id)
    for one in call.conflicts or [{"field": "", "theirs": ""}]:
        field = one["field"]
        yield ConflictRow(
            call.pk,
            field,
            SPOKEN.get(field, ""),
            one["theirs"],
            ours(case, field) if case else "",
            call.outcome,
            call.at,
            where.name,
            where.platform,
            case,
            url,
            may,
        )


def ours(case: Case, field: str) -> str:
    """What the case holds now of that field."""
    owner = case.assignee.shown_name() if case.assignee else "nobody"
    status = str(case.get_status_display())
    known = {"assignee_email": owner, "status": status, "verb": f"{status}, with {owner}"}
    return known.get(field, "")


@transaction.atomic
def settle(
    call_id: int, field: str, choice: Choice, *, by: Actor, at: datetime, to: int | None = None
) -> HookCall:
    """Settle one field of a call; the call is done with when none is left."""
    insist_sees(by)
    call = (
        HookCall.objects.select_for_update(of=("self",))
        .filter(pk__in=visible(by).values("pk"), pk=call_id)
        .select_related("connection", "case")
        .first()
    )
    if call is None:
        raise NotFound("There is no such conflict any more, or it is not yours to see.")
    chosen = [one for one in call.conflicts if one["field"] == field][:1]
    if field and not chosen:
        raise NotAllowedNow("Somebody has just settled this.")
    if call.case and call.connection and chosen:
        settling.settle(
            conflict_of(call, call.case, call.connection, chosen), choice, by=by, at=at, to=to
        )
    call.conflicts = [one for one in call.conflicts if one not in chosen]
    if not call.conflicts:
        call.state = HookCall.State.NOTHING
        call.settled_at, call.settled_by = at, by.name[:120]
    call.save(update_fields=["conflicts", "state", "settled_at", "settled_by"])
    return call


def conflict_of(
    call: HookCall, case: Case, where: Connection, chosen: Sequence[dict[str, str]]
) -> Conflict:
    (one,) = chosen
    return Conflict(f"conflict:{call.pk}:{one['field']}", case, where, one["field"], one["theirs"])
