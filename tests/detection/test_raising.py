"""From findings to cases: opened once, told again, worse when the finding is."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.triage import change_severity
from exceptions_app.detection.raising import Found, raise_cases, watched
from exceptions_app.detection.rules.base import Finding
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, Entry
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import ExceptionType, Severity, Status
from tests.factories import HOUR, MINUTE, NOON, SourceFactory, SubjectFactory, TargetFactory
from tests.intake.stories import about, booked

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


def test_what_one_post_says_of_an_order_is_looked_at_together_and_raises_its_case_once():
    accept([late_order(5)], by=SYSTEM, at=NOON)
    assert Case.objects.get().severity == Severity.MEDIUM

    receipt = accept([late_order(4, tier="gold"), late_order(3)], by=SYSTEM, at=NOON)

    case = Case.objects.get()
    assert (case.severity, case.repeats) == (Severity.HIGH, 1)
    assert receipt.items[0]["cases"] == [f"joined {case}"]
    assert Entry.objects.filter(verb="case.severity_raised").count() == 1


def test_a_case_opens_as_bad_as_the_whole_post_makes_it():
    accept([late_order(5), late_order(4, tier="gold"), late_order(3)], by=SYSTEM, at=NOON)

    case = Case.objects.get()
    assert (case.severity, case.repeats) == (Severity.HIGH, 0)


def test_what_the_same_post_says_to_have_come_in_time_is_not_late():
    """A file of what is long over, and a source that tells a subject's whole story at once."""
    kept = (NOON - 6 * HOUR).isoformat()
    delivered = booked(
        type="order.delivered", occurred_at=kept, subject={"reference": "O-9"}, milestones={}
    )

    accept([late_order(5), delivered], by=SYSTEM, at=NOON)

    assert not Case.objects.exists()


def told(hours, **subject):
    """Something else about the same order, so many hours later."""
    at = NOON + hours * HOUR
    said = booked(
        type="order.updated",
        occurred_at=at.isoformat(),
        subject={"reference": "O-9", **subject},
        milestones={},
    )
    accept([said], by=SYSTEM, at=at)


def test_a_case_is_worse_when_its_customer_turns_out_to_matter():
    accept([late_order(5)], by=SYSTEM, at=NOON)

    told(1, tier="gold")

    case = Case.objects.get()
    assert (case.severity, case.repeats) == (Severity.HIGH, 1)
    assert Entry.objects.filter(verb="case.severity_raised").count() == 1


def test_what_a_person_made_less_bad_stays_so_until_something_worse_is_said():
    accept([late_order(5, tier="gold")], by=SYSTEM, at=NOON)
    seen, lower = Seen(Case.objects.get().pk), Severity.LOW
    change_severity(seen, by=SYSTEM, at=NOON, severity=lower, reason="They know")

    told(1, label="A bicycle")
    assert Case.objects.get().severity == Severity.LOW

    told(2, value=900)
    assert Case.objects.get().severity == Severity.CRITICAL


def no_show(minutes, **more):
    at = NOON + minutes * MINUTE
    return accept([about("J-1", "no_show", at, **more)], by=SYSTEM, at=at)


def settled(case, *verbs):
    for verb, more in verbs:
        getattr(lifecycle, verb)(Seen(case.pk), by=SYSTEM, at=NOON + MINUTE, **more)


RESOLVED = ("resolve", {"cause": "customer"})


def test_the_same_thing_again_within_three_days_is_the_same_case_again():
    no_show(0)
    case = Case.objects.get()
    settled(case, RESOLVED)

    receipt = no_show(60)

    case.refresh_from_db()
    assert (case.status, case.repeats, case.cause) == (Status.ACKNOWLEDGED, 1, "")
    assert receipt.items[0]["cases"] == [f"reopened {case}"]
    verbs = list(case.entries.order_by("seq").values_list("verb", flat=True))
    assert verbs[-2:] == ["case.reopened", "case.repeated"]


