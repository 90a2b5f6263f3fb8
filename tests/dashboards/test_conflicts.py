"""What platforms said that the policy could not settle: both sides on a page, and what a choice does."""

import pytest
from django.urls import reverse

from connectors.listening import conflicts
from connectors.models import HookCall
from exceptions_app.cases import triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.errors import NotAllowedNow
from exceptions_app.mirroring import hearing
from exceptions_app.mirroring.news import News
from exceptions_app.mirroring.settling import Choice
from exceptions_app.models import Case, Delivery, Link
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.vocabulary import Operation, Role, Status
from tests.factories import HOUR, NOON, ConnectionFactory, UserFactory, open_case

LATER = NOON + HOUR


@pytest.fixture
def zendesk(db):
    return ConnectionFactory(name="Zendesk", platform="zendesk")


@pytest.fixture
def case(north, zendesk):
    case = open_case(site=north, title="Paint is wrong")
    Link.objects.create(case=case, connection=zendesk, external_id="17", linked_at=NOON)
    return case


def call(case, zendesk, *left, sentence="Zendesk gave it to pat@acme.example, unknown here."):
    """A call of Zendesk of which these fields were left."""
    return HookCall.objects.create(
        connection=zendesk,
        event_id=str(HookCall.objects.count()),
        at=NOON,
        case=case,
        state=HookCall.State.CONFLICT,
        outcome=sentence,
        conflicts=[{"field": field, "theirs": theirs} for field, theirs in left],
    )


@pytest.fixture
def unknown_owner(case, zendesk):
    return call(case, zendesk, ("assignee_email", "pat@acme.example"))


def chosen(client, found, choice, field="assignee_email", **more):
    address = reverse("conflict-settle", args=[found.pk])
    return client.post(address, {"field": field, "choice": choice, **more}, follow=True)


def test_what_the_policy_cannot_settle_names_its_field(case, zendesk):
    became = hearing.hear(
        News(external_id="17", assignee_email="pat@acme.example", status="acknowledged"),
        zendesk,
        at=LATER,
    )

    left = hearing.left_to_a_person(became)
    assert left == [{"field": "assignee_email", "theirs": "pat@acme.example"}]


def test_a_claim_by_somebody_unknown_here_is_left_to_a_person(case, zendesk):
    """What the sandbox says how to get."""
    became = hearing.hear(
        News(external_id="17", verb="claim", author="ana.silva"), zendesk, at=NOON
    )

    assert hearing.left_to_a_person(became) == [{"field": "verb", "theirs": "claim"}]
    assert "ana.silva (" in became[0].sentence


def test_the_page_says_what_each_side_holds(client, ana, case, unknown_owner):
    triage.assign(Seen(case.pk), by=SYSTEM, at=NOON, to=ana.pk)
    client.force_login(ana)

    page = client.get(reverse("conflicts")).content.decode()

    assert "pat@acme.example" in page
    assert ana.shown_name() in page
    assert unknown_owner.outcome in page


def test_an_empty_page_says_why_that_is_good(client, ana):
    client.force_login(ana)

    assert "Both sides agree" in client.get(reverse("conflicts")).content.decode()


def test_the_outbox_counts_them(client, ana, unknown_owner):
    client.force_login(ana)

    page = client.get(reverse("deliveries")).content.decode()

    assert 'Conflicts <span class="tab__count num">1</span>' in page


def test_elsewhere_nobody_sees_or_settles_it(client, south, unknown_owner):
    client.force_login(UserFactory(role=Role.LEAD, role__site=south))

    assert "Both sides agree" in client.get(reverse("conflicts")).content.decode()
    assert chosen(client, unknown_owner, "dismiss").status_code == 404
    assert HookCall.objects.get().state == "conflict"


def test_what_nobody_understood_is_for_administrators(zendesk, ana):
    call(None, zendesk, sentence="It could not be read (ValueError); it is logged.")

    assert conflicts.count(person(ana)) == 0
    assert conflicts.count(SYSTEM) == 1


