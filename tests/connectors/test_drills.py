"""Every connector through every fault: nothing lost, nothing doubled, and in doubt only where it has to be.

Each fault meets the creation and, by turns, one of the other operations. With ``--drills`` it meets all of
them, and the outcomes are printed as a table: ``pytest tests/connectors/test_drills.py -q --drills``.
"""

from collections import Counter
from datetime import timedelta
from itertools import count, takewhile

import pytest
import time_machine

from connectors.models import SandboxFault
from connectors.registry import CATALOGUE
from connectors.sandbox import faults
from exceptions_app.models import Delivery, Gate
from exceptions_app.outbox import queue
from exceptions_app.outbox.outcomes import NO_RECORD
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.drills import MARKS, Drill, undone
from tests.factories import NOON

pytestmark = pytest.mark.django_db
EVERY = pytest.mark.parametrize("connector", CATALOGUE, ids=lambda each: each.slug)
KIND = SandboxFault.Kind
TWICE = "duplicate"
FAULTS = [*KIND.values, TWICE]
#: A fault that meets the second or third request of an operation finds the first ones done.
IN_THE_MIDDLE = {KIND.REFUSE, KIND.LIMIT, KIND.DROP}
CUT_OFF = {KIND.HANG, KIND.DROP, TWICE}
SENT, DEAD, UNCERTAIN = DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.UNCERTAIN
SUPERSEDED = DeliveryState.SUPERSEDED
#: Those whose documents say how long to wait, in seconds; the others say it in Retry-After.
PAUSES = {"airtable": 30, "trello": 10}


@pytest.fixture
def drill(connector, case, connect, sandbox):
    with time_machine.travel(NOON) as clock:
        yield Drill(connector, case, connect(connector.slug, sandbox=True), clock)


USUAL: dict[str, Counter[str]] = {}


@pytest.fixture
def usual(drill, connector):
    """What arrives when nothing goes wrong."""
    if connector.slug not in USUAL:
        with undone():
            drill.perform_all()
        USUAL[connector.slug] = drill.most.copy()
        drill.most.clear()
        drill.order.clear()
    return USUAL[connector.slug]


@EVERY
def test_everything_that_is_said_can_be_counted(drill, usual):
    """Otherwise nobody would see it doubled."""
    said = {each for each in drill.operations if usual[MARKS[each]]}

    # A resolve event of PagerDuty carries no words.
    silent = {Operation.CLOSE} if drill.connector.slug == "pagerduty" else set()
    assert said == set(drill.operations) - silent


@EVERY
@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_and_nothing_doubled(connector, fault, drill, usual, drilled, request):
    every = request.config.getoption("drills")
    for operation in drill.operations if every else by_turns(connector, fault, drill):
        drill.perform_before(operation)
        for nth in takewhile(lambda nth: nth == 1 or fault in IN_THE_MIDDLE, count(1)):
            drill.most.clear()
            with undone():
                if not happens(drill, operation, fault, nth):
                    assert nth > 1, f"{fault} meets nothing of {operation}"
                    break
                drilled(connector.slug, fault, operation, drill.states()[operation])
                if nth == 1:
                    drill.perform_all()
                judge(drill, operation, fault, usual, made=nth > 1)


def by_turns(connector, fault, drill):
    """The creation, and another operation that is not the same for each fault and connector."""
    create, *others = drill.operations
    turn = CATALOGUE.index(connector) + FAULTS.index(fault)
    return [create, others[turn % len(others)]]


def happens(drill, operation, fault, nth):
    if fault != TWICE:
        return drill.meets(operation, fault, nth)
    drill.is_done_twice(operation)
    return True


def judge(drill, operation, fault, usual, *, made):
    """The operation ended as it may, the others as if nothing had happened.

    A creation that was cut off when the record was ``made`` already has its record.
    """
    states, known = drill.states(), {SENT} if made and operation == Operation.CREATE else set()
    assert states[operation] in may_end(drill.connector, operation, fault) | known
    assert drill.most <= usual, "something is there twice"
    assert not Delivery.objects.filter(reason__startswith="Flagstand made a mistake").exists()
    no_record = operation == Operation.CREATE and states[operation] != SENT
    after = {(SUPERSEDED, NO_RECORD)} if no_record else {(SENT, ""), (DeliveryState.WAITING, "")}
    others = Delivery.objects.exclude(operation=operation).values_list("state", "reason")
    assert set(others) <= after


def may_end(connector, operation, fault):
    if fault == KIND.REFUSE:
        return {SENT, DEAD}
    return {SENT} if fault not in CUT_OFF or connector.bears_repeating(operation) else {UNCERTAIN}


@EVERY
def test_order_holds_however_they_are_offered(connector, drill, usual, drilled):
    for late, row in enumerate(Delivery.objects.order_by("-position")):
        row.due_at += timedelta(seconds=9 * late)
        row.save()

    drill.perform_all()

    assert drill.order == drill.operations
    assert drill.most == usual
    for operation, state in drill.states().items():
        drilled(connector.slug, "reordered", operation, state)
        assert state == SENT


@EVERY
def test_who_asks_to_be_left_alone_is_left_alone(connector, drill):
    SandboxFault.objects.create(connection=drill.connection, kind=KIND.LIMIT)

    tried = drill.planned().perform()
    tried.settle()

    held = Gate.objects.get().held_until - tried.at
    asked = timedelta(seconds=PAUSES.get(connector.slug, faults.RETRY_AFTER))
    assert asked <= held < asked + timedelta(seconds=2)
    assert queue.claim(at=tried.at + held - timedelta(milliseconds=1)) == []
