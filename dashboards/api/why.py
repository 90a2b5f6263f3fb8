"""Why, and why not: what became of a signal, and what every rule says of a subject."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.shapes import Asked, Instant
from exceptions_app.intake import why
from exceptions_app.subjects import queries
from exceptions_app.vocabulary import Outcome, Scope


class ConditionOut(serializers.Serializer[Any]):
    """One thing that a rule needs, and how it is."""

    holds = serializers.BooleanField()
    said = serializers.CharField()


class VerdictOut(serializers.Serializer[Any]):
    """What a rule says of the facts."""

    rule = serializers.CharField()
    holds = serializers.BooleanField()
    since = serializers.DateTimeField(
        allow_null=True, help_text="From when it holds, or will; null: not on these facts"
    )
    sentence = serializers.CharField()
    score = serializers.IntegerField(
        allow_null=True, help_text="What its finding weighs, 0 to 100; null if it found nothing"
    )
    parts = serializers.DictField(
        child=serializers.IntegerField(), help_text="What the score is made of"
    )
    conditions = ConditionOut(many=True)


class BecameOut(serializers.Serializer[Any]):
    """What became of a finding when the signal came."""

    rule = serializers.CharField()
    became = serializers.CharField(help_text="Such as opened, joined, held, watched or known")
    case = serializers.CharField(help_text="Number of the case, if there is one")
    why = serializers.CharField()


class TurnOut(serializers.Serializer[Any]):
    """What happened since to a case about the subject."""

    at = serializers.DateTimeField()
    case = serializers.CharField(help_text="Number of the case")
    verb = serializers.CharField()
    rule = serializers.CharField()
    title = serializers.CharField()


class SubjectWhyOut(serializers.Serializer[Any]):
    """What every rule says of a subject as of an instant, on what was known by then."""

    at = serializers.DateTimeField(help_text="As of when the rules looked")
    policy = serializers.IntegerField(help_text="The version of the rules that answered")
    rules = VerdictOut(many=True, source="verdicts")
    since = TurnOut(many=True)
    next_look_at = serializers.DateTimeField(allow_null=True)


class SignalWhyOut(SubjectWhyOut):
    """A signal's receipt, in full: what it was understood as, what the rules said then, what came since."""

    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for a field
    external_id = serializers.CharField()
    outcome = serializers.ChoiceField(Outcome.choices)
    receipt = serializers.UUIDField(source="receipt_id", allow_null=True)
    looked_with = serializers.IntegerField(
        allow_null=True, help_text="The version of the rules that looked when it came"
    )
    subject = serializers.IntegerField(source="subject_id", allow_null=True)
    understood = serializers.ListField(
        child=serializers.CharField(), help_text="Or, of a refused one, why it was refused"
    )
    became = BecameOut(many=True)


class WhyWanted(Asked):
    at = Instant(required=False, help_text="As of when; now if left out")


class SignalWhy(Endpoint):
    @call(Call(name="explain_signal", scope=Scope.SIGNALS_READ, gives=SignalWhyOut))
    def get(self, request: Request, source: str, external_id: str) -> Response:
        """Ask what became of a signal and why: by its source and the id it has there.

        The facts are learnt again from the signals up to this one, and every rule looks at them as of then.
        """
        return Response(SignalWhyOut(why.named(source, external_id, by=self.by)).data)


class SubjectWhy(Endpoint):
    @call(
        Call(
            name="explain_subject",
            scope=Scope.SUBJECTS_READ,
            query=WhyWanted,
            gives=SubjectWhyOut,
            example_query="at=2026-11-24T18:00:00Z",
        )
    )
    def get(self, request: Request, subject_id: int) -> Response:
        """Ask what every rule says of a subject, now or as of an instant."""
        subject, now = queries.subject(subject_id, by=self.by), timezone.now()
        answer = why.of_subject(subject, by=self.by, now=now, at=self.wanted.get("at"))
        return Response(SubjectWhyOut(answer).data)
