"""Conflicts: what platforms said that the desk left to a person, and settling one."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.listening import conflicts
from connectors.listening.conflicts import ConflictRow
from connectors.models import HookCall
from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.shapes import Asked, OneOf, OrNull, PageOut, told
from exceptions_app.mirroring.settling import Choice
from exceptions_app.vocabulary import Scope


class ConflictOut(serializers.Serializer[ConflictRow]):
    """One field of a call on which both sides differ."""

    id = serializers.IntegerField(source="call_id")
    case = OrNull(source="case.shown_number", default=None, help_text="Null: nobody understood it")
    connection = serializers.CharField()
    platform = serializers.CharField()
    field = serializers.CharField(help_text="Empty where nobody understood the call")
    ours = serializers.CharField()
    theirs = serializers.CharField()
    sentence = serializers.CharField(help_text="Why the desk did not decide")
    at = serializers.DateTimeField()


class ConflictsOut(PageOut):
    results = ConflictOut(many=True)


class SettleIn(Asked):
    field = serializers.CharField(required=False, default="", max_length=20)
    choice = OneOf(Choice.choices)
    to = serializers.IntegerField(
        required=False, default=None, min_value=1, help_text="Who their owner is here: a user's id"
    )


class SettledOut(serializers.Serializer[HookCall]):
    """The call, and what of it is left to settle."""

    id = serializers.IntegerField()
    conflicts = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class Conflicts(Endpoint):
    @call(Call(name="list_conflicts", scope=Scope.DELIVERIES_READ, gives=ConflictsOut))
    def get(self, request: Request) -> Response:
        """List the newest hundred calls that wait for a person, and what each side holds."""
        return Response({"results": told(ConflictOut, conflicts.listed(self.by)), "next": None})


class SettleConflict(Endpoint):
    @call(
        Call(
            name="settle_conflict",
            scope=Scope.DELIVERIES_WRITE,
            asks=SettleIn,
            gives=SettledOut,
            refuses=("not_allowed_now",),
            example={"field": "status", "choice": "ours"},
        )
    )
    def post(self, request: Request, call_id: int) -> Response:
        """Take theirs, keep ours, or dismiss it."""
        chosen = self.asked | {"choice": Choice(self.asked["choice"])}
        settled = conflicts.settle(call_id, by=self.by, at=timezone.now(), **chosen)
        return Response(SettledOut(settled).data)
