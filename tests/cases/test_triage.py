"""Flagging, assigning, commenting, severity, and many cases at once."""

from dataclasses import replace

import pytest

from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.triage import Flagging
from exceptions_app.errors import NotAllowedNow, NotPermitted, Refused
from exceptions_app.models import Clock, Entry
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import ExceptionType, Role, Severity, Status
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    CalendarFactory,
    SiteFactory,
    SubjectFactory,
    TargetFactory,
    TeamFactory,
    open_case,
    somebody,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def flagging(site, **given):
    tyres = Flagging("Wrong tyres fitted", ExceptionType.OTHER, Severity.MEDIUM, site_id=site.pk)
    return replace(tyres, **given)


def verbs(case):
    return list(Entry.objects.filter(case=case).values_list("verb", flat=True))


def test_staff_flag_a_case_at_their_site():
    site = SiteFactory()
    ana = somebody(Role.STAFF, site=site)
    subject = SubjectFactory(site=site, reference="D-7", customer={"name": "M. Ortiz"})

    case = triage.flag(flagging(site, subject_id=subject.pk), by=ana, at=NOON)

    assert (case.reference, case.customer_name, case.opened_at) == ("D-7", "M. Ortiz", NOON)
    assert Entry.objects.get(case=case).actor_name == ana.name


@pytest.mark.parametrize(
    ("given", "field"),
    [({"title": "  "}, "title"), ({"subject_id": 0}, "subject"), ({"team_id": 0}, "team")],
)
def test_a_flag_that_lacks_something_is_refused_with_the_field(given, field):
    site = SiteFactory()
    if "team_id" in given:
        given = {"team_id": TeamFactory(site=SiteFactory(slug="south")).pk}

    with pytest.raises(Refused) as refusal:
        triage.flag(flagging(site, **given), by=somebody(Role.STAFF, site=site), at=NOON)

    assert list(refusal.value.fields) == [field]


def test_nobody_flags_at_a_site_they_do_not_work_for():
    here, there = SiteFactory(slug="north"), SiteFactory(slug="south")

    with pytest.raises(Refused, match="one of your sites"):
        triage.flag(flagging(there), by=somebody(Role.STAFF, site=here), at=NOON)


def test_viewers_do_not_flag():
    site = SiteFactory()

    with pytest.raises(NotPermitted):
        triage.flag(flagging(site), by=somebody(Role.VIEWER, site=site), at=NOON)


def test_claiming_acknowledges_and_stops_that_clock():
    TargetFactory(kind="acknowledge", amount=30)
    case = open_case()
    ana = somebody()

    case = triage.claim(Seen(case.pk), by=ana, at=NOON + MINUTE)

    assert (case.assignee_id, case.status) == (ana.user_id, Status.ACKNOWLEDGED)
    assert Clock.objects.get(case=case).stopped_at == NOON + MINUTE
    assert verbs(case) == ["case.opened", "case.claimed", "case.acknowledged"]


def test_a_case_is_assigned_with_a_note_to_somebody_of_its_site():
    site = SiteFactory()
    case, mia = (
        open_case(site=site),
        somebody(Role.STAFF, site=site, first_name="Mia", last_name="Roth"),
    )

    triage.assign(Seen(case.pk), by=SYSTEM, at=NOON, to=mia.user_id, note="Knows the customer")

    assert Entry.objects.filter(case=case).latest("seq").data["to_name"] == "Mia Roth"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INTEGRATOR])
def test_who_cannot_work_a_case_cannot_be_given_it(role):
    site = SiteFactory()
    case = open_case(site=site)

    with pytest.raises(Refused, match="does not work for"):
        triage.assign(Seen(case.pk), by=SYSTEM, at=NOON, to=somebody(role, site=site).user_id)


def test_a_settled_case_is_not_assigned():
    case = open_case()
    lifecycle.dismiss(Seen(case.pk), by=SYSTEM, at=NOON, reason="a test")

    with pytest.raises(NotAllowedNow, match="you cannot assign it now"):
        triage.assign(Seen(case.pk), by=SYSTEM, at=NOON, to=None)


def test_releasing_what_nobody_owns_is_refused():
    case = open_case()

    with pytest.raises(NotAllowedNow, match="no owner"):
        triage.release(Seen(case.pk), by=SYSTEM, at=NOON)


def test_a_comment_stops_the_first_update_clock_and_makes_nobody_stale():
    TargetFactory(kind="first_update", amount=60)
    case = open_case()

    triage.comment(Seen(case.pk), by=SYSTEM, at=NOON + MINUTE, text="Called the carrier")

    assert Clock.objects.get(case=case).stopped_at == NOON + MINUTE
    lifecycle.acknowledge(Seen(case.pk, case.version), by=SYSTEM, at=NOON + 2 * MINUTE)
    assert Entry.objects.get(verb="case.commented").data["version"] == case.version


def test_raising_the_severity_sets_the_clocks_to_its_targets_from_the_opening_on():
    TargetFactory(kind="resolve", amount=480)
    TargetFactory(kind="resolve", amount=60, severity=Severity.CRITICAL)
    case = open_case(severity=Severity.HIGH)

    case = triage.change_severity(
        Seen(case.pk), by=SYSTEM, at=NOON + MINUTE, severity=Severity.CRITICAL
    )

    assert case.due_at == NOON + HOUR
    assert verbs(case)[-1] == "case.severity_raised"


def test_raising_late_finds_the_target_already_missed():
    TargetFactory(kind="resolve", amount=480)
    TargetFactory(kind="resolve", amount=60, severity=Severity.CRITICAL)
    case = open_case(severity=Severity.HIGH)

    case = triage.change_severity(
        Seen(case.pk), by=SYSTEM, at=NOON + 2 * HOUR, severity=Severity.CRITICAL
    )

    assert case.breached
    assert verbs(case)[-1] == "clock.breached"


def test_raising_starts_the_clocks_that_only_the_new_severity_has():
    TargetFactory(kind="resolve", amount=60, severity=Severity.CRITICAL)
    site = SiteFactory(calendar=CalendarFactory())
    case = open_case(site=site, severity=Severity.MEDIUM)

    case = triage.change_severity(
        Seen(case.pk), by=SYSTEM, at=NOON + MINUTE, severity=Severity.CRITICAL
    )

    clock = Clock.objects.get(case=case)
    assert (clock.started_at, clock.calendar, case.due_at) == (NOON, site.calendar, NOON + HOUR)


def test_lowering_leaves_a_clock_whose_target_matches_no_more_as_it_was():
    TargetFactory(kind="resolve", amount=60, severity=Severity.CRITICAL)
    case = open_case(severity=Severity.CRITICAL)

    case = triage.change_severity(Seen(case.pk), by=SYSTEM, at=NOON + MINUTE, severity=Severity.LOW)

    assert case.due_at == NOON + HOUR


def test_the_same_severity_again_is_refused():
    case = open_case(severity=Severity.HIGH)

    with pytest.raises(NotAllowedNow, match="is high already"):
        triage.change_severity(Seen(case.pk), by=SYSTEM, at=NOON, severity=Severity.HIGH)


def test_many_at_once_say_row_by_row_what_became_of_them():
    fresh, settled = open_case(), open_case()
    lifecycle.dismiss(Seen(settled.pk), by=SYSTEM, at=NOON, reason="a test")

    done = triage.each(
        "acknowledge", [Seen(fresh.pk), Seen(settled.pk), Seen(0)], by=SYSTEM, at=NOON
    )

    assert [one.ok for one in done] == [True, False, False]
    assert "is dismissed; you cannot acknowledge it now" in done[1].sentence
    assert "no such case" in done[2].sentence
