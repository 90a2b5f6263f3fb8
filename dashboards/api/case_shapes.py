"""How cases, their clocks, links and timelines look to programs."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dashboards.api.shapes import OrNull, PageOut, SeverityField
from exceptions_app.cases.detail import Detail
from exceptions_app.cases.linked import LinkLine
from exceptions_app.cases.rows import Badge, ClockFace, Row
from exceptions_app.cases.steps import Step
from exceptions_app.cases.unkept import Unkept
from exceptions_app.models import Entry
from exceptions_app.sla.hours import Span
from exceptions_app.vocabulary import (
    ActorKind,
    DeliveryState,
    ExceptionType,
    LengthKind,
    Status,
    SubjectKind,
    TargetKind,
)

#: Verbs whose path is shorter than their name.
PATHS = {"change_severity": "severity"}
BADGE_STATES = ["linked", "sending", "failed"]


class ClockOut(serializers.Serializer[ClockFace]):
    """A target's clock on a case, as it stands."""

    target = serializers.ChoiceField(TargetKind.choices, source="kind")
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="Null while paused")
    warn_at = serializers.DateTimeField(allow_null=True)
    paused = serializers.BooleanField()
    paused_since = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    breached_at = serializers.DateTimeField(allow_null=True)


class BadgeOut(serializers.Serializer[Badge]):
    """A platform that knows of the case."""

    platform = serializers.CharField()
    connection = serializers.CharField(source="name")
    state = serializers.ChoiceField(BADGE_STATES)
    url = serializers.CharField()


class PersonOut(serializers.Serializer[Any]):
    """Somebody who can own a case."""

    username = serializers.CharField(help_text="Sign-in name")
    name = serializers.CharField()


class CaseOut(serializers.Serializer[Any]):
    """A case. ``version`` counts its changes; send it back to be told if somebody was faster."""

    id = serializers.IntegerField()
    number = serializers.CharField(source="shown_number", help_text="Such as EX-1042")
    version = serializers.IntegerField()
    title = serializers.CharField()
    type = serializers.ChoiceField(ExceptionType.choices, source="exception_type")
    severity = SeverityField()
    status = serializers.ChoiceField(Status.choices)
    site = serializers.CharField(source="site_slug", help_text="Slug of the site")
    team = OrNull(source="team_slug", help_text="Slug of the team at that site")
    assignee = serializers.SerializerMethodField("owner_of")
    subject = serializers.IntegerField(source="subject_id", allow_null=True)
    reference = serializers.CharField()
    customer = serializers.CharField()
    tier = serializers.CharField()
    value = serializers.DecimalField(14, 2, allow_null=True)
    promised_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    changed_at = serializers.DateTimeField(help_text="When something was done to it last")
    due_at = serializers.DateTimeField(allow_null=True, help_text="When its next clock is due")
    breached = serializers.BooleanField(help_text="A target was missed")
    waiting_for = serializers.CharField()
    repeats = serializers.IntegerField(help_text="How often it was seen again")
    rule = serializers.CharField(help_text="Which rule found it; empty if a person flagged it")
    imported = serializers.BooleanField(help_text="Replayed from history: nothing goes out for it")
    part_of = OrNull(source="parent", help_text="Number of the event that it is one of many of")
    inside = serializers.IntegerField(help_text="How many cases this event has in it")
    quarantine = OrNull(
        help_text="Name of the source in quarantine that it came from: nothing goes out for it"
    )
    clock = ClockOut(allow_null=True, help_text="The clock that is due first")
    links = BadgeOut(many=True)
    url = serializers.SerializerMethodField("page_of", help_text="Its page")

    @extend_schema_field(PersonOut(allow_null=True))
    def owner_of(self, row: Row) -> dict[str, str] | None:
        if not row.assignee_id:
            return None
        return {"username": row.assignee_username, "name": row.assignee}

    def page_of(self, row: Row) -> str:
        return f"{settings.BASE_URL}{reverse('case', args=[row.id])}"


class UnkeptOut(serializers.Serializer[Unkept]):
    """What was promised, is over and has not come, with no other open case about it."""

    milestone = serializers.CharField()
    promised_at = serializers.DateTimeField()


