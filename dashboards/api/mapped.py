"""Bodies in somebody else's JSON, taken in by a mapping that an administrator wrote (I3)."""

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.errors import TooLarge
from dashboards.api.signal_shapes import ReceiptOut
from dashboards.api.signals import REFUSED_ALONE, all_new, receipt_document, refused
from exceptions_app.intake.expressions import LARGEST_BODY
from exceptions_app.intake.saving import accept_mapped
from exceptions_app.vocabulary import Scope


class ForeignBody(serializers.Serializer[Any]):
    """Whatever the system sends; the mapping knows what to make of it."""


class ForeignBodyShape(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # its registry
    target_class = ForeignBody

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        return {"description": "Any JSON, at most 1 MB"}


class MappedSignals(Endpoint):
    @call(
        Call(
            name="send_mapped_signals",
            scope=Scope.SIGNALS_WRITE,
            asks=ForeignBody,
            gives=ReceiptOut,
            status=201,
            also=(200,),
            refuses=("conflict",),
            example={"order": {"number": "10017"}, "shipped_at": "2026-03-09 09:30"},
        )
    )
    def post(self, request: Request, mapping: str) -> Response:
        """Send JSON as your system has it; a mapping, written and tried in the desk, makes signals of it.

        What came out of it is on the receipt, item by item; 201 says that everything is stored, and
        new. Where nothing could be taken it is a 400, or a 409 if all of it is here with other content;
        what is refused is kept to be mended. Times that name no zone are in the mapping's.
        """
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise TooLarge("Send at most 1 MB to a mapping.")
        receipt = accept_mapped(mapping, request.data, by=self.by, at=timezone.now())
        (first, *others) = {item["outcome"] for item in receipt.items}
        if not others and (code := REFUSED_ALONE.get(first)):
            return refused(code, receipt)
        return Response(receipt_document(receipt), status=201 if all_new(receipt) else 200)
