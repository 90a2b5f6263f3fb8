"""Complaints: sent by programs, judged while somebody types, and sorted by a person (T3)."""

import hashlib
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.shapes import Asked, OneOf, OrNull
from dashboards.api.verbs import VerbEndpoint, Versioned, verb
from dashboards.public import status_url
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.complaints import deciding, questions, receiving
from exceptions_app.complaints.receiving import API_SOURCE, Told
from exceptions_app.complaints.suggesting import READ, Said, suggest
from exceptions_app.errors import Refused
from exceptions_app.models import ApiToken, Case, Complaint, Site
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import ActorKind, ExceptionType, Scope

CHANNELS = ("app", "chat", "email", "phone", "web", "other")
EXAMPLE: dict[str, Any] = {
    "site": "lumen-oak",
    "external_id": "chat-4711",
    "text": "O pedido O-1042 ainda não chegou e o prazo já passou.",
    "customer": {"name": "José Núñez", "email": "jose@example.com"},
    "reference": "O-1042",
    "channel": "chat",
}


class CustomerIn(Asked):
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)
    email = serializers.CharField(required=False, default="", allow_blank=True, max_length=160)
    phone = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)


class SuggestIn(Asked):
    """A complaint as far as it matters for a suggestion."""

    text = serializers.CharField(max_length=READ)
    site = serializers.CharField(
        required=False, default="", max_length=50, help_text="Slug; else all of your sites"
    )
    customer = CustomerIn(required=False, default=dict)
    reference = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=80, help_text="If one is known"
    )


class ComplaintIn(SuggestIn):
    """A complaint from an app, a chat or a mailbox."""

    site = serializers.CharField(max_length=50, help_text="Slug of one of your sites")
    channel = OneOf(CHANNELS, required=False, default="app")
    external_id = serializers.CharField(
        required=False, default="", max_length=100, help_text="Sent again it is the same complaint"
    )
    language = serializers.CharField(required=False, default="", max_length=5)


class OptionOut(serializers.Serializer[Any]):
    type = serializers.ChoiceField(ExceptionType.choices, source="exception_type")
    share = serializers.FloatField(help_text="0 to 1")


class GuessOut(serializers.Serializer[Any]):
    """A subject that may be meant."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    reference = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for a field
    customer = serializers.CharField()
    score = serializers.IntegerField(help_text="How strongly the text points to it")
    because = serializers.CharField(help_text="By what")


class SuggestionOut(serializers.Serializer[Any]):
    """What a complaint looks like. A person decides."""

    type = serializers.ChoiceField(ExceptionType.choices, source="exception_type")
    confidence = serializers.FloatField(help_text="0 to 1")
    because = serializers.ListField(
        child=serializers.CharField(), help_text="The words that spoke for it"
    )
    options = OptionOut(many=True, help_text="The likeliest types")
    subjects = GuessOut(many=True, help_text="The likeliest subjects, first first")


class ComplaintOut(serializers.Serializer[Any]):
    """What became of a complaint."""

    number = serializers.CharField(help_text="To name it to the customer")
    state = serializers.ChoiceField(Complaint.State.choices)
    case = OrNull(default=None, help_text="The case that it opened or joined")
    received_url = serializers.CharField(help_text="For the customer: that it has come in")
    status_url = OrNull(
        default=None,
        help_text="For the customer: where the subject stands, if they named it and we know them",
    )
    suggestion = SuggestionOut(allow_null=True)


class Complaints(Endpoint):
    @call(
        Call(
            name="send_complaint",
            scope=Scope.SIGNALS_WRITE,
            asks=ComplaintIn,
            gives=ComplaintOut,
            status=201,
            also=(200,),
            refuses=("conflict",),
            example=EXAMPLE,
        )
    )
    def post(self, request: Request) -> Response:
        """Send a complaint; it becomes a case, or joins the open one about the same thing.

        One that has an `external_id` is known by it, to every token of your person: sent again it changes
        nothing and is answered with 200, as what became of it. With other content it is a 409.
        """
        asked, at = self.asked, timezone.now()
        site = site_of(asked["site"], self.by)
        access.insist(self.by, "send_signals", site_id=site.pk)
        told = Told(
            site=site,
            text=asked["text"],
            channel=asked["channel"],
            **keys_of(self.by, asked["external_id"]),
            language=asked["language"],
            reference=asked["reference"],
            name=asked["customer"].get("name", ""),
            email=asked["customer"].get("email", ""),
            phone=asked["customer"].get("phone", ""),
        )
        kept, new = receiving.receive(told, by=self.by, at=at, source=API_SOURCE)
        if not new:
            receiving.insist_same(kept, told)
        theirs = questions.proven_subject(kept, at=at)
        path = reverse("public-received", args=[kept.key])
        document = {
            "number": kept.number,
            "state": kept.state,
            "case": str(kept.case) if kept.case else "",
            "received_url": f"{settings.BASE_URL}{path}",
            "status_url": status_url(theirs.pk) if theirs else "",
            "suggestion": suggest(said_of(asked, site.pk), by=self.by, at=at),
        }
        return Response(ComplaintOut(document).data, status=201 if new else 200)


class SuggestForComplaint(Endpoint):
    @call(
        Call(
            name="suggest_for_complaint",
            scope=Scope.CASES_READ,
            asks=SuggestIn,
            gives=SuggestionOut,
            example={"text": EXAMPLE["text"]},
        )
    )
    def post(self, request: Request) -> Response:
        """Read what a complaint looks like: its exception type and its subject; nothing is stored."""
        site = site_of(self.asked["site"], self.by) if self.asked["site"] else None
        said = said_of(self.asked, site.pk if site else None)
        return Response(SuggestionOut(suggest(said, by=self.by, at=timezone.now())).data)


class Sort(Versioned):
    """What a complaint is about."""

    type = OneOf(ExceptionType.choices, source="exception_type")
    about = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, help_text="Id of a subject"
    )


class SortCase(VerbEndpoint):
    @call(verb("sort_case", Sort, {"type": "order_late"}))
    def post(self, request: Request, case: str) -> Response:
        """Say what a complaint is about; suggestions learn from it."""
        return self.change(case, sorted_as)


def sorted_as(seen: Seen, *, exception_type: str, **more: Any) -> Case:
    return deciding.decide(seen, exception_type=ExceptionType(exception_type), **more)


def site_of(slug: str, by: Actor) -> Site:
    found = access.sites(by).filter(slug=slug).first()
    if found is None:
        raise Refused(f"site: “{slug}” is no site of yours.", {"site": "Name one of your sites."})
    return found


def said_of(asked: dict[str, Any], site_id: int | None) -> Said:
    customer = asked["customer"]
    return Said(
        asked["text"],
        asked["reference"],
        name=customer.get("name", ""),
        email=customer.get("email", ""),
        phone=customer.get("phone", ""),
        site_id=site_id,
    )


def keys_of(by: Actor, external_id: str) -> dict[str, Any]:
    """One key per person and their own name for the complaint; nobody can guess it from that name.

    It was one per token once: what was kept under one of those is still found.
    """
    if not external_id:
        return {}
    tokens = ApiToken.objects.filter(user=by.user_id).values_list("pk", flat=True)
    signed = [f"{ActorKind.TOKEN}\n{pk}" for pk in tokens]
    key, *earlier = (
        secret_name(f"{who}\n{external_id}")
        for who in (f"{ActorKind.PERSON}\n{by.user_id}", *signed)
    )
    return {"key": key, "earlier": earlier}


def secret_name(name: str) -> str:
    return hashlib.sha256(f"{settings.SECRET_KEY}\n{name}".encode()).hexdigest()[:48]
