"""Calls that name records: only ours are asked about, within the budget, and none is lost."""

import json
from datetime import timedelta
from threading import Event, Thread
from unittest.mock import patch

import pytest
from django.db import connection as database
from django.utils import timezone

from connectors import inbound, understanding
from connectors.account import Account
from connectors.errors import Busy, Permanent, Temporary
from connectors.models import HookCall
from exceptions_app.models import Case, Gate, Link
from exceptions_app.outbox import gates
from tests.factories import NOON, open_case

pytestmark = pytest.mark.django_db(transaction=True)

STAGE = "hs_pipeline_stage"


@pytest.fixture
def hubspot(connect):
    return connect("hubspot")


@pytest.fixture
def ours(hubspot):
    """A case with its ticket, 17."""
    case = open_case()
    Link.objects.create(case=case, connection=hubspot, external_id="17", linked_at=NOON)
    return case


def heard(connection, *tickets, at=None):
    """A call that says that these tickets have moved."""
    moved = [{"objectId": int(one), "propertyName": STAGE, "propertyValue": "4"} for one in tickets]
    made = HookCall.objects.create(
        connection=connection,
        event_id=str(HookCall.objects.count()),
        at=at or timezone.now(),
        body=json.dumps(moved),
    )
    inbound.take_in()
    made.refresh_from_db()
    return made


def stands(*said):
    """What the platform answers when it is asked, one after the other."""
    return patch.object(Account, "standing", autospec=True, side_effect=said)


def status(case):
    return Case.objects.get(pk=case.pk).status


def test_nobody_is_asked_about_records_of_others(hubspot, ours):
    with stands("resolved") as asked:
        call = heard(hubspot, 99, 98, 17)

    assert [args.args[1] for args in asked.call_args_list] == ["17"]
    assert (call.state, call.case, status(ours)) == (HookCall.State.DONE, ours, "resolved")


def test_ours_is_heard_behind_more_strangers_than_are_taken_at_once(hubspot, ours):
    with stands("resolved"):
        heard(hubspot, *range(1000, 1000 + 2 * understanding.AT_ONCE), 17)

    assert status(ours) == "resolved"


def test_a_refusal_about_one_record_does_not_lose_the_others(hubspot, ours):
    gone = open_case(key="gone")
    Link.objects.create(case=gone, connection=hubspot, external_id="18", linked_at=NOON)

    with stands(Permanent("HubSpot answers 404: gone"), "resolved"):
        call = heard(hubspot, 18, 17)

    assert (call.state, status(gone), status(ours)) == ("conflict", "new", "resolved")
    assert "HubSpot answers 404" in call.outcome


def test_nobody_waits_for_what_is_asked(hubspot, ours):
    """The gate's row would be locked meanwhile, and with it whoever claims deliveries."""
    open_then = []

    def standing(*_):
        open_then.append(database.in_atomic_block)
        return "resolved"

    with patch.object(Account, "standing", standing):
        heard(hubspot, 17)

    assert (open_then, status(ours)) == ([False], "resolved")


def test_who_does_not_answer_is_asked_once_a_call(hubspot, ours):
    for number in range(18, 28):
        case = open_case(key=str(number))
        where = {"connection": hubspot, "external_id": str(number)}
        Link.objects.create(case=case, linked_at=NOON, **where)

    with stands(Temporary("HubSpot did not answer within 10 s.")) as asked:
        call = heard(hubspot, *range(17, 28))

    assert (asked.call_count, Gate.objects.get().failures) == (1, 1)
    assert (call.state, status(ours)) == (HookCall.State.DONE, "resolved")


def test_one_call_asks_only_for_so_long(hubspot, ours, monkeypatch):
    monkeypatch.setattr(understanding, "LONGEST", 0.0)

    with stands() as asked:
        heard(hubspot, 17)

    assert (asked.call_count, status(ours)) == (0, "resolved")


