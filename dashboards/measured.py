"""The filters behind the numbers of a report; the board and the API take them like any other."""

from collections.abc import Sequence

import django_filters as filters
from django.db.models import QuerySet

from exceptions_app.models import Case
from exceptions_app.reports.doors import TARGET_CHOICES, with_target


class MeasuredFilter(filters.FilterSet):  # type: ignore[misc]  # has no types
    """Narrow cases by how their clocks stand, and by when they were resolved."""

    target = filters.MultipleChoiceFilter(
        choices=TARGET_CHOICES, method="of_target", help_text="A target and how it was kept"
    )
    acknowledged = filters.BooleanFilter(
        field_name="acknowledged_at", lookup_expr="isnull", exclude=True
    )
    resolved = filters.BooleanFilter(field_name="resolved_at", lookup_expr="isnull", exclude=True)
    resolved_after = filters.IsoDateTimeFilter(field_name="resolved_at", lookup_expr="gte")
    resolved_before = filters.IsoDateTimeFilter(field_name="resolved_at", lookup_expr="lt")
    imported = filters.BooleanFilter(
        field_name="imported", help_text="Replayed from history, or not"
    )

    class Meta:
        model = Case
        fields: tuple[str, ...] = ()

    def of_target(self, cases: QuerySet[Case], _: str, values: Sequence[str]) -> QuerySet[Case]:
        return with_target(cases, values)
