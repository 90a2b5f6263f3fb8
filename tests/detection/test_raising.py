"""From findings to cases: opened once, told again, worse when the finding is."""

import pytest

from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, Entry
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Severity
from tests.factories import HOUR, NOON, SourceFactory
from tests.intake.stories import booked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scheduler(db):
    return SourceFactory()


def late_order(hours, **subject):
    """An order promised so many hours ago, which was said five hours before."""
    return booked(
        type="order.promised",
        occurred_at=(NOON - (hours + 5) * HOUR).isoformat(),
        subject={"reference": "O-9", **subject},
        promise={"promised_at": (NOON - hours * HOUR).isoformat()},
        milestones={},
    )


def test_two_worse_findings_in_one_post_raise_the_open_case_once():
    accept([late_order(5)], by=SYSTEM, at=NOON)
    assert Case.objects.get().severity == Severity.MEDIUM

    receipt = accept([late_order(4, tier="gold"), late_order(3)], by=SYSTEM, at=NOON)

    case = Case.objects.get()
    assert (case.severity, case.repeats) == (Severity.HIGH, 2)
    assert receipt.items[0]["cases"] == [f"joined {case}"] * 2
    assert Entry.objects.filter(verb="case.severity_raised").count() == 1


def test_a_case_opened_in_a_post_is_raised_once_by_the_worse_findings_of_the_same_post():
    accept([late_order(5), late_order(4, tier="gold"), late_order(3)], by=SYSTEM, at=NOON)

    case = Case.objects.get()
    assert (case.severity, case.repeats) == (Severity.HIGH, 2)
