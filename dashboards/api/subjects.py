"""Subjects: what was promised, how far it is, and what is at risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.case_shapes import CaseOut
from dashboards.api.endpoint import Endpoint
from dashboards.api.naming import site_meant
from dashboards.api.paging import page, stretch
from dashboards.api.shapes import OneOf, OrNull, Paged, PageOut, SeverityField, told
from dashboards.public import status_url
from exceptions_app.cases.detail import MilestoneLine, PromiseLine, about
from exceptions_app.cases.rows import Row, rows_of
from exceptions_app.detection.reminding import reminders
from exceptions_app.detection.watching import Watched, watched_of
from exceptions_app.models import Case, Subject
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects import pages, queries
from exceptions_app.subjects.facts import Document, Parcel, Plan
from exceptions_app.subjects.knowing import documents_of, parcels_of, plans_of
from exceptions_app.subjects.pages import REMIND, VIEWS
from exceptions_app.subjects.public import STEPS
from exceptions_app.subjects.queries import Wanted, is_at_risk, open_cases_of
from exceptions_app.vocabulary import Scope, SubjectKind

CASES_SHOWN = 50


@dataclass(frozen=True)
class Shown:
    """A subject with what is counted beside it."""

    subject: Subject
    open_cases: int
    at_risk: bool


class SubjectOut(serializers.Serializer[Any]):
    """The thing a promise was made about."""

    id = serializers.IntegerField(source="subject.id")
    kind = serializers.ChoiceField(SubjectKind.choices, source="subject.kind")
    reference = serializers.CharField(source="subject.reference")
    label = serializers.CharField(source="subject.label")  # type: ignore[assignment]  # DRF takes the attribute for a field
    site = serializers.CharField(source="subject.site.slug")
    team = OrNull(source="subject.team.slug", default=None)
    customer = serializers.DictField(source="subject.customer")
    tier = serializers.CharField(source="subject.tier")
    value = serializers.DecimalField(14, 2, allow_null=True, source="subject.value")
    attributes = serializers.DictField(source="subject.attributes")
    promised_at = serializers.DateTimeField(allow_null=True, source="subject.promised_at")
    opened_at = serializers.DateTimeField(source="subject.opened_at")
    ended_at = serializers.DateTimeField(allow_null=True, source="subject.ended_at")
    last_signal_at = serializers.DateTimeField(allow_null=True, source="subject.last_signal_at")
    open_cases = serializers.IntegerField()
    at_risk = serializers.BooleanField(
        help_text="A case is open about it, or its promise has passed and it has not ended"
    )


class SubjectsOut(PageOut):
    results = SubjectOut(many=True)


class MilestoneOut(serializers.Serializer[MilestoneLine]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for a field
    expected_at = serializers.DateTimeField(allow_null=True)
    actual_at = serializers.DateTimeField(allow_null=True)


class PromiseOut(serializers.Serializer[PromiseLine]):
    """What the customer was told; the last one holds."""

    promised_at = serializers.DateTimeField()
    said_at = serializers.DateTimeField()
    reason = serializers.CharField()


class ReportOut(serializers.Serializer[Any]):
    """A watched word that a source said about it."""

    word = serializers.CharField()
    at = serializers.DateTimeField()
    times = serializers.IntegerField()
    note = serializers.CharField()


class WatchedOut(serializers.Serializer[Watched]):
    """Something a rule found that does not matter enough for a case yet."""

    rule = serializers.CharField()
    title = serializers.CharField()
    severity = SeverityField()
    since = serializers.DateTimeField()
    score = serializers.IntegerField(help_text="0 to 100; a case opens from the threshold on")
    parts = serializers.DictField(
        child=serializers.IntegerField(), help_text="What the score is made of"
    )
    seen_at = serializers.DateTimeField()


class PlanOut(serializers.Serializer[Plan]):
    """When a visit was to start, as it was said."""

    said_at = serializers.DateTimeField()
    starts_at = serializers.DateTimeField(allow_null=True)
    window_starts_at = serializers.DateTimeField(allow_null=True)
    window_ends_at = serializers.DateTimeField(allow_null=True)


class DocumentOut(serializers.Serializer[Document]):
    """A document as it was reported last."""

    said_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    number = serializers.CharField()
    states = serializers.DictField()


class ParcelOut(serializers.Serializer[Parcel]):
    said_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)


class SubjectDetailOut(SubjectOut):
    status_url = OrNull(help_text="The customer's page of it; answers “where is my order”")
    milestones = MilestoneOut(many=True)
    promises = PromiseOut(many=True)
    reports = ReportOut(many=True)
    plans = PlanOut(many=True, help_text="In the order of saying; the last one holds")
    documents = serializers.DictField(child=DocumentOut(), help_text="By name")
    parcels = serializers.DictField(child=ParcelOut(), help_text="By number, once it has several")
    said_by = serializers.DictField(
        child=serializers.DictField(), help_text="What each source says of what is compared"
    )
    watched = WatchedOut(many=True)
    cases = CaseOut(many=True, help_text=f"Newest first, at most {CASES_SHOWN}")

    def to_representation(self, instance: Shown) -> dict[str, Any]:
        subject = instance.subject
        line = about(subject, {})
        return {
            **SubjectOut().to_representation(instance),
            "status_url": status_url(subject.pk) if subject.kind in STEPS else None,
            "milestones": told(MilestoneOut, line.milestones),
            "promises": told(PromiseOut, line.promises),
            "reports": told(ReportOut, reports_of(subject)),
            "plans": told(PlanOut, plans_of(subject)),
            "documents": {
                name: dict(DocumentOut().to_representation(one))
                for name, one in documents_of(subject).items()
            },
            "parcels": {
                number: dict(ParcelOut().to_representation(one))
                for number, one in parcels_of(subject).items()
            },
            "said_by": subject.particulars.get("said_by", {}),
            "watched": told(WatchedOut, watched_of(subject.pk)),
            "cases": told(CaseOut, self.context["cases"]),
        }


def reports_of(subject: Subject) -> list[dict[str, Any]]:
    return [
        {
            "word": word,
            "at": datetime.fromisoformat(said["at"]),
            "times": said["times"],
            "note": said.get("note", ""),
        }
        for word, said in subject.reports.items()
    ]


def site_wanted(slug: str, by: Actor) -> str:
    """The slug, once it names a site of the actor's; empty asks for all of them."""
    if slug:
        site_meant(slug, by)
    return slug


