"""The report on targets, times and volumes: as a page, and as a file."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dashboards import report_file, reporting
from dashboards.actor import actor
from dashboards.chips import changed
from dashboards.report_charts import charts
from dashboards.reporting import Question
from dashboards.viewing import viewer
from exceptions_app.people import access
from exceptions_app.reports.headlines import headline
from exceptions_app.reports.periods import Period
from exceptions_app.reports.questions import Questions, questions
from exceptions_app.reports.sla import Report, compliance, newest_opening

REFUSAL = "Your role does not let you see reports. Ask a lead or an administrator of your site."


def asked(request: HttpRequest) -> Question:
    """Days are those of the one site a report is about, else of whoever reads it."""
    by, seen = actor(request), viewer(request)
    if by.grants and not access.may_somewhere(by, "see_reports"):
        raise PermissionDenied(REFUSAL)
    return reporting.question(request.GET, by=by, at=seen.now, zone=seen.zone)


def read(request: HttpRequest, question: Question) -> Report:
    return compliance(question.asked, by=actor(request), at=viewer(request).now)


@login_required
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    question = asked(request)
    report = read(request, question)
    query = question.query.urlencode()
    context = {
        "report": report,
        "headline": headline(report),
        "kinds": report_file.shown_kinds(report),
        "charts": charts(report),
        "chips": reporting.chips(question),
        "tabs": reporting.tabs(question),
        "lengths": reporting.lengths(question, viewer(request).now),
        "groups": reporting.menu(question),
        "question": question,
        "history": reporting.history_choices(question.query),
        "file": f"{reverse('reports-csv')}?{query}" if query else reverse("reports-csv"),
        "no_scope": actor(request).grants == (),
        **asked_questions(request, question),
    }
    return render(
        request, "dashboards/reports.html", context | elsewhere(request, question, report)
    )


def read_questions(request: HttpRequest, question: Question) -> Questions:
    """Status questions of the same days, sites and teams; they know no severity and no owner."""
    return questions(
        question.asked.period,
        by=actor(request),
        sites=slugs(question, "site"),
        teams=slugs(question, "team"),
    )


def slugs(question: Question, name: str) -> list[str]:
    """Those asked for; a letter that no database takes is in none."""
    return [one.replace("\x00", "") for one in question.query.getlist(name)]


def asked_questions(request: HttpRequest, question: Question) -> dict[str, Any]:
    query = question.query.urlencode()
    file = reverse("questions-csv")
    return {
        "questions": read_questions(request, question),
        "questions_file": f"{file}?{query}" if query else file,
    }


def elsewhere(request: HttpRequest, question: Question, report: Report) -> dict[str, Any]:
    """Where there is something to see, when there is nothing here."""
    newest = newest_opening(question.asked.cases, by=actor(request)) if report.empty else None
    if newest is None:
        return {}
    zone = question.asked.period.zone
    there = Period.weeks_up_to(newest, zone, reporting.USUAL_WEEKS)
    days = reporting.days(there.first, there.last)
    url = reporting.address(changed(question.query, **days))
    return {"newest": newest, "there": there, "there_url": url}


@login_required
@require_GET
def reports_csv(request: HttpRequest) -> HttpResponse:
    """The table of the page as a file."""
    report = read(request, asked(request))
    answer = HttpResponse(report_file.text(report), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{report_file.name(report)}"'
    return answer


@login_required
@require_GET
def questions_csv(request: HttpRequest) -> HttpResponse:
    """The status questions as a file."""
    question = asked(request)
    period = question.asked.period
    answer = HttpResponse(
        report_file.questions_text(read_questions(request, question)),
        content_type="text/csv; charset=utf-8",
    )
    name = f"status-questions-{period.first}-to-{period.last}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
