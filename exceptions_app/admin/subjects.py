"""What sources sent and what is known from it: shown, and never changed."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from exceptions_app.admin.base import DeskAdmin, OfSubject, RecordAdmin, Shown
from exceptions_app.detection.silence import plan
from exceptions_app.subjects.models import (
    Milestone,
    Promise,
    Receipt,
    RefusedSignal,
    Signal,
    Subject,
)
from exceptions_app.subjects.source_models import Hold, Source, SourceHour
from exceptions_app.vocabulary import Doubt


@admin.register(Source)
class SourceAdmin(DeskAdmin):
    """A source stays; its signals point to it. A new one is in quarantine until somebody releases it."""

    list_display = (
        "name",
        "slug",
        "site",
        "format",
        "last_signal_at",
        "silent_since",
        "quarantined_at",
    )
    list_select_related = ("site",)
    search_fields = ("name", "slug")
    readonly_fields = (
        "format",
        "last_signal_at",
        "expected_at",
        "silent_since",
        "back_at",
        "quarantined_at",
        "doubt",
        "tells",
    )

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's own
        now = timezone.now()
        if not change:
            obj.quarantined_at, obj.doubt = now, Doubt.NEW
        plan(obj, now)
        super().save_model(request, obj, form, change)


class MilestoneInline(Shown, admin.TabularInline):  # type: ignore[type-arg]  # generic only to mypy
    model = Milestone
    fields = ("name", "expected_at", "actual_at", "reported_at")
    readonly_fields = fields


class PromiseInline(Shown, admin.TabularInline):  # type: ignore[type-arg]  # generic only to mypy
    model = Promise
    fields = ("promised_at", "said_at", "reason")
    readonly_fields = fields


@admin.register(Subject)
class SubjectAdmin(RecordAdmin):
    list_display = (
        "reference",
        "label",
        "kind",
        "site",
        "promised_at",
        "ended_at",
        "last_signal_at",
    )
    list_filter = ("site",)
    list_select_related = ("site",)
    search_fields = ("reference",)
    search_help_text = "The beginning of a reference"
    inlines = (MilestoneInline, PromiseInline)

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        begins = Q()
        for spelling in {asked, asked.upper(), asked.lower()}:
            begins |= Q(reference__startswith=spelling)
        return rows.filter(begins)


@admin.register(Signal)
class SignalAdmin(RecordAdmin):
    list_display = ("external_id", "type", "source", "subject", "occurred_at", "received_at")
    list_filter = ("source",)
    list_select_related = ("source", "subject")
    search_fields = ("external_id",)
    search_help_text = "The whole external id"

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        # By source and id, as the index has them.
        return rows.filter(source__in=Source.objects.values("pk"), external_id=asked)


@admin.register(Receipt)
class ReceiptAdmin(RecordAdmin):
    list_display = ("id", "received_at", "actor_name", "stored", "duplicate", "conflict", "refused")
    search_fields = ("id",)
    search_help_text = "The whole id"

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        try:
            return rows.filter(pk=UUID(asked))
        except ValueError:
            return rows.none()


@admin.register(RefusedSignal)
class RefusedSignalAdmin(RecordAdmin):
    """Mended at /signals/refused/, where it goes in by the one way there is."""

    list_display = ("received_at", "source", "external_id", "reason", "times", "settled_at")
    list_filter = ("outcome",)
    search_fields = ("external_id",)
    search_help_text = "The whole external id"

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        return rows.filter(external_id=asked)


@admin.register(Milestone)
class MilestoneAdmin(OfSubject):
    list_display = ("subject", "name", "expected_at", "actual_at", "reported_at")


@admin.register(Promise)
class PromiseAdmin(OfSubject):
    list_display = ("subject", "promised_at", "said_at", "reason")


@admin.register(Hold)
class HoldAdmin(OfSubject):
    list_display = ("subject", "title", "source", "held_at", "released_at")
    list_select_related: ClassVar[tuple[str, ...]] = ("subject", "source")


@admin.register(SourceHour)
class SourceHourAdmin(RecordAdmin):
    list_display = ("source", "hour", "signals", "refused")
    list_select_related = ("source",)
    search_fields = ("source__slug",)
    search_help_text = "The whole slug of the source"

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        return rows.filter(source__slug=asked)