def test_a_call_that_somebody_has_in_hand_is_left_alone(hubspot, ours):
    call = HookCall.objects.create(connection=hubspot, event_id="1", at=timezone.now(), body="[]")
    there = Thread(target=in_hand, args=(call.pk, taken := Event(), done := Event()))
    there.start()
    taken.wait(5)

    left = inbound.taken_one()
    done.set()
    there.join()

    assert (left, inbound.taken_one()) == (False, True)


def in_hand(call_id, taken, done):
    with inbound.only_of(call_id):
        taken.set()
        done.wait(5)
    database.close()


def test_a_record_that_is_named_twice_is_asked_about_once(hubspot, ours):
    with stands("resolved") as asked:
        heard(hubspot, 17, 17, 17)

    assert asked.call_count == 1


def test_what_says_itself_how_it_stands_does_without_asking(hubspot, ours):
    """4 is resolved as HubSpot ships it."""
    with stands(Temporary("HubSpot did not answer within 10 s.")):
        call = heard(hubspot, 17)

    assert (call.state, status(ours)) == (HookCall.State.DONE, "resolved")


# --- Where only the record is named ----------------------------------------------------------


@pytest.fixture
def airtable(connect):
    return connect("airtable")


@pytest.fixture
def named(airtable):
    case = open_case()
    Link.objects.create(case=case, connection=airtable, external_id="rec1", linked_at=NOON)
    return case


def pinged(connection, at=None):
    made = HookCall.objects.create(
        connection=connection,
        event_id=str(HookCall.objects.count()),
        at=at or timezone.now(),
        body='{"record": "rec1"}',
    )
    inbound.take_in()
    made.refresh_from_db()
    return made


def test_a_platform_that_wants_to_be_left_alone_is_asked_again_later(airtable, named):
    busy = Busy("Airtable answers 429", after=timedelta(seconds=30))
    with stands(busy):
        call = pinged(airtable)

    assert (call.state, status(named)) == (HookCall.State.HELD, "new")
    assert "asked about again" in call.outcome
    held = Gate.objects.get().held_until
    assert abs(held - call.due_at) < timedelta(seconds=1)
    assert call.due_at > timezone.now() + timedelta(seconds=20)

    Gate.objects.all().delete()
    HookCall.objects.update(due_at=timezone.now())
    with stands("resolved"):
        inbound.take_in()
    assert (HookCall.objects.get().state, status(named)) == (HookCall.State.DONE, "resolved")


def test_a_platform_that_names_no_time_does_not_close_the_connection(airtable, named):
    """However long the call has waited: its deliveries may be welcome."""
    with stands(Busy("Airtable answers 429")):
        call = pinged(airtable, at=timezone.now() - timedelta(hours=3))

    assert call.due_at > timezone.now() + timedelta(minutes=59)
    assert Gate.objects.get().held_until is None


def test_it_waits_for_the_budget_that_deliveries_use_up(airtable, named):
    until = timezone.now() + timedelta(minutes=5)
    gates.hold(airtable.pk, until=until)

    with stands() as asked:
        call = pinged(airtable)

    assert (asked.call_count, call.state) == (0, HookCall.State.HELD)
    assert abs(call.due_at - until) < timedelta(seconds=1)
    assert Gate.objects.get().failures == 0


def test_what_is_asked_counts_against_the_budget(airtable, named):
    with stands("resolved"):
        pinged(airtable)

    assert Gate.objects.get().budget_at > timezone.now() - timedelta(seconds=1)


def test_one_that_does_not_answer_counts_as_failing(airtable, named):
    with stands(Temporary("No connection.")):
        pinged(airtable)

    assert Gate.objects.get().failures == 1


def test_after_two_days_it_is_for_a_person(airtable, named):
    with stands(Temporary("No connection.")):
        call = pinged(airtable, at=timezone.now() - timedelta(hours=49))

    assert call.state == HookCall.State.CONFLICT
    assert "in vain for 48 hours. No connection." in call.outcome
