"""Standard Webhooks both ways, against the reference library and the published envelope."""

import json

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no types here
from standardwebhooks import Webhook

from connectors import describing, proofs
from connectors.account import Account
from connectors.kit import Hook, Reply
from connectors.models import SandboxNote, SandboxRecord
from connectors.platforms import webhook
from connectors.worker import probe
from exceptions_app.mirroring import hearing
from exceptions_app.models import Delivery, Link
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.conftest import CONTRACTS, owed, perform_all
from tests.factories import NOON

CONFIG = webhook.Config.sample()


def sent(operation, external_id="R-1"):
    case = describing.sample(operation, external_id)
    return next(webhook.connector.conversation(operation, case, CONFIG))


@pytest.mark.parametrize("operation", list(Operation))
def test_the_reference_library_believes_it(operation):
    request = sent(operation)

    said = Webhook(CONFIG.secret).verify(request.text, dict(request.headers))

    assert said["data"]["number"] == "EX-1042"
    assert bool(said["data"]["evidence"]) is (operation == Operation.ATTACH)


def test_it_has_the_published_envelope():
    file = CONTRACTS / "inbound-standardwebhooks.schema.json"
    if not file.exists():
        pytest.skip("The published envelope is not beside the project.")
    schema = Draft202012Validator(json.loads(file.read_text()))

    for operation in Operation:
        assert list(schema.iter_errors(json.loads(sent(operation).text))) == []


def test_a_repeat_has_the_same_name():
    first, again = sent(Operation.COMMENT), sent(Operation.COMMENT)

    assert first.headers["webhook-id"] == again.headers["webhook-id"]


def test_the_other_side_may_name_the_record_or_not(case, connect, sandbox):
    owed(case, connect("webhook", sandbox=True))
    perform_all()

    assert Link.objects.get().external_id == SandboxRecord.objects.get().external_id
    talk = webhook.tell(describing.sample(Operation.CREATE, ""), CONFIG)
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send(Reply(204))
    assert end.value.value.body == {"external_id": "EX-1042"}


def test_it_can_be_tried_without_a_case(connect, sandbox):
    assert probe(connect("webhook", sandbox=True)).ok
    assert not SandboxRecord.objects.exists()


def test_one_good_signature_of_several_is_enough():
    """Secrets are changed by signing with both for a while; v1a is not ours."""
    raw = b'{"type": "case.updated"}'
    proof = proofs.standard_webhook(lambda secret: secret)
    headers = proofs.standard_headers(CONFIG.secret, "msg_1", NOON, raw.decode())
    several = headers | {"webhook-signature": f"v1a,x v1,bm90 {headers['webhook-signature']}"}

    assert proof.problem(Hook("", raw, NOON, headers=several), CONFIG.secret) == ""
    assert proof.problem(Hook("", raw, NOON, headers=several), "")
    assert proof.problem(
        Hook("", raw, NOON, headers=headers | {"webhook-id": "msg_2"}), CONFIG.secret
    )


def test_the_example_of_the_specification():
    """From the reference library's own tests."""
    key, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"test": 2432232314}'
    at = NOON.fromtimestamp(1614265330, NOON.tzinfo)

    headers = proofs.standard_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_without_its_padding_is_the_same():
    padded = proofs.standard_headers("whsec_Zm9yIHRoZSBzYWtlIA==", "1", NOON, "{}")

    assert padded == proofs.standard_headers("whsec_Zm9yIHRoZSBzYWtlIA", "1", NOON, "{}")


def test_what_a_call_says_is_understood_and_the_rest_left():
    said = {
        "number": "EX-1",
        "status": "waiting",
        "severity": "worst",
        "comment": "Soon",
        "verb": 7,
    }

    (event,) = webhook.read({"data": said}, CONFIG)

    assert (event.number, event.status, event.severity) == ("EX-1", "waiting", "")
    assert (event.comment, event.verb, event.assignee_email) == ("Soon", "", "")


def test_a_case_is_found_by_its_number_though_the_other_side_has_its_own(case, connect):
    connection = connect("webhook")
    Link.objects.create(case=case, connection=connection, external_id="T-99", linked_at=NOON)

    for said in ({"number": case.shown_number}, {"external_id": "T-99"}):
        (event,) = webhook.read({"data": said | {"comment": "Soon"}}, CONFIG)
        assert hearing.case_of(event, connection) == case


def test_the_stand_in_takes_a_name_once_and_refuses_what_it_does_not_know(case, connect, sandbox):
    connection = connect("webhook", sandbox=True)
    owed(case, connection)
    owed(case, connection, Operation.COMMENT, text="Still nobody")
    perform_all()
    again = {"state": DeliveryState.SENDING, "due_at": NOON, "attempts": 1}
    Delivery.objects.filter(operation=Operation.COMMENT).update(**again)
    perform_all()

    assert SandboxNote.objects.count() == 1
    account = Account(connection)
    lost = webhook.signed(CONFIG, "1", "case.updated", {"external_id": "R-0"})
    assert account.ask(lost)[1].status == 404
