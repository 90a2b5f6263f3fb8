"""What every page of the admin shares: no count of a million rows, and only what is to be edited can be."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

#: Nobody pages further than this; a count beyond it would read the whole table.
COUNTED = 10_000


class ShortCount(Paginator):  # type: ignore[type-arg]  # generic only to mypy
    """Counts so far and no further."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # whatever a list is made of
        return rows.order_by()[:COUNTED].count()


class DeskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only to mypy
    """Editable. Deleting is for what nothing else points to."""

    paginator = ShortCount
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    deletable = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.deletable and super().has_delete_permission(request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        asked = search_term.strip().replace("\x00", "")
        return (self.sought(queryset, asked) if asked else queryset), False

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        """The rows that somebody looks for; by an index, whatever the size of the table."""
        return super().get_search_results(None, rows, asked)[0]  # type: ignore[arg-type]  # it is not read


class RecordAdmin(DeskAdmin):
    """To look at: what a verb or the desk itself wrote."""

    # Newest first by the primary key, which every table has in order.
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfSubject(RecordAdmin):
    """Rows about a subject, found by its reference."""

    list_select_related: ClassVar[tuple[str, ...]] = ("subject",)
    search_fields = ("subject__reference",)
    search_help_text = "The whole reference of the subject"

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        return rows.filter(subject__reference=asked)


class Shown:
    """For rows shown inside another page, to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def case_number(asked: str) -> int:
    """17 of “EX-17”; 0, which no case has, of anything else."""
    digits = asked.upper().removeprefix("EX").strip(" -")
    return int(digits) if digits.isdecimal() and len(digits) < 19 else 0
