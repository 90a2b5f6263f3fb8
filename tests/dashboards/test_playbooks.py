"""Playbooks in the desk: made, tried, switched off and deleted by an administrator."""

import re
from html import unescape

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exceptions_app.models import Playbook
from exceptions_app.vocabulary import Role, Severity
from tests.dashboards.reading import text
from tests.factories import (
    NOON,
    ConnectionFactory,
    PlaybookFactory,
    SiteFactory,
    UserFactory,
    open_case,
)

pytestmark = pytest.mark.django_db

URGENT = [{"field": "severity", "is": ["critical", "high"]}]


@pytest.fixture
def office(client):
    """Ingrid's browser."""
    client.force_login(UserFactory(first_name="Ingrid", role=Role.ADMINISTRATOR))
    return client


def typed(connection, **more):
    usual = {"name": "Urgent to Zendesk", "moment": "case.opened", "enabled": "on"}
    return {**usual, "connection": connection.pk, **more}


def test_with_none_the_page_says_how_to_begin(office):
    shown = text(office.get(reverse("playbooks")))

    assert "Nothing is pushed anywhere yet" in shown
    assert "Connect a platform first" in shown


def test_what_is_ticked_and_typed_becomes_conditions(office):
    zendesk = ConnectionFactory(name="Zendesk")
    given = typed(zendesk, only_severity=["critical", "high"], tiers=" gold, ,platinum")

    answer = office.post(reverse("playbook-new"), given, follow=True)

    made = Playbook.objects.get()
    assert made.connection == zendesk
    assert made.conditions == [*URGENT, {"field": "tier", "is": ["gold", "platinum"]}]
    assert "“Urgent to Zendesk” is saved. It holds from now on." in text(answer)
    assert "Cases with severity critical or high, and tier gold or platinum" in text(answer)


def test_many_say_where_they_apply_and_take_no_more_questions_than_one(office):
    PlaybookFactory()
    with CaptureQueriesContext(database) as for_one:
        office.get(reverse("playbooks"))
    for name in ("north", "south"):
        there = SiteFactory(slug=name, name=name.capitalize())
        PlaybookFactory(site=there)
        PlaybookFactory(connection=ConnectionFactory(site=there))

    with CaptureQueriesContext(database) as for_many:
        shown = text(office.get(reverse("playbooks")))

    assert shown.count("Every case of North") == shown.count("Every case of South") == 2
    assert len(for_many) == len(for_one)


def test_what_was_chosen_stands_there_and_is_kept_when_saved_again(office):
    made = PlaybookFactory(conditions=[*URGENT, {"field": "team", "is": ["disbanded"]}])
    page = office.get(reverse("playbook", args=[made.pk])).content.decode()
    ticked = re.findall(r'<input[^>]*value="([^"]+)"[^>]*checked', page)
    assert {"critical", "high", "disbanded"} <= set(ticked)

    chosen = {"only_severity": ["critical", "high"], "only_team": ["disbanded"]}
    office.post(reverse("playbook", args=[made.pk]), typed(made.connection, **chosen))

    made.refresh_from_db()
    assert made.conditions == [*URGENT, {"field": "team", "is": ["disbanded"]}]


def test_rules_of_one_title_are_told_apart_by_what_they_are_about(office):
    page = office.get(reverse("playbook-new")).content.decode()

    boxes = re.findall(r'<input[^>]*name="only_rule"[^>]*>([^<]+)</label>', page)
    told = [unescape(label).strip() for label in boxes]
    assert len(told) > 60
    assert len(set(told)) == len(told)
    asked = [label for label in told if "asks again and again" in label]
    assert {label.partition(": ")[0] for label in asked} >= {"Order", "Vehicle deal"}


def test_trying_tells_what_would_have_been_pushed_and_keeps_nothing(office):
    case = open_case(severity=Severity.HIGH)
    open_case(severity=Severity.LOW)
    given = typed(ConnectionFactory(name="Zendesk"), name="", only_severity=["high"], press="try")

    shown = text(office.post(reverse("playbook-new"), given, headers={"HX-Request": "true"}))

    assert "1 of the 2 cases of the last 30 days would have been pushed to Zendesk" in shown
    assert f"EX-{case.number}" in shown
    assert not Playbook.objects.exists()


def test_what_cannot_be_tried_says_why(office):
    given = {"moment": "case.opened", "press": "try"}

    shown = text(office.post(reverse("playbook-new"), given))

    assert "It cannot be tried yet." in shown
    assert "Choose the connection that is to get the cases." in shown


def test_a_name_that_is_taken_is_refused_beside_its_field(office):
    other = PlaybookFactory(name="Urgent to Zendesk")

    answer = office.post(reverse("playbook-new"), typed(other.connection))

    assert answer.status_code == 422
    assert "Another playbook has this name. Choose a different one." in text(answer)


def test_one_begins_with_the_connection_it_was_asked_for_from(office):
    zendesk = ConnectionFactory(name="Zendesk")
    of_it = text(office.get(reverse("connection", args=[zendesk.pk])))
    assert "no playbook yet: make one" in of_it

    page = office.get(reverse("playbook-new"), {"connection": zendesk.pk}).content.decode()

    assert f'<option value="{zendesk.pk}" selected>' in page


@pytest.mark.parametrize(
    "conditions",
    [
        [{"field": "severity", "is": ["critical", "high"]}, {"field": "severity", "is": "high"}],
        [{"field": "tier", "is": ""}],
        [{"field": "tier", "is": ["gold, eu"]}],
        [{"field": "severity", "is": []}],
    ],
)
def test_what_was_written_by_hand_is_not_widened_by_a_form(office, conditions):
    made = PlaybookFactory(conditions=conditions)

    answer = office.post(reverse("playbook", args=[made.pk]), typed(made.connection))

    assert "changed by hand as well" in text(answer)
    made.refresh_from_db()
    assert made.conditions == conditions


def test_what_somebody_changed_meanwhile_is_said_and_not_undone(office):
    made = PlaybookFactory(changed_at=NOON, changed_by="Thabo")

    answer = office.post(reverse("playbook", args=[made.pk]), typed(made.connection, seen=""))

    assert answer.status_code == 422
    assert "Thabo changed it since you looked. Load it again." in text(answer)
    fresh = typed(made.connection, seen=NOON.isoformat())
    assert office.post(reverse("playbook", args=[made.pk]), fresh).status_code == 302


def test_one_that_is_off_can_be_deleted(office):
    made = PlaybookFactory(enabled=False)
    assert "Delete it" in text(office.get(reverse("playbook", args=[made.pk])))

    answer = office.post(reverse("playbook-remove", args=[made.pk]), follow=True)

    assert "is deleted" in text(answer)
    assert not Playbook.objects.exists()


def test_one_that_is_on_is_not(office):
    made = PlaybookFactory()
    assert "Delete it" not in text(office.get(reverse("playbook", args=[made.pk])))

    answer = office.post(reverse("playbook-remove", args=[made.pk]), follow=True)

    assert "Switch it off first" in text(answer)
    assert Playbook.objects.exists()


def test_who_may_not_make_one_is_told_who_may(client):
    client.force_login(UserFactory(role=Role.LEAD, role__site=SiteFactory()))

    answer = client.get(reverse("playbooks"))

    assert answer.status_code == 403
    assert "Only an administrator of every site makes playbooks." in text(answer)
