"""Status questions, counted: how many for 100 subjects, how many again, how many the page answered."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exceptions_app.complaints.questions import visited
from exceptions_app.intake.accept import accept
from exceptions_app.models import Subject
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.reports.periods import Period
from exceptions_app.reports.questions import questions
from exceptions_app.vocabulary import Role
from tests.factories import HOUR, NOON, SiteFactory, SourceFactory, UserFactory

WEEK = Period(date(2026, 3, 9), date(2026, 3, 15), ZoneInfo("UTC"))
DAY = timedelta(days=1)


@pytest.fixture
def asked(db):
    """O-1 is asked about three times, O-2 once, O-3 and O-4 never; all at North but O-2."""
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    SourceFactory(slug="shop", site=north)
    SourceFactory(slug="shop-south", site=south)

    def said(reference, word, at, source="shop"):
        accept(
            [
                {
                    "source": source,
                    "external_id": f"{reference}-{word}-{at:%d%H}",
                    "type": f"order.{word}",
                    "occurred_at": at.isoformat(),
                    "subject": {"reference": reference},
                }
            ],
            by=SYSTEM,
            at=at,
        )

    for reference in ("O-1", "O-3", "O-4"):
        said(reference, "placed", NOON)
    said("O-2", "placed", NOON, "shop-south")
    for hours in (1, 5, 9):
        said("O-1", "asked", NOON + hours * HOUR)
    said("O-2", "asked", NOON + HOUR, "shop-south")
    said("O-1", "asked", NOON + 9 * DAY)
    return said


def visit(reference, at):
    visited(Subject.objects.get(reference=reference).pk, at=at)


def test_questions_are_counted_for_100_subjects(asked):
    total = questions(WEEK, by=SYSTEM).total

    assert (total.questions, total.asked_about, total.repeated) == (4, 2, 2)
    assert (total.subjects, total.per_100) == (4, 100.0)


def test_a_question_is_answered_by_the_page_if_it_was_opened_after_it(asked):
    visit("O-1", NOON + 6 * HOUR)
    visit("O-1", NOON + 6 * HOUR + timedelta(minutes=5))
    visit("O-3", NOON)

    total = questions(WEEK, by=SYSTEM).total

    assert (total.answered, total.visits) == (2, 2)


def test_each_reads_of_the_own_sites_and_can_narrow_them(asked):
    lead = person(UserFactory(role=Role.LEAD, role__site=SiteFactory(slug="north")))

    mine = questions(WEEK, by=lead)
    south = questions(WEEK, by=SYSTEM, sites=["south"])

    assert [(one.label, one.questions, one.subjects) for one in mine.lines] == [("North", 3, 3)]
    assert [(one.label, one.questions) for one in south.lines] == [("South", 1)]
    assert questions(WEEK, by=SYSTEM, teams=["dispatch"]).empty
    assert questions(WEEK, by=SYSTEM, teams=["none"]).total.questions == 4


def test_a_time_without_questions_costs_two_statements(asked):
    quiet = Period(date(2025, 1, 6), date(2025, 1, 12), ZoneInfo("UTC"))

    with CaptureQueriesContext(connection) as captured:
        found = questions(quiet, by=SYSTEM)

    assert found.empty
    assert len(captured) <= 3


def test_the_page_and_its_file_say_the_same(asked):
    client = Client()
    client.force_login(UserFactory(role=Role.MANAGER))
    visit("O-1", NOON + 6 * HOUR)

    with time_machine.travel(NOON.astimezone(UTC) + DAY, tick=False):
        page = client.get(reverse("reports")).content.decode()
        file = client.get(reverse("questions-csv"))

    assert "questions about" in " ".join(page.split())
    assert file.content.decode().splitlines() == [
        "Site,Subjects opened,Questions,Per 100,Repeated,Answered by link,Visits",
        "North,3,3,100.0,2,2,1",
        "South,1,1,100.0,0,0,0",
        "All,4,4,100.0,2,2,1",
    ]
    assert "status-questions-" in file["Content-Disposition"]


def test_nothing_asked_is_said_with_what_to_do(db):
    client = Client()
    client.force_login(UserFactory(role=Role.MANAGER))

    assert "Nobody asked in this period" in client.get(reverse("reports")).content.decode()
