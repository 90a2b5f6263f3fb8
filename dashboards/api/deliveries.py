"""Deliveries: what is owed to platforms, how it went, and deciding about what failed."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.registry import BY_SLUG
from dashboards import confirming
from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.naming import case_meant, connection_meant
from dashboards.api.paging import page, stretch
from dashboards.api.shapes import Asked, OneOf, Paged, PageOut, told
from exceptions_app.errors import NotFound
from exceptions_app.models import Attempt, Delivery
from exceptions_app.outbox import deciding, queries
from exceptions_app.vocabulary import DeliveryState, Operation, Scope


class DeliveryOut(serializers.Serializer[Delivery]):
    """One operation owed to a platform."""

    id = serializers.UUIDField()
    case = serializers.CharField(source="case.shown_number", help_text="Number of the case")
    platform = serializers.CharField(source="connection.platform")
    connection = serializers.CharField(source="connection.name")
    operation = serializers.ChoiceField(Operation.choices)
    state = serializers.ChoiceField(DeliveryState.choices)
    reason = serializers.CharField(help_text="Why it stands so, if it needs saying")
    text = serializers.CharField()
    attempts = serializers.IntegerField()
    owed_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class DeliveriesOut(PageOut):
    results = DeliveryOut(many=True)


class AttemptOut(serializers.Serializer[Attempt]):
    """One try; secrets are left out of what is kept."""

    at = serializers.DateTimeField()
    took_ms = serializers.IntegerField()
    method = serializers.CharField()
    url = serializers.CharField()
    request = serializers.CharField()
    status = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField()
    verdict = serializers.CharField()
    ok = serializers.BooleanField()


class DeliveryDetailOut(DeliveryOut):
    tries = AttemptOut(many=True)


class DeliveriesWanted(Paged):
    state = OneOf(DeliveryState.choices, required=False)
    platform = OneOf(list(BY_SLUG), required=False)
    connection = serializers.CharField(
        required=False, max_length=80, help_text="Its id, or its exact name"
    )
    case = serializers.CharField(
        required=False, max_length=30, help_text="Id or number of a case, such as EX-1001"
    )


#: Query parameter to column.
COLUMNS = {
    "state": "state",
    "platform": "connection__platform",
    "connection": "connection_id",
    "case": "case_id",
}
MEANT = {"connection": connection_meant, "case": case_meant}


class DeliveryEndpoint(Endpoint):
    def mine(self) -> QuerySet[Delivery]:
        return queries.visible(self.by).select_related("case", "connection")

    def one(self, delivery_id: UUID) -> Delivery:
        found = self.mine().filter(pk=delivery_id).first()
        if found is None:
            raise NotFound("There is no such delivery, or it is at a site you do not work for.")
        return found


class Deliveries(DeliveryEndpoint):
    @call(
        Call(
            name="list_deliveries",
            scope=Scope.DELIVERIES_READ,
            query=DeliveriesWanted,
            gives=DeliveriesOut,
            example_query="state=dead",
        )
    )
    def get(self, request: Request) -> Response:
        """List deliveries, the last owed first."""
        wanted = dict(self.wanted)
        place = {name: wanted.pop(name) for name in ("after", "limit")}
        for name, meant in MEANT.items():
            if name in wanted:
                wanted[name] = meant(wanted[name], self.by)
        chosen = {COLUMNS[name]: value for name, value in wanted.items()}
        found = stretch(self.mine().filter(**chosen), "position", **place)
        return Response(page(request, told(DeliveryOut, found.rows), found.after))


class OneDelivery(DeliveryEndpoint):
    @call(Call(name="read_delivery", scope=Scope.DELIVERIES_READ, gives=DeliveryDetailOut))
    def get(self, request: Request, delivery_id: UUID) -> Response:
        """Read a delivery with every try at it."""
        return Response(detail(self.one(delivery_id)))


class ResendDelivery(DeliveryEndpoint):
    @call(
        Call(
            name="resend_delivery",
            scope=Scope.DELIVERIES_WRITE,
            asks=Asked,
            gives=DeliveryDetailOut,
            refuses=("not_allowed_now",),
        )
    )
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Put a delivery that will not go by itself back in line.

        It becomes ``superseded`` instead if the platform was told since how the case stands.
        """
        _ = self.asked
        deciding.resend(delivery_id, by=self.by, at=timezone.now())
        return Response(detail(self.one(delivery_id)))


class SkipIn(Asked):
    reason = serializers.CharField(
        max_length=deciding.LONGEST_REASON, help_text="Why the platform need not be told"
    )


class SkipDelivery(DeliveryEndpoint):
    @call(
        Call(
            name="skip_delivery",
            scope=Scope.DELIVERIES_WRITE,
            asks=SkipIn,
            gives=DeliveryDetailOut,
            refuses=("not_allowed_now",),
            example={"reason": "They were told by telephone."},
        )
    )
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Decide that the platform need not be told this, and why.

        Only what waits, is dead or uncertain can be skipped. What is in line behind it goes on; of a
        creation it is superseded, for want of a record. A skipped delivery can be sent again.
        """
        deciding.skip(delivery_id, by=self.by, at=timezone.now(), **self.asked)
        return Response(detail(self.one(delivery_id)))


class ArrivedIn(Asked):
    external_id = serializers.CharField(
        required=False,
        default="",
        max_length=deciding.LONGEST_ID,
        help_text="Of a creation: the id that the record has over there",
    )


class DeliveryArrived(DeliveryEndpoint):
    @call(
        Call(
            name="confirm_delivery",
            scope=Scope.DELIVERIES_WRITE,
            asks=ArrivedIn,
            gives=DeliveryDetailOut,
            refuses=("not_allowed_now",),
            example={"external_id": "35436"},
        )
    )
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Say that an uncertain delivery arrived, and which record it made.

        Of a creation that was sent: that another record belongs to the case, since it was merged there or the
        wrong one was named. It is told how the case stands.
        """
        named = self.asked["external_id"]
        confirming.arrived(delivery_id, named, by=self.by, at=timezone.now())
        return Response(detail(self.one(delivery_id)))


def detail(delivery: Delivery) -> dict[str, Any]:
    tries = told(AttemptOut, delivery.tries.order_by("pk"))
    return {**DeliveryOut(delivery).data, "tries": tries}
