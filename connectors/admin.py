"""Connections with the form of their platform, and what the sandbox keeps."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from connectors import worker
from connectors.forms import ConnectionForm, named
from connectors.models import HookCall, SandboxNote, SandboxRecord
from connectors.registry import BY_SLUG
from exceptions_app.models import Connection
from exceptions_app.outbox import connections


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only to mypy
    """Chosen first, configured second: the platform decides which settings there are."""

    form = ConnectionForm
    list_display = ("name", "platform", "site", "sandbox", "enabled", "succeeded_at", "last_error")
    list_filter = ("platform", "enabled", "sandbox")
    actions = ("test",)
    save_as_continue = True

    def save_model(self, request: HttpRequest, obj: Connection, *_: Any) -> None:
        connections.store(obj, at=timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was sent through it would lose its explanation; it is disconnected instead."""
        return False

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """No role may, so it is not said to be for another role."""
        said = {"title": "A connection stays", "exception": connections.STAYS}
        return render(request, "403.html", said, status=HTTPStatus.FORBIDDEN)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().get_form(request, *args, **kwargs | {"fields": ConnectionForm.Meta.fields})

    def get_fields(self, request: HttpRequest, obj: Connection | None = None) -> list[Any]:
        chosen = obj.platform if obj else request.POST.get("platform", "")
        drawn = BY_SLUG[chosen].config.schema() if chosen in BY_SLUG else ()
        return [*ConnectionForm.Meta.fields, *map(named, drawn)]

    @admin.action(description="Test the connection")
    def test(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            self.message_user(
                request, f"{connection}: {worker.probe(connection).verdict}", messages.INFO
            )


class NoteInline(admin.TabularInline):  # type: ignore[type-arg]  # generic only to mypy
    model = SandboxNote
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SandboxRecord)
class SandboxRecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only to mypy
    """To look at; the stand-ins write it."""

    list_display = ("external_id", "connection", "created_at", "changed_at")
    list_filter = ("connection__platform",)
    inlines = (NoteInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(HookCall)
class HookCallAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only to mypy
    """What platforms and vendors said; a platform's conflict is settled on the page of conflicts."""

    list_display = ("at", "connection", "source", "state", "case", "outcome")
    list_filter = ("state", "connection", "source")
    list_select_related = ("connection", "source", "case")
    readonly_fields = tuple(one.name for one in HookCall._meta.fields if one.name != "id")
    actions = ("settle",)

    @admin.action(description="Seen to: no conflict of a source any more")
    def settle(self, request: HttpRequest, chosen: QuerySet[HookCall]) -> None:
        of_sources = chosen.filter(state=HookCall.State.CONFLICT, source__isnull=False)
        done = of_sources.update(state=HookCall.State.NOTHING)
        self.message_user(request, f"{done} settled.", messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
