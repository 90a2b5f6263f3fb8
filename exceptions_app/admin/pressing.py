"""Buttons in the admin that call the verbs of the domain, with the version that was seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from exceptions_app.admin.base import RecordAdmin
from exceptions_app.errors import DeskError
from exceptions_app.people.access import Actor, person

if TYPE_CHECKING:
    from exceptions_app.people.models import User


@dataclass(frozen=True)
class Press:
    """A verb, and the form of what it asks; without one it is done at once."""

    label: str
    run: Callable[..., object]
    form: type[forms.Form] = forms.Form

    @property
    def asks(self) -> bool:
        return bool(self.form.base_fields)


@dataclass(frozen=True)
class Button:
    """What the page shows of a verb."""

    verb: str
    label: str
    url: str
    asks: bool
    why: str = ""


class PressAdmin(RecordAdmin):
    """A record whose page offers verbs."""

    presses: Mapping[str, Press] = {}
    change_form_template = "admin/pressable.html"

    def offered(self, by: Actor, row: Any) -> Mapping[str, str]:
        """The verbs to show, each with why it is not possible now; empty if it is."""
        raise NotImplementedError

    def seen(self, row: Any, version: str) -> object:
        """What a verb of the domain takes first."""
        return row.pk

    def get_urls(self) -> list[URLPattern]:
        press = path(
            "<path:object_id>/press/<slug:verb>/",
            self.admin_site.admin_view(self.press),
            name=self._route,
        )
        return [press, *super().get_urls()]

    @property
    def _route(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_press"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id or "") if object_id else None
        more = {"buttons": self.buttons(request, row)} if row else {}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | more)

    def buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        return [
            Button(
                verb,
                self.presses[verb].label,
                reverse(f"admin:{self._route}", args=[row.pk, verb]),
                self.presses[verb].asks,
                why,
            )
            for verb, why in self.offered(actor(request), row).items()
        ]

    def press(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """Ask what the verb needs to know, then do it."""
        row, press = self.get_object(request, object_id), self.presses.get(verb)
        if row is None or press is None:
            raise Http404
        version = request.POST.get("version") or request.GET.get("version") or ""
        form = press.form(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            self._run(request, press, self.seen(row, version), form.cleaned_data)
            return HttpResponseRedirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
            )
        context = {
            **self.admin_site.each_context(request),
            "title": f"{press.label}: {row}",
            "opts": self.opts,
            "original": row,
            "form": form,
            "version": version,
            "label": press.label,
        }
        return TemplateResponse(request, "admin/press.html", context)

    def _run(self, request: HttpRequest, press: Press, seen: object, said: dict[str, Any]) -> None:
        try:
            press.run(seen, by=actor(request), at=timezone.now(), **said)
        except DeskError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{press.label}: done.", messages.SUCCESS)


def actor(request: HttpRequest) -> Actor:
    return person(cast("User", request.user))
