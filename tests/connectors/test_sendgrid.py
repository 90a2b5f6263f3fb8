"""SendGrid's signature as its own libraries test it, and what its events say about which mail."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors import describing, kit
from connectors.account import Account
from connectors.kit import Hook, Reply
from connectors.models import SandboxNote
from connectors.platforms import sendgrid
from connectors.worker import probe
from exceptions_app.models import Delivery
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.conftest import owed, perform_all
from tests.factories import NOON

# From SendGrid's library for Python, test_eventwebhook.py; the line break at the end is part of it.
PUBLIC = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNN"
    "RaINXvVpiglSI8eNEc6wEA3F+g=="
)
HEADERS = {
    "x-twilio-email-event-webhook-signature": "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBi"
    "XDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
    "x-twilio-email-event-webhook-timestamp": "1600112502",
}
DROPPED = {
    "email": "hello@world.com",
    "event": "dropped",
    "reason": "Bounced Address",
    "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
    "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
    "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
    "timestamp": 1600112492,
}
RAW = json.dumps([DROPPED], sort_keys=True, separators=(",", ":")).encode() + b"\r\n"
AT = datetime.fromtimestamp(1600112502, UTC)


def problem(*, raw=RAW, at=AT, key=PUBLIC):
    config = replace(sendgrid.Config.sample(), verification_key=key)
    return sendgrid.connector.inbound.proof.problem(Hook("", raw, at, headers=HEADERS), config)


def test_its_own_example_is_believed():
    assert problem() == ""
    assert "too old" in problem(at=AT + timedelta(minutes=6))


def test_nothing_else_is():
    other = PUBLIC.replace("83T4", "qTxd")

    assert problem(raw=RAW.strip())
    assert problem(key=other)
    assert problem(key="nonsense")
    assert problem(key="")


def test_a_dropped_mail_is_said_on_the_case():
    (event,) = sendgrid.read([DROPPED, DROPPED | {"event": "open"}], sendgrid.Config.sample())

    assert event.external_id == "LRzXl_NHStOGhQ4kofSm_A"
    assert event.comment == "The mail to hello@world.com was not sent: Bounced Address"


def test_an_answer_that_bounces_is_said_on_the_case_of_the_first_mail():
    bounced = DROPPED | {"event": "bounce", "sg_message_id": "else.x", "flagstand_mail": "first"}

    (event,) = sendgrid.read([bounced], sendgrid.Config.sample())

    assert event.external_id == "first"


def test_an_answer_names_the_first_mail():
    config = sendgrid.Config.sample()
    first = sendgrid.send(describing.sample(Operation.CREATE, ""), config).json
    answer = sendgrid.send(describing.sample(Operation.COMMENT, "first"), config).json

    assert isinstance(first, dict)
    assert isinstance(answer, dict)
    assert answer["headers"]["In-Reply-To"] == first["headers"]["Message-ID"]
    assert answer["headers"]["Message-ID"] != first["headers"]["Message-ID"]
    assert answer["personalizations"][0]["custom_args"]["flagstand_mail"] == "first"


def test_the_record_is_named_in_a_header():
    assert sendgrid.connector.external_id(Reply(202, headers={"x-message-id": "abc"})) == "abc"


def test_the_stand_in_refuses_numbers_among_custom_args(connect, sandbox, contract_of):
    connection = connect("sendgrid", sandbox=True)
    body = sendgrid.send(describing.sample(Operation.CREATE, ""), sendgrid.Config.sample()).json
    assert isinstance(body, dict)
    body["personalizations"][0]["custom_args"] = {"flagstand": 1042}
    sent, reply = Account(connection).ask(kit.post("/v3/mail/send", body))

    assert reply.status == 400
    assert contract_of("sendgrid").reply("POST", sent.url, 400, reply.text) == []
    assert probe(connection).ok


def test_an_answer_sent_twice_is_one(case, connect, sandbox):
    connection = connect("sendgrid", sandbox=True)
    owed(case, connection)
    owed(case, connection, Operation.COMMENT, text="Still nobody")
    perform_all()
    again = {"state": DeliveryState.SENDING, "due_at": NOON, "attempts": 1}
    Delivery.objects.filter(operation=Operation.COMMENT).update(**again)

    perform_all()

    assert SandboxNote.objects.count() == 1
