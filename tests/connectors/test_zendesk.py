"""Zendesk's quirks: whoever is no agent cannot be assigned, and statuses are in capitals in webhooks."""

from dataclasses import replace

import pytest

from connectors.describing import sample
from connectors.kit import Permanent, dig
from connectors.models import SandboxRecord
from connectors.platforms.zendesk import connector, fields
from exceptions_app.models import Delivery, Link
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.test_every_stand_in import run

CONFIG = connector.config.sample()
URL = "https://acme.zendesk.com/api/v2/tickets"


@pytest.mark.parametrize("operation", [Operation.CREATE, Operation.UPDATE])
def test_what_is_refused_with_an_assignee_is_said_without(operation):
    talk = connector.conversation(operation, sample(operation, "35436"), CONFIG)
    first = next(talk)

    second = talk.throw(Permanent("Assignee is no agent."))

    assert isinstance(first.json, dict)
    assert first.json["ticket"].pop("assignee_email") == "ana.silva@example.com"
    assert first.json == second.json
    key = "Idempotency-Key"
    assert operation != Operation.CREATE or first.headers[key] != second.headers[key]


def test_what_is_refused_without_an_assignee_is_refused():
    case = replace(sample(Operation.UPDATE, "35436"), assignee_email="")
    talk = connector.conversation(Operation.UPDATE, case, CONFIG)
    next(talk)

    with pytest.raises(Permanent):
        talk.throw(Permanent("Closed prevents update."))


@pytest.mark.parametrize(
    ("operation", "status", "told"),
    [
        (Operation.CREATE, "new", "new"),
        (Operation.UPDATE, "new", ""),
        (Operation.UPDATE, "acknowledged", "open"),
        (Operation.REOPEN, "in_progress", "open"),
    ],
)
def test_a_missed_target_of_a_new_case_does_not_open_its_ticket(operation, status, told):
    """Opened by us, it would come back as news that somebody there has taken it up."""
    case = replace(sample(operation, "35436"), operation=operation, status=status)

    assert fields(case).get("status", "") == told


def test_what_is_closed_for_good_goes_on_in_a_follow_up(case, connect, sandbox, contract_of):
    connection = connect("zendesk", sandbox=True)
    run(case, connection, Operation.CREATE)
    closed = SandboxRecord.objects.get()
    closed.data["status"] = "closed"
    closed.save()

    run(case, connection, Operation.REOPEN)
    run(case, connection, Operation.COMMENT)

    states = Delivery.objects.values_list("state", "reason")
    assert {state for state, _ in states} == {DeliveryState.SENT}, list(states)
    after = SandboxRecord.objects.exclude(pk=closed.pk).get()
    assert Link.objects.get().external_id == after.external_id
    assert after.data["via_followup_source_id"] == closed.pk
    assert [note.text for note in after.notes.all()][1:] == ["To comment."]
    request = next(sent for sent, _ in sandbox if b"followup" in (sent.body or b""))
    assert contract_of("zendesk").request("POST", URL, request.headers, request.body) == []


def test_agents_may_make_it_another_type_than_a_task():
    def told(operation):
        talk = connector.conversation(operation, sample(operation, "35436"), CONFIG)
        return dig(next(talk).json, "ticket", "type")

    assert (told(Operation.CREATE), told(Operation.UPDATE)) == ("task", "")


def test_a_change_of_anything_else_says_nothing():
    body = {"type": "zen:event-type:ticket.priority_changed", "detail": {"id": "35436"}}

    assert connector.inbound.read(body | {"event": {"current": "OPEN"}}, CONFIG) == []
