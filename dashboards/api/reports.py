"""The SLA report: compliance, times and volumes, each number with the address of the cases behind it."""

import zoneinfo
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards import reporting
from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.narrowing import insist_on_names, insist_on_sense
from dashboards.api.shapes import YEARS, Asked, OneOf
from dashboards.filters import CaseFilter
from exceptions_app.models import User
from exceptions_app.people import access
from exceptions_app.reports.groupings import Grouping
from exceptions_app.reports.sla import Line, TargetLine, TimeLine, compliance
from exceptions_app.vocabulary import Scope, TargetKind

#: What imported history is, a report asks in its own words.
NARROWING = [name for name in reporting.NARROWING if name != "imported"]


class NumberOut(serializers.Serializer[Any]):
    """How many cases, and where these are listed."""

    value = serializers.IntegerField()
    cases = serializers.SerializerMethodField("address_of")

    def address_of(self, number: Any) -> str:
        return f"{self.context['cases']}?{number.query}"


class KeptOut(serializers.Serializer[TargetLine]):
    """How one target was kept. What still runs is neither met nor missed."""

    target = serializers.ChoiceField(TargetKind.choices, source="kind")
    met = NumberOut()
    missed = NumberOut()
    running = NumberOut()
    share = serializers.FloatField(allow_null=True, help_text="Met of those decided, 0 to 1")
    change = serializers.FloatField(
        allow_null=True, help_text="Share minus that of the period before"
    )


class TookOut(serializers.Serializer[TimeLine]):
    """How long something took, elapsed on the wall clock."""

    cases = NumberOut()
    median_seconds = serializers.SerializerMethodField("median_of")
    p90_seconds = serializers.SerializerMethodField("p90_of")

    def median_of(self, took: TimeLine) -> float | None:
        return seconds(took.median)

    def p90_of(self, took: TimeLine) -> float | None:
        return seconds(took.p90)


def seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


class LineOut(serializers.Serializer[Line]):
    """The figures of the whole, of one group, or of one week."""

    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for a field
    opened = NumberOut()
    resolved = NumberOut()
    open = NumberOut()
    targets = serializers.SerializerMethodField("targets_of")
    to_acknowledge = TookOut()
    to_resolve = TookOut()

    @extend_schema_field(KeptOut(many=True))
    def targets_of(self, line: Line) -> Any:
        return [KeptOut(one, context=self.context).data for one in line.targets.values()]


class PeriodOut(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()
    time_zone = serializers.CharField(source="zone.key")


class OutlierOut(serializers.Serializer[Any]):
    """The team whose share is furthest below what the others would make likely."""

    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for a field
    target = KeptOut()


class SlaReportOut(serializers.Serializer[Any]):
    """SLA compliance, times and volumes of the cases opened in a period."""

    period = PeriodOut()
    by = serializers.ChoiceField(Grouping.choices, source="grouping")
    at = serializers.DateTimeField()
    total = LineOut()
    lines = LineOut(many=True, help_text="One per group")
    weeks = LineOut(many=True, help_text="One per ISO week")
    outlier = OutlierOut(allow_null=True)


class ReportWanted(Asked):
    by = OneOf(Grouping.choices, required=False)
    weeks = OneOf(reporting.WEEKS, required=False, help_text="Up to now")
    imported = OneOf(
        [value for value, _ in reporting.HISTORY],
        required=False,
        help_text="Cases of imported history, which nobody could have worked: left out (false, "
        "unless asked otherwise), counted as well (any), or alone (true)",
    )
    time_zone = serializers.CharField(
        required=False,
        max_length=64,
        help_text="In which days and weeks are counted; the site's if one",
    )

    def get_fields(self) -> dict[str, Any]:
        """``from`` is a word of Python's, so it cannot be written as an attribute."""
        days = {"from": "First day", "to": "Last day, included"}
        return {
            **super().get_fields(),
            **{
                name: serializers.DateField(required=False, help_text=told)
                for name, told in days.items()
            },
        }

    def validate_time_zone(self, name: str) -> str:
        if name not in zoneinfo.available_timezones():
            raise ValidationError("Must be a time zone such as Europe/Berlin.")
        return name

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        wild = [name for name in ("from", "to") if name in said and said[name].year not in YEARS]
        if wild:
            raise ValidationError({wild[0]: [f"Must be a year from {YEARS[0]} to {YEARS[-1]}."]})
        if ("from" in said) != ("to" in said):
            raise ValidationError({"to" if "from" in said else "from": ["Give both days."]})
        return said


class SlaReport(Endpoint):
    @call(
        Call(
            name="read_sla_report",
            scope=Scope.REPORTS_READ,
            query=ReportWanted,
            filters={name: CaseFilter.base_filters[name] for name in NARROWING},
            gives=SlaReportOut,
            example_query="by=team&weeks=4",
        )
    )
    def get(self, request: Request) -> Response:
        """Read how targets were kept, how long things took, and how many cases there were.

        The last eight weeks by site, unless asked otherwise. Every number comes with the address
        that lists its cases. Cases of imported history are left out unless asked for.
        """
        at, query = timezone.now(), request.query_params
        zone = self.zone(self.wanted.get("time_zone", ""), query.getlist("site"))
        asked = reporting.question(query, by=self.by, at=at, zone=zone)
        insist_on_names(query, self.by)
        insist_on_sense(asked.filters.data, asked.filters)
        if asked.wrong:
            raise ValidationError({"from": list(asked.wrong)})
        report = compliance(asked.asked, by=self.by, at=at)
        context = {"cases": request.build_absolute_uri(reverse("api-cases"))}
        return Response(SlaReportOut(report, context=context).data)

    def zone(self, name: str, sites: list[str]) -> ZoneInfo:
        """The one asked for, else that of the one site, else that of whoever asks."""
        user = self.request.user
        own = user.time_zone if isinstance(user, User) else ""
        if not name and len(sites) == 1:
            mine = access.sites(self.by).filter(slug=sites[0])
            name = mine.values_list("time_zone", flat=True).first() or ""
        return ZoneInfo(name or own or "UTC")