class ResolvedOut(CaseOut):
    """A case as it was resolved, and what of its subject is overdue all the same."""

    unkept = UnkeptOut(allow_null=True, help_text="Null if nothing is, or another case is open")


class CasesOut(PageOut):
    results = CaseOut(many=True)


class StepOut(serializers.Serializer[Step]):
    """A verb: whether you may use it on the case now, else why not."""

    verb = serializers.SerializerMethodField("path_of", help_text="The last part of its path")
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for a field
    allowed = serializers.BooleanField()
    why = serializers.CharField(help_text="Empty if allowed")

    def path_of(self, step: Step) -> str:
        return PATHS.get(step.verb, step.verb)


class LinkOut(serializers.Serializer[LinkLine]):
    """The case's counterpart on a platform, and the newest thing we owed it."""

    platform = serializers.CharField()
    connection = serializers.CharField(source="name")
    external_id = serializers.CharField()
    url = serializers.CharField()
    status = serializers.CharField(help_text="Over there, when last heard")
    delivery = serializers.UUIDField(source="delivery_id", allow_null=True)
    operation = serializers.CharField(help_text="Empty if nothing is owed")
    state = serializers.ChoiceField(DeliveryState.choices)
    reason = serializers.CharField()
    attempts = serializers.IntegerField()


class AboutOut(serializers.Serializer[Any]):
    """The subject of a case, in short."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(SubjectKind.choices)
    reference = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for a field
    customer = serializers.CharField()


class WholeOut(serializers.Serializer[Any]):
    """What only one case shows, and a list does not."""

    description = serializers.CharField()
    cause = serializers.CharField()
    rule = serializers.CharField(help_text="The rule that found it; empty if a person did")
    evidence = serializers.DictField(help_text="The facts that justified it, frozen")
    waiting_until = serializers.DateTimeField(allow_null=True)
    clocks = ClockOut(many=True)
    steps = StepOut(many=True, help_text="What you may do with it now")
    connections = LinkOut(many=True, source="links")
    about = AboutOut(source="subject", allow_null=True)
    related = serializers.SerializerMethodField(
        "numbers_of", help_text="Numbers of cases about the same thing"
    )

    def numbers_of(self, whole: Detail) -> list[str]:
        return [row.shown_number for row in whole.related]


class CaseDetailOut(CaseOut, WholeOut):
    """A case with everything that belongs to it but its timeline."""

    def to_representation(self, instance: Detail) -> dict[str, Any]:
        return {
            **CaseOut().to_representation(instance.row),
            **WholeOut().to_representation(instance),
        }


class ActorOut(serializers.Serializer[Entry]):
    kind = serializers.ChoiceField(ActorKind.choices, source="actor_kind")
    id = serializers.CharField(source="actor_id")
    name = serializers.CharField(source="actor_name")


class EntryOut(serializers.Serializer[Entry]):
    """One thing that happened to a case; its digest covers all entries before it."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    verb = serializers.CharField(help_text="Such as case.acknowledged")
    actor = ActorOut(source="*")
    data = serializers.DictField()  # type: ignore[assignment]  # DRF takes the attribute for a field
    digest = serializers.SerializerMethodField("digest_of", help_text="SHA-256, hexadecimal")

    def digest_of(self, entry: Entry) -> str:
        return bytes(entry.digest).hex()


class EntriesOut(PageOut):
    results = EntryOut(many=True)
    later = serializers.URLField(help_text="Reads what is recorded after these; never null")


class SpanOut(serializers.Serializer[Span]):
    """A stretch of time, whether it counted, and why."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    counted = serializers.BooleanField()
    reason = serializers.CharField()


class ProvenClockOut(ClockOut):
    """A clock and its proof: stretches that tile its life; the counted ones add up to ``spent_seconds``."""

    length_kind = serializers.ChoiceField(LengthKind.choices)
    amount = serializers.IntegerField(help_text="Minutes for hours, else days")
    spent_seconds = serializers.SerializerMethodField("seconds_of")
    proof = SpanOut(many=True)

    def seconds_of(self, clock: Mapping[str, Any]) -> int:
        spans: Iterable[Span] = clock["proof"]
        return round(sum(span.length.total_seconds() for span in spans if span.counted))


class ClocksOut(serializers.Serializer[Any]):
    results = ProvenClockOut(many=True)
