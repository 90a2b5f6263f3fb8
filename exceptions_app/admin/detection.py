"""The versions of rules and journeys, and what is watched: shown; rules change on the desk's own pages."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from exceptions_app.admin.base import OfSubject, RecordAdmin
from exceptions_app.backtest.models import Backtest
from exceptions_app.detection.models import (
    PolicyVersion,
    Replan,
    RiskAdoption,
    RiskModel,
    WatchItem,
)


@admin.register(PolicyVersion)
class PolicyVersionAdmin(RecordAdmin):
    list_display = ("id", "at", "actor_name", "about", "site", "said", "why")
    list_filter = ("site",)
    list_select_related = ("site",)
    search_fields = ("about",)
    search_help_text = "What was changed, such as rule:order.late"


@admin.register(Replan)
class ReplanAdmin(RecordAdmin):
    list_display = ("id", "version", "kind", "site", "looked", "moved", "done_at")
    list_filter = ("kind",)
    list_select_related = ("version", "site")


@admin.register(WatchItem)
class WatchItemAdmin(OfSubject):
    list_display = ("subject", "rule", "title", "score", "since", "seen_at", "ended_at")


@admin.register(RiskModel)
class RiskModelAdmin(RecordAdmin):
    list_display = ("id", "site", "kind", "made_at", "promises")
    list_filter = ("kind",)
    list_select_related = ("site",)


@admin.register(RiskAdoption)
class RiskAdoptionAdmin(RecordAdmin):
    list_display = ("id", "site", "kind", "at", "actor_name", "model", "version")
    list_filter = ("kind",)
    list_select_related = ("site", "model", "version")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the documents, which a list does not show."""
        return super().get_queryset(request).defer("model__learned", "version__document")


@admin.register(Backtest)
class BacktestAdmin(RecordAdmin):
    list_display = ("id", "site", "kind", "said", "state", "asked_at", "actor_name")
    list_filter = ("kind", "state")
    list_select_related = ("site",)
