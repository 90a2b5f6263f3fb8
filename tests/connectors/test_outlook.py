"""What Graph makes of a mail whose sending it answers with nothing."""

from dataclasses import replace

import pytest

from connectors import describing, kit
from connectors.account import Account
from connectors.kit import Reply
from connectors.models import SandboxNote, SandboxRecord
from connectors.platforms import outlook
from connectors.worker import probe
from exceptions_app.models import Delivery, Link
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.conftest import owed, perform_all
from tests.factories import NOON


def message_of(talk):
    sent = next(talk).json
    assert isinstance(sent, dict)
    return sent["message"]


def test_a_mail_is_known_by_the_id_that_we_gave_it(case, connect, sandbox):
    owed(case, connect("outlook", sandbox=True))
    perform_all()

    assert Link.objects.get().external_id == f"<{Delivery.objects.get().pk}@example.com>"


def test_an_answer_names_the_first_mail_in_the_way_that_graph_takes():
    case = describing.sample(Operation.COMMENT, "<1@example.com>")
    sent = message_of(outlook.tell(case, outlook.Config.sample()))

    assert {one["value"] for one in sent["singleValueExtendedProperties"]} == {"<1@example.com>"}
    assert all(one["name"].startswith("x-") for one in sent["internetMessageHeaders"])
    assert sent["subject"] == "Re: [EX-1042] Delivery of Golf GTI is late"


def test_the_evidence_is_a_file():
    case = describing.sample(Operation.ATTACH, "<1@example.com>")
    sent = message_of(outlook.tell(case, outlook.Config.sample()))

    (file,) = sent["attachments"]
    assert file["name"] == "EX-1042-evidence.json"


def test_an_answer_that_may_have_left_is_looked_for(case, connect, sandbox):
    connection = connect("outlook", sandbox=True)
    owed(case, connection)
    owed(case, connection, Operation.COMMENT, text="Still nobody")
    perform_all()
    Delivery.objects.filter(operation=Operation.COMMENT).update(
        state=DeliveryState.SENDING, due_at=NOON, attempts=1
    )

    perform_all()

    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert SandboxRecord.objects.count() == SandboxNote.objects.count() == 1


def test_what_is_not_found_is_sent_again():
    case = replace(describing.sample(Operation.COMMENT, "<1@example.com>"), again=True)
    talk = outlook.tell(case, outlook.Config.sample())

    assert next(talk).method == "GET"
    assert talk.send(Reply(200, {"value": []})).method == "POST"


@pytest.mark.parametrize(
    ("mailbox", "message", "status"),
    [
        ("else@example.com", {}, 404),
        ("desk@example.com", {}, 400),
        (
            "desk@example.com",
            {
                "toRecipients": [{"emailAddress": {"address": "a@b.c"}}],
                "internetMessageHeaders": [{"name": "In-Reply-To", "value": "<1@b.c>"}],
            },
            400,
        ),
    ],
)
def test_the_stand_in_refuses_what_graph_refuses(
    connect, sandbox, contract_of, mailbox, message, status
):
    request = kit.post(f"/v1.0/users/{mailbox}/sendMail", {"message": message})
    sent, reply = Account(connect("outlook", sandbox=True)).ask(request)

    assert reply.status == status
    assert contract_of("outlook").reply("POST", sent.url, status, reply.text) == []


def test_the_mailbox_can_be_tried(connect, sandbox):
    assert probe(connect("outlook", sandbox=True)).ok


def test_two_apps_of_one_tenant_have_each_their_own_token(case, connect, sandbox):
    """They ask at the same address, and neither is refused for not being the other."""
    first = connect("outlook", sandbox=True)
    other = {**first.settings, "client_secret": "another"}
    second = connect("outlook", name="Second", sandbox=True, settings=other)
    for connection in (first, second):
        owed(case, connection)

    perform_all()

    wrote = SandboxRecord.objects.values_list("connection", flat=True)
    assert sorted(wrote) == [first.pk, second.pk]
