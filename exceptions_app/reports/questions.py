"""What status questions cost: how many for 100 subjects, repeated, and answered by the page (T21)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from exceptions_app.complaints.models import StatusVisit
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Site
from exceptions_app.reports.periods import Period
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.models import Signal, Subject

#: The kinds that a source may report a question about.
ASKED_ABOUT = [kind.value for kind, journey in JOURNEYS.items() if "asked" in journey.reports]
#: A visit so soon after a question answered it.
ANSWERED_WITHIN = timedelta(days=3)


@dataclass(frozen=True)
class QuestionLine:
    """The figures of a site, or of all."""

    label: str
    subjects: int
    questions: int
    asked_about: int
    answered: int
    visits: int

    @property
    def per_100(self) -> float | None:
        return round(self.questions * 100 / self.subjects, 1) if self.subjects else None

    @property
    def repeated(self) -> int:
        """Questions that were not the first about their subject."""
        return self.questions - self.asked_about


@dataclass(frozen=True)
class Questions:
    total: QuestionLine
    lines: tuple[QuestionLine, ...]

    @property
    def empty(self) -> bool:
        return not (self.total.questions or self.total.visits)


def questions(
    period: Period, *, by: Actor, sites: Collection[str] = (), teams: Collection[str] = ()
) -> Questions:
    """Status questions and visits of the period, of the subjects that the actor may report on."""
    asked = narrowed(Signal.objects.filter(type__endswith=".asked"), by, sites, teams, "subject__")
    asked = asked.filter(received_at__gte=period.start, received_at__lt=period.end)
    visits = narrowed(StatusVisit.objects.all(), by, sites, teams, "subject__")
    visits = visits.filter(at__gte=period.start, at__lt=period.end)
    figures = merged(asked_by_site(asked), visits_by_site(visits))
    if figures:
        opened = narrowed(Subject.objects.filter(imported=False), by, sites, teams, "")
        opened = opened.filter(opened_at__gte=period.start, opened_at__lt=period.end)
        figures = merged(figures, subjects_by_site(opened))
    names = dict(Site.objects.filter(pk__in=figures).values_list("pk", "name"))
    lines = tuple(
        line(names[site], figures[site]) for site in sorted(figures, key=lambda pk: names[pk])
    )
    return Questions(summed(lines), lines)


def narrowed(
    rows: QuerySet[Any], by: Actor, sites: Collection[str], teams: Collection[str], path: str
) -> QuerySet[Any]:
    found = access.visible(
        rows.order_by(), by, verb="see_reports", site=f"{path}site_id", team=f"{path}team_id"
    )
    if sites:
        found = found.filter(**{f"{path}site__slug__in": sites})
    if teams:
        named = Q(**{f"{path}team__slug__in": teams})
        found = found.filter(named | Q(**{f"{path}team": None}) if "none" in teams else named)
    return found


def asked_by_site(asked: QuerySet[Signal]) -> dict[int, dict[str, int]]:
    looked = StatusVisit.objects.filter(
        subject=OuterRef("subject"),
        at__gte=OuterRef("received_at"),
        at__lt=OuterRef("received_at") + ANSWERED_WITHIN,
    )
    rows = asked.annotate(looked=Exists(looked)).values_list("subject__site_id")
    counted = rows.annotate(
        questions=Count("pk"),
        asked_about=Count("subject", distinct=True),
        answered=Count("pk", filter=Q(looked=True)),
    )
    return {
        site: {"questions": number, "asked_about": about, "answered": answered}
        for site, number, about, answered in counted
    }


def visits_by_site(visits: QuerySet[StatusVisit]) -> dict[int, dict[str, int]]:
    rows = visits.values_list("subject__site_id").annotate(visits=Count("pk"))
    return {site: {"visits": number} for site, number in rows}


def subjects_by_site(opened: QuerySet[Subject]) -> dict[int, dict[str, int]]:
    rows = opened.filter(kind__in=ASKED_ABOUT).values_list("site_id")
    return {site: {"subjects": number} for site, number in rows.annotate(subjects=Count("pk"))}


def merged(*found: Mapping[int, Mapping[str, int]]) -> dict[int, dict[str, int]]:
    figures: dict[int, dict[str, int]] = {}
    for one in found:
        for site, row in one.items():
            figures.setdefault(site, {}).update(row)
    return figures


def line(label: str, row: Mapping[str, int]) -> QuestionLine:
    return QuestionLine(
        label,
        **{
            name: row.get(name, 0)
            for name in ("subjects", "questions", "asked_about", "answered", "visits")
        },
    )


def summed(lines: Collection[QuestionLine]) -> QuestionLine:
    return QuestionLine(
        "All",
        subjects=sum(one.subjects for one in lines),
        questions=sum(one.questions for one in lines),
        asked_about=sum(one.asked_about for one in lines),
        answered=sum(one.answered for one in lines),
        visits=sum(one.visits for one in lines),
    )
