"""Mappings and uploaded files: shown here, changed on their own pages."""

from django.contrib import admin

from exceptions_app.admin.base import RecordAdmin, Shown
from exceptions_app.intake.models import ImportProblem, MappingVersion, SavedMapping, TableImport


class VersionInline(Shown, admin.TabularInline):  # type: ignore[type-arg]  # generic only to mypy
    model = MappingVersion
    fields = ("number", "name", "zone", "at", "actor_name")
    readonly_fields = fields


@admin.register(SavedMapping)
class SavedMappingAdmin(RecordAdmin):
    list_display = ("name", "slug", "kind", "source", "version", "changed_by", "changed_at")
    list_select_related = ("source",)
    search_fields = ("name", "slug")
    inlines = (VersionInline,)


@admin.register(MappingVersion)
class MappingVersionAdmin(RecordAdmin):
    list_display = ("mapping", "number", "name", "zone", "actor_name", "at")
    list_select_related = ("mapping",)
    search_fields = ("name",)


@admin.register(TableImport)
class TableImportAdmin(RecordAdmin):
    list_display = ("name", "state", "mapping", "mode", "by", "rows", "fed", "uploaded_at")
    list_select_related = ("by",)
    ordering = ("-uploaded_at",)
    search_fields = ("name",)


@admin.register(ImportProblem)
class ImportProblemAdmin(RecordAdmin):
    list_display = ("of", "row", "field", "reason")
    list_select_related = ("of",)
