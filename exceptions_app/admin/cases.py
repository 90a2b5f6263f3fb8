"""Cases with their verbs as buttons, their clocks, and the timeline that nobody edits."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from exceptions_app.admin.base import DeskAdmin, RecordAdmin, Shown, case_number
from exceptions_app.admin.pressing import Press, PressAdmin
from exceptions_app.cases import lifecycle, searching, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.mass_limits import MassLimit
from exceptions_app.cases.models import Case
from exceptions_app.cases.steps import steps
from exceptions_app.people.access import Actor
from exceptions_app.people.models import User
from exceptions_app.sla.models import Clock
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import OPEN_STATUSES, Severity


class Reason(forms.Form):
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class Resolve(forms.Form):
    cause = forms.CharField(max_length=40, help_text="What caused it; reports count these.")
    text = forms.CharField(
        label="What was done", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class Wait(forms.Form):
    waiting_for = forms.CharField(max_length=120, help_text="Whom or what.")
    until = forms.DateTimeField(
        required=False, help_text="UTC, such as 2026-11-21 15:30. Empty: until somebody resumes it."
    )


class Comment(forms.Form):
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=10_000)
    shared = forms.BooleanField(required=False, label="Also to the linked platforms")


class Assign(forms.Form):
    to = forms.SlugField(label="Sign-in name of the owner")
    note = forms.CharField(label="Hand-over note", required=False)

    def clean_to(self) -> int:
        user = User.objects.filter(username=self.cleaned_data["to"]).first()
        if user is None:
            raise forms.ValidationError("There is no such sign-in name.")
        return int(user.pk)


class ChangeSeverity(forms.Form):
    severity = forms.TypedChoiceField(
        choices=Severity.choices, coerce=lambda value: Severity(int(value))
    )
    reason = forms.CharField(required=False, max_length=300)


class ClockInline(Shown, admin.TabularInline):  # type: ignore[type-arg]  # generic only to mypy
    model = Clock
    fields = ("kind", "length_kind", "amount", "due_at", "paused", "stopped_at", "breached_at")
    readonly_fields = fields


class StillOpen(admin.SimpleListFilter):
    """Open or settled; the board's own index knows the open ones."""

    title = "status"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "open")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status__in=OPEN_STATUSES) if self.value() else queryset


@admin.register(Case)
class CaseAdmin(PressAdmin):
    """A case moves by its verbs and by nothing else."""

    list_display = ("named", "title", "severity", "status", "site", "of_team", "assignee", "due_at")
    list_filter = (StillOpen, "site")
    list_select_related = ("site", "team", "assignee")
    search_fields = ("title",)
    search_help_text = "Number, or the beginnings of words of title, reference and customer"
    exclude = ("search",)
    inlines = (ClockInline,)
    readonly_fields = ("more",)
    presses = {
        "acknowledge": Press("Acknowledge", lifecycle.acknowledge),
        "start": Press("Start work", lifecycle.start),
        "claim": Press("Assign to me", triage.claim),
        "assign": Press("Assign to…", triage.assign, Assign),
        "release": Press("Release", triage.release),
        "wait": Press("Wait for…", lifecycle.wait, Wait),
        "resume": Press("Resume", lifecycle.resume),
        "split": Press("Split off", triage.split),
        "resolve": Press("Resolve", lifecycle.resolve, Resolve),
        "close": Press("Close", lifecycle.close),
        "dismiss": Press("Dismiss", lifecycle.dismiss, Reason),
        "reopen": Press("Reopen", lifecycle.reopen, Reason),
        "change_severity": Press("Change severity", triage.change_severity, ChangeSeverity),
        "comment": Press("Comment", triage.comment, Comment),
    }

    def offered(self, by: Actor, row: Any) -> Mapping[str, str]:
        return {step.verb: step.why for step in steps(row, by)}

    def seen(self, row: Any, version: str) -> Seen:
        return Seen(row.pk, int(version) if version.isdecimal() else None)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return super().get_queryset(request).defer("search")

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        return searching.matching(rows, asked)

    @admin.display(description="number", ordering="pk")
    def named(self, case: Case) -> str:
        return case.shown_number

    @admin.display(description="team")
    def of_team(self, case: Case) -> str:
        return case.team.name if case.team else ""

    @admin.display(description="more of it")
    def more(self, case: Case) -> str:
        of_case = f"?case__id__exact={case.pk}"
        return format_html(
            '<a href="{}{}">Timeline</a> · <a href="{}{}">Deliveries</a>',
            reverse("admin:exceptions_app_entry_changelist"),
            of_case,
            reverse("admin:exceptions_app_delivery_changelist"),
            of_case,
        )


class OfCase(RecordAdmin):
    """Rows that belong to a case, found by its number."""

    list_select_related: ClassVar[tuple[str, ...]] = ("case",)
    search_fields = ("case__number",)
    search_help_text = "Number of the case, such as EX-1042"

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        return rows.filter(case__number=case_number(asked))

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        return lookup == "case__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Clock)
class ClockAdmin(OfCase):
    """A clock says what its case's history and the calendar say."""

    list_display = (
        "case",
        "kind",
        "length_kind",
        "amount",
        "due_at",
        "paused",
        "stopped_at",
        "breached_at",
    )


@admin.register(Entry)
class EntryAdmin(OfCase):
    """The timeline is only ever added to, and only by what happens."""

    list_display = ("case", "seq", "at", "verb", "actor_name")
    fields = (
        "case",
        "seq",
        "at",
        "recorded_at",
        "verb",
        "actor_kind",
        "actor_id",
        "actor_name",
        "data",
        "digests",
    )
    readonly_fields = fields

    @admin.display(description="digest, and the one before")
    def digests(self, entry: Entry) -> str:
        return f"{bytes(entry.digest).hex()} ← {bytes(entry.previous).hex() or 'the first'}"


@admin.register(MassLimit)
class MassLimitAdmin(DeskAdmin):
    """Where none says otherwise, more than 10 within 30 minutes make an event."""

    list_display = ("shared", "exception_type", "more_than", "minutes", "enabled")
    search_fields = ("exception_type",)
    deletable = True
