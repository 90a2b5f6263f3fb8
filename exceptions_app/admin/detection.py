"""The versions of rules and journeys: shown; they change on the desk's own pages."""

from django.contrib import admin

from exceptions_app.admin.base import RecordAdmin
from exceptions_app.detection.models import PolicyVersion, Replan


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
