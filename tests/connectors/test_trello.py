"""Trello's quirks: what others put on a card stays, and what signs a call is the body and our address."""

from dataclasses import replace
from datetime import UTC, datetime

from connectors import describing
from connectors.kit import Hook, Reply
from connectors.platforms.trello import connector
from exceptions_app.vocabulary import Operation

NEW, DONE, HIGH, LOW, ANA = (digit * 24 for digit in "12345")
WAITS = "5f1c2d3e4a5b6c7d8e9f0aff"
CONFIG = connector.config.read(
    {
        **{each.name: each.sample() for each in connector.config.schema() if each.required},
        "list_id": NEW,
        "lists": f"resolved={DONE}",
        "labels": f"high={HIGH}, low={LOW}",
        "people": f"Ana.Silva@example.com={ANA}",
        "secret": "secret",
    }
)


def changed(operation, there, **case):
    """What the card is changed to."""
    told = replace(describing.sample(operation, "a" * 24), **case)
    talk = connector.conversation(operation, told, CONFIG)
    next(talk)
    return talk.send(Reply(200, there)).json


def test_what_others_put_on_a_card_stays():
    body = changed(Operation.UPDATE, {"idLabels": [LOW, "f" * 24], "idMembers": ["e" * 24]})

    assert body["idLabels"] == ["f" * 24, HIGH]
    assert body["idMembers"] == ["e" * 24, ANA]


def test_a_card_moves_with_its_case():
    assert changed(Operation.CLOSE, {"idList": NEW})["idList"] == DONE
    assert changed(Operation.REOPEN, {"idList": DONE})["idList"] == NEW


def test_ticked_off_is_resolved_wherever_it_is():
    assert connector.status_of({"idList": NEW, "dueComplete": True}, CONFIG) == "resolved"
    assert connector.status_of({"idList": NEW, "dueComplete": False}, CONFIG) == "open"
    assert connector.status_of({"idList": DONE}, CONFIG) == "resolved"


def test_a_first_list_is_new_where_what_waits_has_a_list_of_its_own():
    apart = replace(CONFIG, lists=f"resolved={DONE},waiting={WAITS}")

    assert connector.status_of({"idList": NEW}, apart) == "new"
    assert connector.status_of({"idList": WAITS}, apart) == "waiting"


def test_a_card_that_somebody_takes_is_theirs():
    data = {"card": {"id": "a" * 24}, "idMember": ANA}
    (event,) = connector.inbound.read({"action": {"type": "addMemberToCard", "data": data}}, CONFIG)

    assert event.assignee_email == "ana.silva@example.com"


def test_the_address_is_signed_with_the_body():
    at = datetime(2026, 11, 21, tzinfo=UTC)
    signed = {"x-trello-webhook": "9EuQXBGATEqbDVuh1f7dlHnxXn8="}
    proof = connector.inbound.proof

    assert proof.problem(Hook("https://desk.example/h/1/", b"{}", at, headers=signed), CONFIG) == ""
    assert proof.problem(Hook("https://desk.example/h/2/", b"{}", at, headers=signed), CONFIG)


def test_trello_asks_whether_the_address_answers():
    asked = Hook("https://desk.example/h/1/", b"", datetime(2026, 11, 21, tzinfo=UTC), "HEAD")

    assert connector.inbound.handshake(asked, CONFIG).status == 200
