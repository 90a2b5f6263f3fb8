"""Making and changing playbooks, and trying one on the cases of the last weeks."""

from datetime import timedelta

import pytest

from exceptions_app.cases import triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted, Refused, Stale
from exceptions_app.models import Delivery, Playbook, Team
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.playbooks import keeping
from exceptions_app.playbooks.running import FIELDS, fits
from exceptions_app.vocabulary import ExceptionType, Moment, Role, Severity
from tests.factories import (
    HOUR,
    NOON,
    ConnectionFactory,
    PlaybookFactory,
    SiteFactory,
    TeamFactory,
    UserFactory,
    open_case,
)

pytestmark = pytest.mark.django_db


def playbook(**given):
    return PlaybookFactory.build(connection=ConnectionFactory(), **given)


def pushed(made, at=NOON + HOUR):
    return keeping.rehearsed(made, by=SYSTEM, at=at).pushed.number


def test_who_changed_it_and_when_is_kept():
    ingrid = UserFactory(first_name="Ingrid", last_name="", role=Role.ADMINISTRATOR)

    made = keeping.keep(playbook(), by=person(ingrid), at=NOON)

    made.refresh_from_db()
    assert (made.changed_by, made.changed_at) == ("Ingrid", NOON)


def test_only_administrators_of_every_site_make_them():
    lead = person(UserFactory(role=Role.MANAGER))

    for act in (
        lambda: keeping.keep(playbook(), by=lead, at=NOON),
        lambda: keeping.rehearsed(playbook(), by=lead, at=NOON),
        lambda: keeping.remove(PlaybookFactory(enabled=False).pk, by=lead),
    ):
        with pytest.raises(NotPermitted):
            act()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Taken"}, "name"),
        ({"moment": "case.eaten"}, "moment"),
        ({"conditions": [{"field": "colour", "is": "red"}]}, "conditions"),
        ({"conditions": [{"field": "severity", "is": []}]}, "conditions"),
    ],
)
def test_what_could_not_be_run_is_refused_with_its_field(given, field):
    PlaybookFactory(name="Taken")

    with pytest.raises(Refused) as refusal:
        keeping.keep(playbook(**given), by=SYSTEM, at=NOON)

    assert set(refusal.value.fields) == {field}
    assert Playbook.objects.count() == 1


def test_nobodys_change_is_undone_by_an_older_form():
    made = keeping.keep(playbook(), by=SYSTEM, at=NOON)
    older = Playbook.objects.get()
    made.enabled = False
    keeping.keep(made, by=SYSTEM, at=NOON + HOUR, seen=NOON)

    with pytest.raises(Stale, match="changed it since you looked"):
        keeping.keep(older, by=SYSTEM, at=NOON + HOUR, seen=NOON)
    assert not Playbook.objects.get().enabled


def test_what_was_deleted_does_not_come_back():
    made = keeping.keep(playbook(enabled=False), by=SYSTEM, at=NOON)
    older = Playbook.objects.get()
    keeping.remove(made.pk, by=SYSTEM)

    with pytest.raises(NotFound, match="has deleted this playbook"):
        keeping.keep(older, by=SYSTEM, at=NOON + HOUR, seen=NOON)
    assert not Playbook.objects.exists()


def test_one_that_is_on_is_not_deleted_by_a_slip():
    made = PlaybookFactory()

    with pytest.raises(NotAllowedNow, match="Switch it off first"):
        keeping.remove(made.pk, by=SYSTEM)
    Playbook.objects.update(enabled=False)
    keeping.remove(made.pk, by=SYSTEM)

    assert not Playbook.objects.exists()


# --- Tried on what happened lately -----------------------------------------------------------


@pytest.mark.parametrize("name", FIELDS)
def test_it_finds_what_the_playbook_would_push(name):
    """Each condition says to the database what it says to a case."""
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    TeamFactory(site=north, slug="dispatch")
    cases = [
        open_case(site=north, severity=Severity.HIGH),
        open_case(site=south, exception_type=ExceptionType.COMPLAINT, severity=Severity.LOW),
    ]
    cases[0].team = Team.objects.get(slug="dispatch")
    cases[0].rule, cases[0].tier = "order.late", "gold"
    cases[0].save(update_fields=["team", "rule", "tier"])
    wanted = FIELDS[name](cases[0])
    made = playbook(conditions=[{"field": name, "is": wanted}])

    found = keeping.rehearsed(made, by=SYSTEM, at=NOON + HOUR)

    assert list(found.newest) == [case for case in cases if fits(made, case)] == cases[:1]
    assert (found.of.number, found.pushed.number) == (2, 1)


def test_cases_of_no_team_are_found_as_well():
    case = open_case()
    made = playbook(conditions=[{"field": "team", "is": ["", "dispatch"]}])

    assert (fits(made, case), pushed(made)) == (True, 1)


def test_nothing_is_sent_by_trying():
    open_case()

    assert pushed(playbook()) == 1
    assert not Delivery.objects.exists()


def test_its_sites_both_count():
    here, there = SiteFactory(slug="here"), SiteFactory(slug="there")
    open_case(site=here)
    of_here = ConnectionFactory(site=here)

    assert pushed(PlaybookFactory.build(connection=of_here)) == 1
    assert pushed(PlaybookFactory.build(connection=of_here, site=here)) == 1
    assert pushed(PlaybookFactory.build(connection=of_here, site=there)) == 0


def test_its_moment_has_to_have_come():
    case, _ = open_case(), open_case()
    triage.change_severity(Seen(case.pk), by=SYSTEM, at=NOON, severity=Severity.CRITICAL)

    assert pushed(playbook(moment=Moment.SEVERITY_RAISED)) == 1
    assert pushed(playbook(moment=Moment.RESOLVED)) == 0


def test_only_the_last_thirty_days_count():
    open_case()

    assert pushed(playbook(), NOON + timedelta(days=30)) == 1
    assert pushed(playbook(), NOON + timedelta(days=31)) == 0
