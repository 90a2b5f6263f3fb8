"""Cases: the list, one of them whole, its timeline, its clocks with their proofs, and flagging a new one."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.case_shapes import (
    CaseDetailOut,
    CaseOut,
    CasesOut,
    ClocksOut,
    EntriesOut,
    EntryOut,
)
from dashboards.api.endpoint import Endpoint
from dashboards.api.naming import KEY, cases_named
from dashboards.api.narrowing import filtered
from dashboards.api.paging import address, mark, page, stretch
from dashboards.api.shapes import Asked, OneOf, Paged, SeverityField, told
from dashboards.filters import CaseFilter
from exceptions_app.cases import queries, triage
from exceptions_app.cases.detail import detail
from exceptions_app.cases.rows import clocks_of, rows_of
from exceptions_app.cases.triage import Flagging
from exceptions_app.errors import NotFound, Refused
from exceptions_app.models import Case, Clock, Entry, Team
from exceptions_app.outbox.queries import told_of
from exceptions_app.people import access
from exceptions_app.sla.clocks import proof_of
from exceptions_app.vocabulary import ExceptionType, Scope


class CaseEndpoint(Endpoint):
    """A path about one case, named by its id or by its number."""

    def case_id(self, key: str) -> int:
        """The id behind “17” or “EX-1042”, if the case is the actor's to see."""
        if not KEY.fullmatch(key):
            raise NotFound(f"“{key}” is no case. Use its id, or its number such as EX-1042.")
        mine = access.visible(cases_named(key), self.by)
        case_id: int | None = mine.values_list("pk", flat=True).first()
        if case_id is None:
            raise NotFound("There is no such case, or it is at a site you do not work for.")
        return case_id

    def meant(self, key: str) -> int:
        """The id that a key names; whoever changes the case looks himself whose it is."""
        return int(key) if KEY.fullmatch(key) and key.isdecimal() else self.case_id(key)

    def answer(self, case_id: int, status: int = 200) -> Response:
        """The case as it is now, and its version as an ETag."""
        row = rows_of([case_id])[case_id]
        return Response(CaseOut(row).data, status=status, headers={"ETag": etag(row.version)})


def etag(version: int) -> str:
    return f'"v{version}"'


class CasesWanted(Paged):
    sort = OneOf([one.slug for one in queries.SORTS.values()], default="newest")


class Flag(Asked):
    """A case raised by hand."""

    title = serializers.CharField(max_length=200, help_text="What is wrong, in a few words")
    type = OneOf(ExceptionType.choices)
    severity = SeverityField()
    site = serializers.CharField(max_length=50, help_text="Slug of one of your sites")
    team = serializers.CharField(
        max_length=50, required=False, allow_null=True, help_text="Slug of a team there"
    )
    subject = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="Id of a subject at that site"
    )
    reference = serializers.CharField(max_length=80, required=False, allow_blank=True)
    customer = serializers.CharField(max_length=120, required=False, allow_blank=True)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)


