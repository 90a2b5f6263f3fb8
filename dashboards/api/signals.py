"""Signals: taken in by the thousand, listed, and their receipts.

Posting is the busiest path of the desk. It looks at no item: ``intake`` understands, checks and stores them.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.errors import Refusal
from dashboards.api.naming import source_meant
from dashboards.api.paging import page, stretch
from dashboards.api.shapes import Paged, PageOut, told
from dashboards.api.signal_shapes import EXAMPLE, PostedSignals, ReceiptOut
from exceptions_app.intake.accept import accept
from exceptions_app.intake.fields import Wrong
from exceptions_app.intake.shape import kind_and_word
from exceptions_app.models import Receipt, Signal
from exceptions_app.subjects import queries
from exceptions_app.vocabulary import Outcome, Scope

#: One signal alone that was not taken is a refused request.
REFUSED_ALONE = {Outcome.REFUSED: "invalid", Outcome.CONFLICT: "conflict"}


class SignalOut(serializers.Serializer[Signal]):
    """A fact received from a source, as it was sent; never changed."""

    id = serializers.IntegerField()
    source = serializers.CharField(source="source.slug")  # type: ignore[assignment]  # DRF takes the attribute for a field
    external_id = serializers.CharField()
    type = serializers.CharField()
    subject = serializers.IntegerField(source="subject_id", allow_null=True)
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    receipt = serializers.UUIDField(source="receipt_id", allow_null=True)
    body = serializers.DictField()


class SignalsOut(PageOut):
    results = SignalOut(many=True)


class SignalsWanted(Paged):
    source = serializers.CharField(  # type: ignore[assignment]  # DRF takes the attribute for a field
        required=False, max_length=50, help_text="Slug of a source"
    )
    external_id = serializers.CharField(required=False, max_length=120)
    type = serializers.CharField(required=False, max_length=60, help_text="Such as order.shipped")
    subject = serializers.IntegerField(required=False, min_value=1, help_text="Id of a subject")

    def validate_type(self, type_: str) -> str:
        try:
            kind_and_word(type_)
        except Wrong as wrong:
            raise ValidationError(str(wrong)) from None
        return type_


#: Query parameter to column.
COLUMNS = {
    "source": "source_id",
    "external_id": "external_id",
    "type": "type",
    "subject": "subject_id",
}


class Signals(Endpoint):
    @call(
        Call(
            name="list_signals",
            scope=Scope.SIGNALS_READ,
            query=SignalsWanted,
            gives=SignalsOut,
            example_query="source=scheduler&limit=20",
        )
    )
    def get(self, request: Request) -> Response:
        """List the signals about your sites, newest first."""
        wanted = dict(self.wanted)
        place = {name: wanted.pop(name) for name in ("after", "limit")}
        if "source" in wanted:
            wanted["source"] = source_meant(wanted["source"], self.by)
        chosen = {COLUMNS[name]: value for name, value in wanted.items()}
        found = stretch(queries.signals(by=self.by).filter(**chosen), "pk", **place)
        return Response(page(request, told(SignalOut, found.rows), found.after))

    @call(
        Call(
            name="send_signals",
            scope=Scope.SIGNALS_WRITE,
            asks=PostedSignals,
            gives=ReceiptOut,
            status=201,
            also=(200,),
            refuses=("conflict",),
            example=EXAMPLE,
        )
    )
    def post(self, request: Request) -> Response:
        """Send one signal, or up to 1,000 at once.

        A signal is known by its `source` and `external_id`: sent again it is a duplicate and changes
        nothing, so repeat a post whenever you are not sure of it. In a batch the good ones are taken
        and the receipt names the others, with 200; 201 says that everything is stored, and new. One
        signal alone that cannot be taken is a 400, or a 409 if its name was used for another content.
        """
        items, alone = items_of(request.data)
        receipt = accept(items, by=self.by, at=timezone.now())
        if alone and (code := REFUSED_ALONE.get(receipt.items[0]["outcome"])):
            return refused(code, receipt)
        return Response(receipt_document(receipt), status=201 if all_new(receipt) else 200)


def items_of(body: Any) -> tuple[Sequence[Any], bool]:
    """The signals of a post, and whether it is one alone."""
    if isinstance(body, list):
        return body, False
    if not isinstance(body, dict):
        raise ValidationError("Send one signal, a list of them, or {“signals”: […]}.")
    if "signals" not in body:
        return [body], True
    other = [name for name in body if name != "signals"]
    if other:
        raise ValidationError({name: ["Unknown field beside “signals”."] for name in other})
    if not isinstance(body["signals"], list):
        raise ValidationError({"signals": ["Must be a list of signals."]})
    return body["signals"], False


def all_new(receipt: Receipt) -> bool:
    return receipt.stored == len(receipt.items)


def refused(code: str, receipt: Receipt) -> Response:
    errors: dict[str, str] = receipt.items[0].get("errors", {})
    name, reason = next(iter(errors.items()), ("", "This signal cannot be taken."))
    sentence = f"{name}: {reason}" if name else reason
    return Refusal(code, sentence, errors, {"receipt": str(receipt.pk)}).response()


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """The shape of ``ReceiptOut``, without asking a serializer for each of a thousand items."""
    return {
        "id": str(receipt.pk),
        "received_at": receipt.received_at,
        "counts": {outcome.value: getattr(receipt, outcome.value) for outcome in Outcome},
        "items": receipt.items,
    }


class OneSignal(Endpoint):
    @call(Call(name="read_signal", scope=Scope.SIGNALS_READ, gives=SignalOut))
    def get(self, request: Request, signal_id: int) -> Response:
        """Read a signal."""
        return Response(SignalOut(queries.signal(signal_id, by=self.by)).data)


class OneReceipt(Endpoint):
    @call(Call(name="read_receipt", scope=Scope.SIGNALS_WRITE, gives=ReceiptOut))
    def get(self, request: Request, receipt_id: UUID) -> Response:
        """Read again what became of a post of yours, item by item."""
        return Response(receipt_document(queries.receipt(receipt_id, by=self.by)))
