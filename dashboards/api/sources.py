"""Sources: how each should speak and does, what its silence holds back, and letting one out of quarantine."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.shapes import Asked, OneOf, OrNull, told
from exceptions_app.detection.expecting import expect, expected_of, insist_effective
from exceptions_app.models import Calendar, Source
from exceptions_app.playbooks import quarantine
from exceptions_app.playbooks.quarantine import Released
from exceptions_app.subjects import sources
from exceptions_app.subjects.sources import SourceRow
from exceptions_app.vocabulary import Doubt, Rhythm, Scope

STANDINGS = ["speaking", "silent", "back", "quarantined", "never"]


class SourceOut(serializers.Serializer[SourceRow]):
    """A system that sends signals."""

    slug = serializers.CharField()
    name = serializers.CharField()
    site = OrNull(source="site_slug", help_text="Where its subjects are by default")
    last_signal_at = serializers.DateTimeField(allow_null=True)
    standing = serializers.ChoiceField(
        STANDINGS,
        help_text="“back”: it speaks again and catches up; “never”: it has not spoken yet",
    )
    rhythm = serializers.ChoiceField(
        Rhythm.choices, allow_blank=True, help_text="Empty: nobody waits for it"
    )
    every_minutes = serializers.IntegerField(allow_null=True)
    daily_by = serializers.TimeField(allow_null=True)
    calendar = OrNull(help_text="Name of the calendar whose hours it keeps")
    catch_up_minutes = serializers.IntegerField()
    late_is_usual = serializers.BooleanField(
        help_text="It tells of long ago, and that is how it is"
    )
    silent_since = serializers.DateTimeField(allow_null=True)
    silence = OrNull(help_text="Number of the case of its silence")
    held = serializers.IntegerField(help_text="Findings that its silence holds back")
    quarantined_at = serializers.DateTimeField(allow_null=True)
    doubt = serializers.ChoiceField(
        Doubt.choices, allow_blank=True, help_text="Why it is in quarantine"
    )
    withheld = serializers.SerializerMethodField(
        "withheld_by", help_text="What would have been sent, were it not in quarantine"
    )
    signals_today = serializers.IntegerField(source="today.signals")
    refused_today = serializers.IntegerField(source="today.refused")

    def withheld_by(self, row: SourceRow) -> int:
        found: int = self.context["withheld"].get(row.id, 0)
        return found


class SourcesOut(serializers.Serializer[Any]):
    results = SourceOut(many=True)


class Sources(Endpoint):
    @call(Call(name="list_sources", scope=None, gives=SourcesOut))
    def get(self, request: Request) -> Response:
        """List the sources that send signals about your sites."""
        return Response({"results": shown(sources.listed(by=self.by, at=timezone.now()))})


def shown(rows: Sequence[SourceRow]) -> list[dict[str, Any]]:
    read = SourceOut(context={"withheld": quarantine.counts([row.id for row in rows])})
    return [dict(read.to_representation(row)) for row in rows]


class ExpectIn(Asked):
    """How it should speak; what is left out stays."""

    rhythm = OneOf(Rhythm.choices, required=False, allow_blank=True)
    every_minutes = serializers.IntegerField(required=False, allow_null=True)
    daily_by = serializers.TimeField(required=False, allow_null=True)
    calendar = serializers.CharField(
        required=False, allow_null=True, help_text="Name of a calendar"
    )
    catch_up_minutes = serializers.IntegerField(required=False)
    late_is_usual = serializers.BooleanField(required=False)


class OneSource(Endpoint):
    @call(Call(name="read_source", scope=Scope.SIGNALS_READ, gives=SourceOut))
    def get(self, request: Request, source: str) -> Response:
        """Read a source."""
        return self.answer(sources.named(source, by=self.by))

    @call(
        Call(
            name="expect_source",
            scope=Scope.CONNECTIONS_WRITE,
            asks=ExpectIn,
            gives=SourceOut,
            example={"rhythm": "working", "every_minutes": 30},
        )
    )
    def patch(self, request: Request, source: str) -> Response:
        """Say how often a source has to speak; when it does not, that is a case."""
        pk = sources.named(source, by=self.by)
        wanted = dict(self.asked)
        if "calendar" in wanted:
            wanted["calendar_id"] = calendar_of(wanted.pop("calendar"))
        now = timezone.now()
        expected = replace(expected_of(Source.objects.get(pk=pk)), **wanted)
        insist_effective(wanted, expected.rhythm)
        expect(pk, expected, by=self.by, at=now)
        return self.answer(pk)

    def answer(self, pk: int) -> Response:
        return Response(shown([sources.one(pk, by=self.by, at=timezone.now())])[0])


def calendar_of(name: str | None) -> int | None:
    if name is None:
        return None
    found = Calendar.objects.filter(name=name).values_list("pk", flat=True).first()
    if found is None:
        raise serializers.ValidationError({"calendar": ["There is no such calendar."]})
    return found


class ReleaseIn(Asked):
    send = serializers.BooleanField(
        help_text="Send what still matters of what was withheld; otherwise it is discarded"
    )


class ReleasedOut(serializers.Serializer[Released]):
    cases = serializers.IntegerField()
    sent = serializers.IntegerField()
    discarded = serializers.IntegerField()


class ReleaseSource(Endpoint):
    @call(
        Call(
            name="release_source",
            scope=Scope.CONNECTIONS_WRITE,
            asks=ReleaseIn,
            gives=ReleasedOut,
            example={"send": True},
        )
    )
    def post(self, request: Request, source: str) -> Response:
        """Let a source out of quarantine."""
        pk = sources.named(source, by=self.by)
        done = quarantine.release(pk, send=self.asked["send"], by=self.by, at=timezone.now())
        return Response(told(ReleasedOut, [done])[0])
