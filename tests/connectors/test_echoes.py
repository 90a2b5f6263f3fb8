"""Three systems beside the desk: whatever is done anywhere, in any order, ends everywhere alike."""

import pytest
import time_machine

from connectors import inbound
from connectors.models import HookCall
from exceptions_app.mirroring.hearing import kind
from exceptions_app.models import Delivery, Entry
from exceptions_app.vocabulary import DeliveryState, Role
from tests.connectors.three import Three
from tests.factories import NOON, PlaybookFactory, open_case, somebody

pytestmark = pytest.mark.django_db
ZENDESK = {"new": "open", "open": "open", "pending": "waiting", "solved": "settled"}
JIRA = {"Open": "open", "Work in progress": "open", "Pending": "waiting", "Completed": "settled"}


@pytest.fixture
def three(connect, sandbox, request, monkeypatch):
    """A case that all three have a record of, at an instant in which nothing is late."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda *_, **__: None)
    with time_machine.travel(NOON) as clock:
        connections = {slug: connect(slug, sandbox=True) for slug in ("zendesk", "jira", "slack")}
        for connection in connections.values():
            PlaybookFactory(connection=connection)
        case = open_case()
        lead = somebody(Role.LEAD, site=case.site)
        made = Three(case, connections, lead, clock, getattr(request, "param", 0))
        made.we_perform()
        made.told = {slug: made.record(slug).data.get("status") for slug in connections}
        made.everything_settles()
        yield made


@pytest.mark.parametrize("three", range(6), indirect=True)
def test_whatever_happens_ends_the_same_everywhere_and_once(three):
    for _ in range(30):
        three.clock.shift(7)
        three.dice.choice(
            [
                three.anybody_does_anything,
                three.anybody_does_anything,
                three.some_calls_arrive,
                inbound.take_in,
                lambda: three.we_perform(most=three.dice.randint(1, 3)),
            ]
        )()
    three.everything_settles()

    agrees(three)
    said_once(three)
    not_told_back()


def agrees(three):
    ours = kind(three.standing())
    zendesk, jira = (three.record(slug).data["status"] for slug in ("zendesk", "jira"))
    assert (ZENDESK[zendesk], JIRA[jira]) == (ours, ours)
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states <= {DeliveryState.SENT, DeliveryState.SUPERSEDED}


def said_once(three):
    """Every comment once on the timeline and once on each record, and no more than were made."""
    comments = Entry.objects.filter(verb="case.commented")
    kept = [entry.data["text"] for entry in comments]
    assert sorted(kept) == sorted(three.said)
    for slug in three.connections:
        notes = [note.text for note in three.record(slug).notes.all()]
        for text in three.said:
            assert sum(text in note for note in notes) == 1, (slug, text, notes)


def not_told_back():
    """Nothing is owed to where it came from; a button's message is rewritten, since it shows the buttons."""
    for entry in Entry.objects.filter(actor_kind="platform").exclude(actor_id="0"):
        back = f"{entry.pk}:{entry.actor_id}:"
        assert not Delivery.objects.filter(key__startswith=back).exists(), entry.verb


@pytest.mark.parametrize("three", range(2), indirect=True)
def test_echoes_alone_change_nothing(three):
    """All that the platforms tell us of what we did ourselves, again and again."""
    for verb in ("acknowledge", "wait", "resume", "resolve", "reopen"):
        three.clock.shift(60)
        three.does_here(verb)
        three.says("desk", f"note {verb} x")
        three.we_perform()
    before = Entry.objects.exclude(verb__startswith="delivery.").count()
    moves, heard = three.moves, len(three.calls)

    three.some_calls_arrive()
    three.everything_settles()

    assert (moves, heard > 10) == (5, True)
    assert Entry.objects.exclude(verb__startswith="delivery.").count() == before
    assert set(HookCall.objects.values_list("state", flat=True)) == {HookCall.State.NOTHING}


def test_a_short_answer_is_heard_though_we_have_said_those_letters(three):
    """We said that Ana ackNOWledged the case."""
    three.does_here("acknowledge")
    three.everything_settles()

    three.says("zendesk", "Now?")
    three.everything_settles()

    assert [entry.data["text"] for entry in Entry.objects.filter(verb="case.commented")] == ["Now?"]