def test_taking_theirs_names_the_person_here(client, ana, case, unknown_owner):
    client.force_login(ana)

    chosen(client, unknown_owner, "theirs", to=ana.pk)

    unknown_owner.refresh_from_db()
    assert Case.objects.get(pk=case.pk).assignee == ana
    assert (unknown_owner.state, unknown_owner.settled_by) == ("nothing", ana.shown_name())
    told = case.entries.get(verb="conflict.settled")
    assert (told.actor_name, told.data["choice"]) == (ana.shown_name(), "theirs")


def test_taking_theirs_without_naming_anybody_changes_nothing(client, ana, case, unknown_owner):
    client.force_login(ana)

    page = chosen(client, unknown_owner, "theirs").content.decode()

    assert "Choose who pat@acme.example is here." in page
    assert HookCall.objects.get().state == "conflict"
    assert not case.entries.filter(verb="conflict.settled").exists()


def test_a_claim_there_is_for_whoever_made_it_and_not_for_who_settles_it(
    client, ana, case, zendesk
):
    """It names the claimant and the owner, and asks who that is here."""
    marek = UserFactory(username="marek", role=Role.STAFF, role__site=case.site)
    found = call(case, zendesk, ("verb", "claim"))
    client.force_login(ana)

    nobody = chosen(client, found, "theirs", "verb").content.decode()
    assert "Choose who claimed it there." in nobody
    chosen(client, found, "theirs", "verb", to=marek.pk)

    assert Case.objects.get(pk=case.pk).assignee == marek


def test_taking_their_status_moves_the_case(ana, case, zendesk):
    found = call(case, zendesk, ("status", "resolved"))

    conflicts.settle(found.pk, "status", Choice.THEIRS, by=person(ana), at=LATER)

    assert Case.objects.get(pk=case.pk).status == Status.RESOLVED


def test_keeping_ours_tells_them_again(ana, case, zendesk):
    found = call(case, zendesk, ("status", "resolved"))

    conflicts.settle(found.pk, "status", Choice.OURS, by=person(ana), at=LATER)

    owed = Delivery.objects.get(connection=zendesk)
    assert (owed.operation, owed.text) == (Operation.REOPEN, "The case is new.")
    assert Case.objects.get(pk=case.pk).status == Status.NEW


@pytest.mark.parametrize(("field", "answers"), [("verb", [Operation.UPDATE]), ("comment", [])])
def test_who_asked_for_something_is_answered_when_ours_is_kept(
    client, ana, case, zendesk, field, answers
):
    """Otherwise the message over there would offer its buttons for ever."""
    client.force_login(ana)

    said = chosen(client, call(case, zendesk, (field, "claim")), "ours", field).content.decode()

    assert list(Delivery.objects.values_list("operation", flat=True)) == answers
    assert ("they are told so" in said) == bool(answers)


def test_dismissing_leaves_both_as_they_are(client, ana, case, unknown_owner):
    client.force_login(ana)

    chosen(client, unknown_owner, "dismiss")

    assert HookCall.objects.get().state == "nothing"
    assert not Delivery.objects.exists()
    assert case.entries.get(verb="conflict.settled").data["choice"] == "dismiss"


def test_a_call_with_two_conflicts_waits_for_both(ana, case, zendesk):
    found = call(case, zendesk, ("assignee_email", "pat@acme.example"), ("status", "waiting"))

    conflicts.settle(found.pk, "status", Choice.DISMISS, by=person(ana), at=LATER)

    assert [row.field for row in conflicts.listed(person(ana))] == ["assignee_email"]
    with pytest.raises(NotAllowedNow, match="just settled"):
        conflicts.settle(found.pk, "status", Choice.DISMISS, by=person(ana), at=LATER)


def test_the_list_costs_the_same_however_long_it_is(
    ana, case, zendesk, django_assert_max_num_queries
):
    for _ in range(5):
        call(case, zendesk, ("assignee_email", "pat@acme.example"))

    by = person(ana)
    with django_assert_max_num_queries(2):
        assert len(conflicts.listed(by)) == 5
