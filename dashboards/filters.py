"""What a list of cases can be narrowed by; one set for the board, the API and the doors of the reports."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from dashboards.actor import actor
from dashboards.answers import whole_number
from dashboards.measured import MeasuredFilter
from exceptions_app.cases import searching
from exceptions_app.models import Case, Site, Team, User
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import OPEN_STATUSES, ExceptionType, Severity, Status

ANY_STATUS = "any"
NO_TEAM = "none"
STATUSES = [("open", "open"), (ANY_STATUS, "any status"), *Status.choices]
SEVERITIES = [(one.slug, one.label) for one in Severity]
#: In the order of the menu.
PARAMETERS = (
    "status",
    "severity",
    "site",
    "team",
    "type",
    "assignee",
    "breached",
    "due_within",
    "opened_after",
    "opened_before",
    "changed_after",
    "target",
    "acknowledged",
    "resolved",
    "resolved_after",
    "resolved_before",
    "imported",
    "part_of",
    "subject",
    "rule",
    "q",
)


class CaseFilter(MeasuredFilter):
    """Narrow cases; several values of one parameter mean any of them."""

    status = filters.MultipleChoiceFilter(choices=STATUSES, method="of_status")
    severity = filters.MultipleChoiceFilter(choices=SEVERITIES, method="of_severity")
    site = filters.MultipleChoiceFilter(choices=(), method="at_site", help_text="Slug of a site")
    team = filters.MultipleChoiceFilter(choices=(), method="of_team", help_text="Slug of a team")
    type = filters.MultipleChoiceFilter(
        choices=ExceptionType.choices, field_name="exception_type", distinct=False
    )
    assignee = filters.CharFilter(method="owned_by", help_text="me, none, or a sign-in name")
    breached = filters.BooleanFilter(field_name="breached")
    due_within = filters.NumberFilter(
        method="due_soon", min_value=0, max_value=525_600, help_text="Minutes"
    )
    opened_after = filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="lt")
    changed_after = filters.IsoDateTimeFilter(field_name="changed_at", lookup_expr="gte")
    part_of = filters.CharFilter(
        method="within",
        help_text="Id or number of the event that they are in; none: those that stand alone",
    )
    subject = filters.NumberFilter(field_name="subject_id", min_value=1, max_value=2**63 - 1)
    rule = filters.CharFilter(field_name="rule")
    q = filters.CharFilter(
        method="with_words", help_text="Number, reference, customer or words of the title"
    )

    class Meta:
        model = Case
        fields: tuple[str, ...] = ()

    def __init__(
        self,
        data: QueryDict | Mapping[str, Any] | None = None,
        queryset: QuerySet[Case] | None = None,
        *,
        request: HttpRequest | None = None,
        by: Actor | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            data, Case.objects.all() if queryset is None else queryset, request=request, **kwargs
        )
        self.by = by
        #: Whether the words looked for are too common to count the cases that have them.
        self.common = False
        for name, choices in (("site", self.sites), ("team", self.teams_or_none)):
            if name in self.data:
                self.filters[name].extra["choices"] = choices()

    @property
    def who(self) -> Actor | None:
        """Whoever asks; drf-spectacular asks as nobody."""
        if self.by is None and self.request is not None and self.request.user.is_authenticated:
            self.by = actor(self.request)
        return self.by

    def sites(self) -> list[tuple[str, str]]:
        if self.who is None:
            return []
        return list(access.sites(self.who).values_list("slug", "name"))

    def teams(self) -> list[tuple[str, str]]:
        if self.who is None:
            return []
        seen = access.visible(Team.objects.all(), self.who, team="pk")
        return sorted(dict(seen.values_list("slug", "name")).items())

    def teams_or_none(self) -> list[tuple[str, str]]:
        return [*self.teams(), (NO_TEAM, "no team")]

    def of_status(self, cases: QuerySet[Case], _: str, values: list[str]) -> QuerySet[Case]:
        if not values or ANY_STATUS in values:
            return cases
        wanted = {value for value in values if value != "open"}
        return cases.filter(
            status__in=sorted(wanted | (set(OPEN_STATUSES) if "open" in values else set()))
        )

    def of_severity(self, cases: QuerySet[Case], _: str, values: list[str]) -> QuerySet[Case]:
        return (
            cases.filter(severity__in=[Severity.named(value) for value in values])
            if values
            else cases
        )

    def at_site(self, cases: QuerySet[Case], _: str, values: list[str]) -> QuerySet[Case]:
        # Ids, not a join: the board's indexes begin with the site's id.
        found = (
            list(Site.objects.filter(slug__in=values).values_list("pk", flat=True))
            if values
            else []
        )
        return one_or_many(cases, "site", found) if values else cases

    def of_team(self, cases: QuerySet[Case], _: str, values: list[str]) -> QuerySet[Case]:
        if not values:
            return cases
        found = list(Team.objects.filter(slug__in=values).values_list("pk", flat=True))
        if NO_TEAM in values:
            return cases.filter(Q(team=None) | Q(team__in=found))
        return one_or_many(cases, "team", found)

    def owned_by(self, cases: QuerySet[Case], _: str, value: str) -> QuerySet[Case]:
        if value == "none":
            return cases.filter(assignee=None)
        if value == "me":
            return (
                cases.filter(assignee=self.who.user_id)
                if self.who and self.who.user_id
                else cases.none()
            )
        owner = User.objects.filter(username=value).values_list("pk", flat=True).first()
        return cases.filter(assignee=owner) if owner else cases.none()

    def within(self, cases: QuerySet[Case], _: str, value: str) -> QuerySet[Case]:
        if value == "none":
            return cases.filter(parent=None)
        pk = whole_number(value)
        return cases.filter(parent=pk) if pk else cases.none()

    def due_soon(self, cases: QuerySet[Case], _: str, minutes: int) -> QuerySet[Case]:
        return cases.filter(due_at__lte=timezone.now() + timedelta(minutes=int(minutes)))

    def with_words(self, cases: QuerySet[Case], _: str, asked: str) -> QuerySet[Case]:
        if self.who is None:
            return searching.matching(cases, asked)
        hits = searching.search(access.visible(cases, self.who), asked, by=self.who)
        self.common = hits.common
        return hits.cases


def one_or_many(cases: QuerySet[Case], column: str, ids: list[int]) -> QuerySet[Case]:
    """One value is compared for equality, so that an index in the wanted order can serve it."""
    return (
        cases.filter(**{column: ids[0]})
        if len(ids) == 1
        else cases.filter(Q(**{f"{column}__in": ids}))
    )
