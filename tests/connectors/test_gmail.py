"""What Gmail wants of a mail: base64url, whole headers, and the first mail's name and subject in answers."""

import email
from base64 import urlsafe_b64decode
from dataclasses import replace
from email import policy

import pytest

from connectors import answers, describing, kit
from connectors.account import Account, fingerprint
from connectors.errors import Permanent, Temporary
from connectors.kit import Reply
from connectors.models import SandboxNote, SandboxRecord
from connectors.platforms import gmail
from connectors.worker import probe
from exceptions_app.models import Delivery
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.conftest import owed, perform_all
from tests.factories import NOON

HEADERS = [
    {"name": "Subject", "value": "[EX-1042] Late"},
    {"name": "Message-Id", "value": "<1@a.com>"},
]
FIRST = {"threadId": "t1", "payload": {"headers": HEADERS}}


def answered(operation, **given):
    """The mail that answers the first one."""
    case = replace(describing.sample(operation, "m1"), **given)
    talk = gmail.connector.conversation(operation, case, gmail.Config.sample())
    asked = next(talk)
    if case.again:
        assert "rfc822msgid" in asked.path
        talk.send(Reply(200, {"resultSizeEstimate": 0}))
    sent = talk.send(Reply(200, FIRST)).json
    assert isinstance(sent, dict)
    assert sent["threadId"] == "t1"
    return opened(sent)


def opened(sent):
    return email.message_from_bytes(urlsafe_b64decode(sent["raw"]), policy=policy.default)


def test_an_answer_names_the_first_mail_and_has_its_subject():
    mail = answered(Operation.COMMENT)

    assert (mail["Subject"], mail["In-Reply-To"]) == ("Re: [EX-1042] Late", "<1@a.com>")
    assert mail["References"] == mail["In-Reply-To"]
    assert "in progress, with Ana Silva, due Sat 21 Nov 2026 15:05 UTC" in mail.get_content()


def test_the_evidence_is_a_file():
    (file,) = answered(Operation.ATTACH).iter_attachments()

    assert file.get_filename() == "EX-1042-evidence.json"
    assert b"delivery_late" in file.get_content()


def test_ids_of_long_domains_and_names_in_any_script_stay_whole():
    config = replace(gmail.Config.sample(), mailbox=f"desk@{'a-long-name.' * 6}example.com")
    case = replace(describing.sample(Operation.CREATE, ""), title="Größe\nBcc: x@y.z " + "ä" * 300)
    mail = opened(gmail.create(case, config).json)

    assert mail["Message-ID"] == f"<{case.delivery_id}@{'a-long-name.' * 6}example.com>"
    assert mail["Subject"].startswith("[EX-1042] Größe Bcc: x@y.z ää")
    assert mail["Bcc"] is None


def test_an_answer_that_may_have_left_is_looked_for(case, connect, sandbox):
    owed(case, connect("gmail", sandbox=True))
    owed(case, Delivery.objects.get().connection, Operation.COMMENT, text="Still nobody")
    perform_all()
    Delivery.objects.filter(operation=Operation.COMMENT).update(
        state=DeliveryState.SENDING, due_at=NOON, attempts=1
    )

    perform_all()

    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert SandboxRecord.objects.count() == SandboxNote.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"raw": "a+b/"}, 400),
        ({"raw": "RnJvbTogYQoKYg", "threadId": "none"}, 404),
    ],
)
def test_the_stand_in_refuses_what_gmail_refuses(connect, sandbox, contract_of, body, status):
    sent, reply = Account(connect("gmail", sandbox=True)).ask(
        kit.post(f"{gmail.MESSAGES}/send", body)
    )

    assert reply.status == status
    assert contract_of("gmail").reply("POST", sent.url, status, reply.text) == []


def test_a_thread_that_is_not_answered_is_refused(case, connect, sandbox):
    owed(case, connect("gmail", sandbox=True))
    perform_all()
    account, first = Account(Delivery.objects.get().connection), SandboxRecord.objects.get()
    body = {"raw": "RnJvbTogYQoKYg", "threadId": first.external_id}

    assert account.ask(kit.post(f"{gmail.MESSAGES}/send", body))[1].status == 400
    assert probe(Delivery.objects.get().connection).ok


@pytest.mark.parametrize(
    ("reason", "kind"), [("userRateLimitExceeded", Temporary), ("x", Permanent)]
)
def test_a_403_may_only_mean_slower(reason, kind):
    with pytest.raises(kind):
        answers.judge(gmail.connector, Reply(403, {"error": {"errors": [{"reason": reason}]}}))


def test_a_refresh_token_is_the_other_way_in():
    config = replace(gmail.Config.sample(), access="refresh_token", token="1//t")

    assert gmail.grant(config).form["refresh_token"] == "1//t"


def test_a_key_that_is_none_is_said_so(connect, sandbox):
    account = Account(
        connect(
            "gmail",
            sandbox=True,
            settings={
                "mailbox": "desk@example.com",
                "to": "dispatch@example.com",
                "client_email": "desk@acme.iam.gserviceaccount.com",
                "private_key": gmail.Config.sample().private_key,
            },
        )
    )

    with pytest.raises(Temporary, match="private key cannot be read"):
        account.renew()


def test_the_token_of_one_mailbox_is_not_used_for_another():
    config = gmail.Config.sample()
    other = replace(config, mailbox="lead@example.com")

    assert fingerprint(gmail.grant(config)) == fingerprint(gmail.grant(config))
    assert fingerprint(gmail.grant(config)) != fingerprint(gmail.grant(other))