class Cases(CaseEndpoint):
    @call(
        Call(
            name="list_cases",
            scope=Scope.CASES_READ,
            query=CasesWanted,
            filters=CaseFilter.base_filters,
            may_be_empty=("after", "rule"),
            gives=CasesOut,
            example_query="status=open&severity=critical&severity=high&limit=20",
        )
    )
    def get(self, request: Request) -> Response:
        """List cases, newest first unless sorted otherwise.

        Several values of one filter mean any of them; several filters mean all of them. `rule=` without a
        value asks for cases that no rule found: people flagged them.
        """
        chosen = filtered(request.query_params, self.by)
        wanted = self.wanted
        found = queries.board(
            chosen,
            by=self.by,
            sort=queries.SORTS[wanted["sort"]],
            after=wanted["after"],
            size=wanted["limit"],
        )
        return Response(page(request, told(CaseOut, found.rows), found.after))

    @call(
        Call(
            name="flag_case",
            scope=Scope.CASES_WRITE,
            asks=Flag,
            gives=CaseOut,
            status=201,
            gives_version=True,
            example={
                "title": "Customer says the wrong car was delivered",
                "type": "complaint",
                "severity": "high",
                "site": "harbour-north",
                "reference": "D-20417",
                "customer": "José Núñez",
            },
        )
    )
    def post(self, request: Request) -> Response:
        """Raise a case by hand.

        Look first whether one is open already: `GET /api/v1/cases/?status=open&q=D-20417`.
        """
        case = triage.flag(self.flagging(**self.asked), by=self.by, at=timezone.now())
        answer = self.answer(case.pk, status=201)
        answer["Location"] = request.build_absolute_uri(f"{request.path}{case.pk}/")
        return answer

    def flagging(
        self,
        *,
        type: str,
        site: str,
        team: str | None = None,
        **said: Any,
    ) -> Flagging:
        site_id = self.site_id(site)
        return Flagging(
            title=said["title"],
            exception_type=ExceptionType(type),
            severity=said["severity"],
            site_id=site_id,
            team_id=team_id(site_id, team) if team else None,
            subject_id=said.get("subject"),
            reference=said.get("reference", ""),
            customer_name=said.get("customer", ""),
            description=said.get("description", ""),
        )

    def site_id(self, slug: str) -> int:
        mine = access.sites(self.by).filter(slug=slug)
        found = mine.values_list("pk", flat=True).first()
        if found is None:
            raise Refused("Choose one of your sites.", {"site": f"“{slug}” is no site of yours."})
        return found


def team_id(site_id: int, slug: str) -> int:
    found = Team.objects.filter(site=site_id, slug=slug).values_list("pk", flat=True).first()
    if found is None:
        raise Refused(
            "Choose a team of this site.", {"team": f"There is no team “{slug}” at this site."}
        )
    return found


class OneCase(CaseEndpoint):
    @call(Call(name="read_case", scope=Scope.CASES_READ, gives=CaseDetailOut, gives_version=True))
    def get(self, request: Request, case: str) -> Response:
        """Read a case whole: evidence, clocks, what you may do with it now, and its links."""
        whole = detail(self.case_id(case), by=self.by, at=timezone.now(), entries=0)
        return Response(CaseDetailOut(whole).data, headers={"ETag": etag(whole.row.version)})


class Timeline(CaseEndpoint):
    @call(Call(name="read_timeline", scope=Scope.CASES_READ, query=Paged, gives=EntriesOut))
    def get(self, request: Request, case: str) -> Response:
        """Read what happened to a case, oldest first.

        Entries are never changed. To follow a case, keep the last `later` and ask it again.
        """
        about = Case.objects.get(pk=self.case_id(case))
        entries = Entry.objects.filter(case=about)
        found = stretch(entries, "seq", **self.wanted, newest_first=False)
        reasons = access.may(
            self.by, "see_deliveries", site_id=about.site_id, team_id=about.team_id
        )
        for entry in found.rows:
            entry.data = told_of(entry.verb, entry.data, reasons=reasons)
        end = mark("seq", found.rows[-1].seq) if found.rows else self.wanted["after"]
        told_of_it = page(request, told(EntryOut, found.rows), found.after)
        return Response({**told_of_it, "later": address(request, end)})


class Clocks(CaseEndpoint):
    @call(Call(name="read_clocks", scope=Scope.CASES_READ, gives=ClocksOut))
    def get(self, request: Request, case: str) -> Response:
        """Read a case's clocks, each with its proof: every stretch of time, counted or not, and why."""
        case_id, at = self.case_id(case), timezone.now()
        faces = {face.id: face for face in clocks_of([case_id], [case_id])[case_id]}
        proven = [
            asdict(faces[clock.pk])
            | {
                "length_kind": clock.length_kind,
                "amount": clock.amount,
                "proof": proof_of(clock, at=at),
            }
            for clock in Clock.objects.filter(case=case_id).order_by("pk")
            if clock.pk in faces
        ]
        return Response(ClocksOut({"results": proven}).data)