def test_a_closed_one_reopens_too_and_its_clock_goes_on():
    TargetFactory()
    no_show(0)
    case = Case.objects.get()
    settled(case, RESOLVED, ("close", {}))

    no_show(60)

    case.refresh_from_db()
    # Eight hours, without the 59 minutes for which it was settled.
    assert case.due_at == NOON + 8 * HOUR + 59 * MINUTE
    assert case.is_open


@pytest.mark.parametrize(
    ("verbs", "minutes"),
    [
        pytest.param((RESOLVED,), 60 * 73, id="too long ago"),
        pytest.param((("dismiss", {"reason": "a test"}),), 60, id="dismissed"),
    ],
)
def test_else_a_new_case_opens_and_names_the_one_before(verbs, minutes):
    no_show(0)
    former = Case.objects.get()
    settled(former, *verbs)

    no_show(minutes)

    former.refresh_from_db()
    case = Case.objects.exclude(pk=former.pk).get()
    assert (former.is_open, case.is_open, case.former) == (False, True, former)


def test_history_is_not_taken_up_by_what_happens_today():
    no_show(0)
    case = Case.objects.get()
    settled(case, RESOLVED)
    Case.objects.filter(pk=case.pk).update(imported=True)

    no_show(60)

    assert Case.objects.filter(imported=False).get().former == case


def test_every_finding_is_told_what_became_of_it():
    subject = SubjectFactory()

    def raised(minutes, **more):
        found = Found(subject, finding(NOON + minutes * MINUTE, **more), NOON + HOUR)
        (one,) = raise_cases([found])
        return one.became, one.why

    opened, joined, known = raised(0), raised(1), raised(1)
    settled(Case.objects.get(), RESOLVED)
    told_before, reopened = raised(1), raised(2)
    (light,) = watched([Found(subject, finding(NOON, score=20), NOON)])

    case = Case.objects.get()
    assert opened == ("opened", "Nothing was open about it.")
    assert joined == ("joined", f"{case} is open about the same thing.")
    assert known == ("known", f"{case} was told of this before, which is new.")
    assert told_before == ("known", f"{case} was told of this before, which is resolved.")
    assert reopened[0] == "reopened"
    assert (light.became, light.case) == ("watched", None)


def finding(since, **more):
    plain: dict[str, Any] = {
        "rule": "order.late",
        "exception_type": ExceptionType.ORDER_LATE,
        "severity": Severity.MEDIUM,
        "title": "Order is late",
        "team": "support",
        "key": "order:O-1:late",
    }
    return Finding(**(plain | more), since=since)


def test_what_is_joined_worsened_and_reopened_costs_the_same_for_many():
    TargetFactory()
    subjects = {n: SubjectFactory(reference=f"O-{n}") for n in (3, *range(100, 150))}

    def again(numbers, minutes, severity):
        raise_cases(
            [
                Found(
                    subjects[n],
                    finding(NOON + minutes * MINUTE, key=f"order:O-{n}:late", severity=severity),
                    NOON + minutes * MINUTE,
                )
                for n in numbers
            ]
        )

    with CaptureQueriesContext(connection) as first:
        again([3], 0, Severity.MEDIUM)
        again([3], 1, Severity.HIGH)
        settle_all(minutes=2)
        again([3], 3, Severity.CRITICAL)
    with CaptureQueriesContext(connection) as many:
        again(range(100, 150), 0, Severity.MEDIUM)
        again(range(100, 150), 1, Severity.HIGH)
        settle_all(minutes=2)
        again(range(100, 150), 3, Severity.CRITICAL)

    # The fifty, and the first beside them, are one event besides, which opens once.
    assert len(many) - len(first) < 40
    assert Case.objects.filter(severity=Severity.CRITICAL, parent__isnull=False).count() == 51


def settle_all(minutes):
    """As if somebody had resolved all that rules found of orders."""
    open_ones = Case.objects.filter(exception_type=ExceptionType.ORDER_LATE)
    open_ones.update(status=Status.RESOLVED, resolved_at=NOON + minutes * MINUTE)
