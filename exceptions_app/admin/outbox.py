"""What is owed outside, and the playbooks that say so; connections are in the admin of the connectors."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from exceptions_app.admin.base import DeskAdmin, RecordAdmin, Shown
from exceptions_app.admin.cases import OfCase, Reason
from exceptions_app.admin.pressing import Press, PressAdmin
from exceptions_app.outbox import deciding
from exceptions_app.outbox.models import Attempt, Delivery, Gate, Heartbeat, Link, Withheld
from exceptions_app.people.access import Actor
from exceptions_app.playbooks import keeping
from exceptions_app.playbooks.models import Playbook


class AttemptInline(Shown, admin.TabularInline):  # type: ignore[type-arg]  # generic only to mypy
    model = Attempt
    fields = ("at", "took_ms", "method", "url", "status", "verdict", "ok")
    readonly_fields = fields


@admin.register(Delivery)
class DeliveryAdmin(OfCase, PressAdmin):
    """Resent or skipped, never edited."""

    list_display = (
        "case",
        "connection",
        "operation",
        "state",
        "attempts",
        "owed_at",
        "due_at",
        "done_at",
    )
    list_filter = ("connection",)
    list_select_related = ("case", "connection")
    ordering = ("-position",)
    inlines = (AttemptInline,)
    presses = {
        "resend": Press("Resend", deciding.resend),
        "skip": Press("Skip", deciding.skip, Reason),
    }

    def offered(self, by: Actor, row: Any) -> Mapping[str, str]:
        return dict.fromkeys(self.presses, "")


@admin.register(Attempt)
class AttemptAdmin(RecordAdmin):
    """One try, redacted when it was written."""

    list_display = ("delivery", "at", "took_ms", "status", "verdict", "ok")
    list_select_related = ("delivery",)
    search_fields = ("delivery",)
    search_help_text = "Id of the delivery"

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        try:
            return rows.filter(delivery=UUID(asked))
        except ValueError:
            return rows.none()


@admin.register(Link)
class LinkAdmin(OfCase):
    """A case's counterpart over there."""

    list_display = ("case", "connection", "external_id", "status", "linked_at")
    list_filter = ("connection",)
    list_select_related = ("case", "connection")


@admin.register(Withheld)
class WithheldAdmin(OfCase):
    """What would have been owed for a case in quarantine."""

    list_display = ("case", "connection", "operation", "at", "fate", "settled_at", "settled_by")
    list_filter = ("connection",)
    list_select_related = ("case", "connection")


@admin.register(Heartbeat)
class HeartbeatAdmin(RecordAdmin):
    """Which processes are alive."""

    list_display = ("name", "host", "pid", "at")


@admin.register(Gate)
class GateAdmin(RecordAdmin):
    """How fast each connection may be used, and whether its circuit is open."""

    list_display = ("connection", "free_at", "held_until", "failures", "opened_at")


class PlaybookForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only to mypy
    """Conditions are checked here, since a playbook that cannot be read would stop a case from moving."""

    class Meta:
        model = Playbook
        fields = ("name", "enabled", "moment", "site", "conditions", "connection")

    def clean_conditions(self) -> list[Any]:
        given = self.cleaned_data["conditions"] or []
        if not keeping.well_formed(given):
            raise forms.ValidationError(keeping.how_to_write())
        return given


@admin.register(Playbook)
class PlaybookAdmin(DeskAdmin):
    """On what, if which, where to."""

    form = PlaybookForm
    list_display = ("name", "enabled", "moment", "site", "connection", "changed_by")
    list_filter = ("enabled", "moment", "connection")
    list_select_related = ("site", "connection")
    search_fields = ("name",)
    deletable = True

    def save_model(self, request: HttpRequest, obj: Playbook, form: Any, change: Any) -> None:
        obj.changed_at, obj.changed_by = timezone.now(), str(request.user)[:120]
        super().save_model(request, obj, form, change)
