"""Calendars with their dated versions, and targets."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from exceptions_app.admin.base import DeskAdmin
from exceptions_app.detection.changing import hours_changed
from exceptions_app.errors import Refused
from exceptions_app.people.models import Site
from exceptions_app.sla.calendars import hours_from, hours_of
from exceptions_app.sla.hours import missing_years
from exceptions_app.sla.models import Calendar, CalendarVersion, Target

_AHEAD = timedelta(days=365)


class VersionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only to mypy
    """Hours are checked here, since hours that cannot be read would stop every clock of a site."""

    class Meta:
        model = CalendarVersion
        fields = ("since", "weekly", "holiday_region", "holidays", "exceptions")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            version = CalendarVersion(**{name: given[name] for name in self.Meta.fields})
            hours = hours_from("UTC", [version])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        except (ValueError, TypeError, AttributeError):
            raise forms.ValidationError(
                'These hours cannot be read. Write weekdays as {"mon": [["08:30", "17:00"]]}, holidays as '
                '{"2026-12-24": "Christmas Eve"}, exceptions as {"2026-12-31": [["08:30", "12:00"]]}.'
            ) from None
        if not any(hours.versions[0].week.values()):
            raise forms.ValidationError(
                "These hours open on no weekday, so no clock could run by them. "
                "Close single days as holidays or exceptions."
            )
        return given


class Versions(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # generic only to mypy
    """A calendar without any would never close."""

    def clean(self) -> None:
        super().clean()
        left = (form for form in self.forms if form not in self.deleted_forms)
        if not any(form.has_changed() or form.instance.pk for form in left):
            raise forms.ValidationError("Give the hours of at least one day.")


class VersionInline(admin.StackedInline):  # type: ignore[type-arg]  # generic only to mypy
    model = CalendarVersion
    form = VersionForm
    formset = Versions
    extra = 0
    min_num = 1


@admin.register(Calendar)
class CalendarAdmin(DeskAdmin):
    """Hours change by a new version; the old one stays, since past clocks were read by it."""

    list_display = ("name", "time_zone", "without_holidays")
    search_fields = ("name",)
    inlines = (VersionInline,)

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        change: bool,  # noqa: FBT001 - Django's own
    ) -> None:
        super().save_related(request, form, formsets, change)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            sites = Site.objects.filter(calendar=form.instance).values_list("pk", flat=True)
            hours_changed(list(sites), at=timezone.now())

    @admin.display(description="years without holidays")
    def without_holidays(self, calendar: Calendar) -> str:
        return ", ".join(map(str, years_missing(calendar))) or "none"

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **more: Any
    ) -> HttpResponse:
        calendar = self.get_object(request, object_id)
        years = years_missing(calendar) if calendar and request.method == "GET" else []
        if years:
            told = ", ".join(map(str, years))
            self.message_user(
                request,
                f"No holiday is known in {told}. Add a version since that year, with its region.",
                messages.WARNING,
            )
        return super().change_view(request, object_id, *args, **more)


def years_missing(calendar: Calendar) -> list[int]:
    """The years from now on for a year in which nobody said when it is closed."""
    today: date = timezone.now().date()
    return missing_years(hours_of([calendar.pk])[calendar.pk], today, today + _AHEAD)


@admin.register(Target)
class TargetAdmin(DeskAdmin):
    """The most specific match wins; running clocks keep the length they started with."""

    list_display = (
        "kind",
        "exception_type",
        "severity",
        "tier",
        "site",
        "length_kind",
        "amount",
        "warn_at",
    )
    list_filter = ("kind", "site", "severity")
    list_select_related = ("site",)
    deletable = True