class SubjectsWanted(Paged):
    kind = OneOf(SubjectKind.choices, required=False, default="")
    site = serializers.CharField(required=False, default="", help_text="Slug of a site")
    q = serializers.CharField(
        required=False, default="", max_length=80, help_text="How its reference begins"
    )
    at_risk = serializers.BooleanField(required=False, allow_null=True, default=None)
    open = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Whether more is expected of it"
    )


class Subjects(Endpoint):
    @call(
        Call(
            name="list_subjects",
            scope=Scope.SUBJECTS_READ,
            query=SubjectsWanted,
            gives=SubjectsOut,
            example_query="kind=appointment&at_risk=true",
        )
    )
    def get(self, request: Request) -> Response:
        """List subjects, the newest known first."""
        wanted, at = self.wanted, timezone.now()
        chosen = Wanted(
            kind=wanted["kind"],
            site=site_wanted(wanted["site"], self.by),
            begins=wanted["q"],
            at_risk=wanted["at_risk"],
            open=wanted["open"],
        )
        rows = queries.subjects(chosen, by=self.by, at=at)
        found = stretch(rows, "pk", after=wanted["after"], limit=wanted["limit"])
        shown = told(SubjectOut, shown_of(found.rows, at))
        return Response(page(request, shown, found.after))


class ReminderOut(serializers.Serializer[Any]):
    """An open appointment whose customer to remind."""

    subject = SubjectOut(source="shown")
    chance = serializers.FloatField(
        source="reminder.chance", help_text="Of being missed, as learned"
    )
    reason = serializers.CharField(source="reminder.reason")


class RemindersOut(serializers.Serializer[Any]):
    results = ReminderOut(many=True)


class RemindersWanted(serializers.Serializer[Any]):
    site = serializers.CharField(required=False, default="", help_text="Slug of a site")


class Reminders(Endpoint):
    @call(
        Call(
            name="list_reminders",
            scope=Scope.SUBJECTS_READ,
            query=RemindersWanted,
            gives=RemindersOut,
            example_query="site=kestrel-2",
        )
    )
    def get(self, request: Request) -> Response:
        """List the appointments of the next three days, the likeliest to be missed first."""
        at = timezone.now()
        wanted = Wanted(site=site_wanted(self.wanted["site"], self.by))
        chosen = queries.subjects(wanted, by=self.by, at=at)
        found = reminders(pages.of(chosen, VIEWS[REMIND], by=self.by, at=at), at=at)
        known = chosen.in_bulk([one.subject_id for one in found])
        shown = shown_of([known[one.subject_id] for one in found], at)
        rows = [
            {"shown": one, "reminder": reminder} for one, reminder in zip(shown, found, strict=True)
        ]
        return Response(RemindersOut({"results": rows}).data)


class OneSubject(Endpoint):
    @call(Call(name="read_subject", scope=Scope.SUBJECTS_READ, gives=SubjectDetailOut))
    def get(self, request: Request, subject_id: int) -> Response:
        """Read a subject with its milestones, promises, reports and cases."""
        subject = queries.subject(subject_id, by=self.by)
        (shown,) = shown_of([subject], timezone.now())
        context = {"cases": self.cases_of(subject)}
        return Response(SubjectDetailOut(shown, context=context).data)

    def cases_of(self, subject: Subject) -> list[Row]:
        mine = access.visible(Case.objects.filter(subject=subject), self.by).order_by("-id")
        rows = rows_of(list(mine.values_list("pk", flat=True)[:CASES_SHOWN]))
        return sorted(rows.values(), key=lambda row: -row.id)


def shown_of(subjects: Sequence[Subject], at: datetime) -> list[Shown]:
    cases = open_cases_of([subject.pk for subject in subjects])
    return [
        Shown(one, number := cases.get(one.pk, 0), is_at_risk(one, number, at)) for one in subjects
    ]
