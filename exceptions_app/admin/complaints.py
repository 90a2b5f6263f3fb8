"""Complaints as they came in, what people decided, and what was learned: shown, and never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from exceptions_app.admin.base import RecordAdmin, Shown
from exceptions_app.complaints.models import (
    Complaint,
    ComplaintDecision,
    ComplaintFile,
    ComplaintLesson,
    StatusVisit,
)


class FileInline(Shown, admin.TabularInline):  # type: ignore[type-arg]  # generic only to mypy
    model = ComplaintFile
    fields = ("name", "media_type", "size")
    readonly_fields = fields
    show_change_link = False


@admin.register(Complaint)
class ComplaintAdmin(RecordAdmin):
    list_display = ("number", "site", "channel", "state", "suspicion", "received_at", "case")
    list_filter = ("site", "state")
    list_select_related = ("site", "case")
    search_fields = ("number",)
    search_help_text = "The whole number"
    exclude = ("key", "sender")
    inlines = (FileInline,)

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        return rows.filter(number=asked.upper())


@admin.register(ComplaintFile)
class ComplaintFileAdmin(RecordAdmin):
    list_display = ("name", "complaint", "media_type", "size")
    list_select_related = ("complaint",)
    exclude = ("file",)


@admin.register(ComplaintDecision)
class ComplaintDecisionAdmin(RecordAdmin):
    list_display = ("case", "suggested_type", "confidence", "exception_type", "decided_at")
    list_select_related = ("case",)


@admin.register(ComplaintLesson)
class ComplaintLessonAdmin(RecordAdmin):
    list_display = ("learned_at", "decisions", "shipped", "accuracy", "folds")
    exclude = ("learned",)


@admin.register(StatusVisit)
class StatusVisitAdmin(RecordAdmin):
    list_display = ("subject", "at")
    list_select_related = ("subject",)
