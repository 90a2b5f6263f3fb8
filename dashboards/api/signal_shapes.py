"""How a posted signal and its receipt look, for the documentation; ``intake.shape`` does the checking."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from exceptions_app.intake.accept import MOST
from exceptions_app.intake.shape import PLAIN
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import Outcome, SubjectKind

EXAMPLE: dict[str, Any] = {
    "source": "scheduler",
    "external_id": "apt-8812-booked",
    "type": "appointment.booked",
    "occurred_at": "2026-03-09T09:30:00+01:00",
    "subject": {
        "reference": "A-8812",
        "site": "kestrel-2",
        "label": "Heat pump service, Talstrasse 4",
        "customer": {"name": "José Núñez", "phone": "+49 151 0000000"},
        "attributes": {"technician": "T. Okafor"},
    },
    "promise": {"promised_at": "2026-03-11T10:00:00+01:00"},
    "milestones": {"checked_in": {"expected_at": "2026-03-11T10:00:00+01:00"}},
}


def words() -> str:
    """Every type a signal can have."""
    return "; ".join(
        f"{kind}: " + ", ".join((*journey.milestones, *journey.reports, *PLAIN))
        for kind, journey in JOURNEYS.items()
    )


def planned() -> str:
    """The kinds that have a time window."""
    return ", ".join(kind for kind, journey in JOURNEYS.items() if journey.planned)


def parcelled() -> str:
    """The kinds that travel in parcels."""
    return ", ".join(kind for kind, journey in JOURNEYS.items() if journey.parcelled)


def documents() -> str:
    """Every document that a kind may have."""
    return "; ".join(
        f"{kind}: {', '.join(journey.documents)}"
        for kind, journey in JOURNEYS.items()
        if journey.documents
    )


class CustomerOfSignal(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=160)
    email = serializers.CharField(required=False, max_length=160)
    phone = serializers.CharField(required=False, max_length=160)


class SubjectOfSignal(serializers.Serializer[Any]):
    """What the signal is about. What is left out stays as it is known."""

    reference = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(
        SubjectKind.choices, required=False, help_text="Follows from the type of the signal"
    )
    site = serializers.CharField(
        required=False, max_length=50, help_text="Slug; the source's own site if left out"
    )
    team = serializers.CharField(required=False, max_length=50, help_text="Slug of a team there")
    label = serializers.CharField(required=False, max_length=160)  # type: ignore[assignment]  # DRF takes the attribute for a field
    customer = CustomerOfSignal(required=False)
    tier = serializers.CharField(required=False, max_length=20)
    value = serializers.DecimalField(14, 2, required=False)
    attributes = serializers.DictField(required=False, help_text="Depends on the kind")


class StepOfSignal(serializers.Serializer[Any]):
    expected_at = serializers.DateTimeField(required=False, allow_null=True)
    actual_at = serializers.DateTimeField(required=False, allow_null=True)


class PromiseOfSignal(serializers.Serializer[Any]):
    promised_at = serializers.DateTimeField()
    reason = serializers.CharField(required=False, max_length=200)


class WindowOfSignal(serializers.Serializer[Any]):
    """The time window that the customer was told; of kinds that have one."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class DocumentOfSignal(serializers.Serializer[Any]):
    """A document as the source has it. What is left out stays as it is known."""

    received_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Without it the document is not there yet"
    )
    expires_on = serializers.DateField(required=False, allow_null=True)
    number = serializers.CharField(required=False, max_length=80)
    states = serializers.DictField(
        required=False, help_text="Attributes of the subject as this document states them"
    )


class ParcelOfSignal(serializers.Serializer[Any]):
    """One of several parcels. What is left out stays as it is known, or is what the type says."""

    sent_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="From then on it is waited for"
    )
    delivered_at = serializers.DateTimeField(required=False, allow_null=True)
    cancelled_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="It is not waited for any more"
    )


class NewSignal(serializers.Serializer[Any]):
    """One fact from a source. Times carry their zone."""

    source = serializers.CharField(  # type: ignore[assignment]  # DRF takes the attribute for a field
        max_length=50, help_text="Slug of the source"
    )
    external_id = serializers.CharField(
        max_length=120, help_text="Its name at the source; stored once however often it is sent"
    )
    type = serializers.CharField(max_length=60, help_text=f"`<kind>.<word>`. {words()}")
    occurred_at = serializers.DateTimeField()
    subject = SubjectOfSignal()
    milestones = serializers.DictField(
        child=StepOfSignal(), required=False, help_text="By the name of the milestone"
    )
    promise = PromiseOfSignal(required=False, help_text="What the customer was told")
    window = WindowOfSignal(required=False, help_text=f"Of kinds that have one: {planned()}")
    documents = serializers.DictField(
        child=DocumentOfSignal(), required=False, help_text=f"By name. {documents()}"
    )
    parcels = serializers.DictField(
        child=ParcelOfSignal(),
        required=False,
        help_text=f"By tracking number; of kinds that travel: {parcelled()}. A type such as order.delivered "
        "is then said of these parcels only, and the whole is there when all that were sent are",
    )
    note = serializers.CharField(required=False, max_length=500)


class PostedSignals(serializers.Serializer[Any]):
    """One signal, a list of them, or an object with the list."""


class PostedSignalsShape(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # its registry
    target_class = PostedSignals

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        one = auto_schema.resolve_serializer(NewSignal, direction).ref
        many = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST}
        batch = {
            "type": "object",
            "properties": {"signals": many},
            "required": ["signals"],
            "additionalProperties": False,
        }
        return {"oneOf": [one, many, batch]}


class CountsOut(serializers.Serializer[Any]):
    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField(help_text="Stored before, with the same content")
    conflict = serializers.IntegerField(help_text="Stored before, with other content; not taken")
    refused = serializers.IntegerField()


class FoundOut(serializers.Serializer[Any]):
    """What a rule found on the news of an item's subject, and what became of it."""

    rule = serializers.CharField()
    became = serializers.CharField(help_text="Such as opened, joined or watched")
    case = serializers.CharField(allow_blank=True, help_text="Its number; empty if there is none")
    why = serializers.CharField(allow_blank=True, help_text="Why it became that")


class ItemOut(serializers.Serializer[Any]):
    """What became of one item of a post."""

    index = serializers.IntegerField(help_text="Its place in the post, from 0")
    external_id = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(Outcome.choices)
    errors = serializers.DictField(  # type: ignore[assignment]  # DRF takes the attribute for a field
        child=serializers.CharField(), required=False, help_text="Field to reason"
    )
    cases = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Cases that its subject's news opened or joined, such as “opened EX-1042”",
    )
    found = FoundOut(many=True, required=False)


class ReceiptOut(serializers.Serializer[Any]):
    """What became of a post. It stays, and can be read again."""

    id = serializers.UUIDField()
    received_at = serializers.DateTimeField()
    counts = CountsOut()
    items = ItemOut(many=True)
