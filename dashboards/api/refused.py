"""Refused signals: which there are and why, and sending them again as they are or mended."""

import json
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.paging import page, stretch
from dashboards.api.shapes import Asked, JsonList, JsonObject, Paged, PageOut, told
from dashboards.api.signal_shapes import ReceiptOut
from dashboards.api.signals import receipt_document
from exceptions_app.intake import mending
from exceptions_app.intake.mending import Wanted
from exceptions_app.models import RefusedSignal
from exceptions_app.vocabulary import Outcome, Scope


class RefusedSignalOut(serializers.Serializer[RefusedSignal]):
    """Something that was sent and not taken; kept for thirty days."""

    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for a field
    external_id = serializers.CharField()
    type = serializers.CharField()
    outcome = serializers.ChoiceField(Outcome.choices)
    field = serializers.CharField(help_text="What is wrong, such as subject.site; empty: all of it")
    reason = serializers.CharField()
    times = serializers.IntegerField(help_text="How often it was sent")
    received_at = serializers.DateTimeField(help_text="The last time it was sent")
    sent_by = serializers.CharField(source="actor_name")
    receipt = serializers.UUIDField(source="receipt_id", allow_null=True)
    body = serializers.CharField(help_text="The JSON as text; empty if it was too large to keep")
    settled_at = serializers.DateTimeField(allow_null=True, help_text="When it was taken after all")
    settled_by = serializers.CharField()
    put_away = serializers.CharField(help_text="Why it need not be taken; empty if it was taken")


class RefusedSignalsOut(PageOut):
    results = RefusedSignalOut(many=True)


class RefusedWanted(Paged):
    source = serializers.CharField(  # type: ignore[assignment]  # DRF takes the attribute for a field
        required=False, max_length=50, help_text="As it was named in the signal"
    )
    reason = serializers.CharField(required=False, default="", max_length=500)
    day = serializers.DateField(required=False, help_text="The day in UTC on which it was sent")
    settled = serializers.BooleanField(
        required=False, default=False, help_text="Those that were taken after all"
    )
    put_away = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Those of which somebody said that they need not be",
    )


class SendRefusedIn(Asked):
    """Which of them; what is left out is not asked for. At most 1,000 are sent at once."""

    ids = JsonList(child=serializers.IntegerField(min_value=1), required=False, max_length=1000)
    source = serializers.CharField(required=False, max_length=50)  # type: ignore[assignment]  # as above
    reason = serializers.CharField(required=False, default="", max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs.get("ids") or attrs.get("reason")):
            raise serializers.ValidationError("Name the ids, or the reason that they share.")
        return attrs


class MendedIn(Asked):
    signal = JsonObject(
        required=False, help_text="What to send instead; as it was sent if left out"
    )


class RefusedSignals(Endpoint):
    @call(
        Call(
            name="list_refused_signals",
            scope=Scope.SIGNALS_READ,
            query=RefusedWanted,
            gives=RefusedSignalsOut,
            example_query="source=scheduler",
        )
    )
    def get(self, request: Request) -> Response:
        """List the signals that were refused and wait to be mended, newest first."""
        wanted = dict(self.wanted)
        place = {name: wanted.pop(name) for name in ("after", "limit")}
        found = stretch(mending.refused(Wanted(**wanted), by=self.by), "pk", **place)
        return Response(page(request, told(RefusedSignalOut, found.rows), found.after))


class SendRefused(Endpoint):
    @call(
        Call(
            name="send_refused_signals",
            scope=Scope.SIGNALS_WRITE,
            asks=SendRefusedIn,
            gives=ReceiptOut,
            example={"reason": "There is no source “wms”. An administrator can add it."},
        )
    )
    def post(self, request: Request) -> Response:
        """Send refused signals again: those named, or all that share a reason."""
        asked = dict(self.asked)
        ids = asked.pop("ids", None)
        rows = mending.refused(Wanted(**asked), by=self.by)
        rows = rows.filter(pk__in=ids) if ids else rows
        return Response(receipt_document(mending.send_again(rows, by=self.by, at=timezone.now())))


class SendOneRefused(Endpoint):
    @call(
        Call(
            name="send_refused_signal",
            scope=Scope.SIGNALS_WRITE,
            asks=MendedIn,
            gives=ReceiptOut,
        )
    )
    def post(self, request: Request, refused_id: int) -> Response:
        """Send one refused signal again, mended if need be."""
        one = mending.one(refused_id, by=self.by)
        signal = self.asked.get("signal")
        mended = None if signal is None else json.dumps(signal, indent=1)
        rows = RefusedSignal.objects.filter(pk=one.pk)
        receipt = mending.send_again(rows, by=self.by, at=timezone.now(), mended=mended)
        return Response(receipt_document(receipt))
