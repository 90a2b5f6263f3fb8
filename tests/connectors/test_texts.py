"""Text messages: short, looked for before a repeat, answered by one telephone, signed as documented."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest

from connectors import describing
from connectors.kit import Hook, Reply, texted
from connectors.models import SandboxNote
from connectors.platforms import clicksend, twilio
from exceptions_app.mirroring.hearing import hear
from exceptions_app.models import Delivery
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.conftest import owed, perform_all, settings_of
from tests.factories import NOON

BOTH = pytest.mark.parametrize("slug", ["clicksend", "twilio"])


def config_of(platform, **more):
    return platform.Config.read(settings_of(platform.connector.slug) | more)


@BOTH
def test_a_text_is_looked_for_before_it_is_repeated(slug, case, connect, sandbox, contract_of):
    connection = connect(slug, sandbox=True)
    for operation in (Operation.CREATE, Operation.COMMENT):
        owed(case, connection, operation, text="The car is here.")
        perform_all()
    comment = Delivery.objects.filter(operation=Operation.COMMENT)
    comment.update(state=DeliveryState.SENDING, due_at=NOON, attempts=1)
    perform_all()

    assert comment.get().state == DeliveryState.SENT
    assert SandboxNote.objects.count() == 1
    request, answer = sandbox[-1]
    url = "https://x" + request.url.removeprefix(f"http://desk.example/sandbox/{slug}")
    assert request.method == "GET"
    assert contract_of(slug).request("GET", url, request.headers, None) == []
    assert contract_of(slug).reply("GET", url, answer.status_code, answer.content) == []


@pytest.mark.parametrize(
    ("made", "sent"),
    [
        ({}, True),
        ({"date_created": "Sat, 21 Nov 2026 13:44:30 +0000"}, True),
        ({"date_created": "Fri, 20 Nov 2026 13:45:10 +0000"}, False),
        ({"direction": "inbound"}, False),
        ({"body": "EX-1042 Something else"}, False),
    ],
)
def test_only_what_twilio_sent_since_it_is_owed_is_taken_for_it(made, sent):
    """The same words may have been said of the case on another day."""
    text = replace(describing.sample(Operation.COMMENT, "SM1"), again=True)
    talk = twilio.connector.conversation(Operation.COMMENT, text, config_of(twilio))
    next(talk)
    one = {"body": texted(text), "direction": "outbound-api", "sid": "SM7"}
    one["date_created"] = "Sat, 21 Nov 2026 13:45:10 +0000"

    more = []
    with suppress(StopIteration):
        more.append(talk.send(Reply(200, {"messages": [one | made]})).method)
    assert more == ([] if sent else ["POST"])


@BOTH
def test_only_the_telephone_of_the_connection_is_heard(slug):
    platform = {"clicksend": clicksend, "twilio": twilio}[slug]
    config = config_of(platform)

    def heard(phone):
        said = {"From": phone, "from": phone, "Body": "1 EX-7", "body": "1 EX-7"}
        return [(one.number, one.verb) for one in platform.read(said, config)]

    assert heard(config.to) == [("EX-7", "acknowledge")]
    assert heard("+4900000000") == []


def test_the_signature_in_twilios_documentation_is_right():
    """From twilio.com/docs/usage/webhooks/webhooks-security."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    raw = (
        b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
        b"&To=%2B18005551212"
    )
    hook = Hook(url, raw, NOON, "POST", {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="})
    config = config_of(twilio, auth_token="12345")

    assert twilio.connector.inbound.proof.problem(hook, config) == ""


def test_a_text_that_did_not_arrive_is_told():
    failed = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    (event,) = twilio.read(failed, config_of(twilio))

    assert (event.external_id, event.author) == ("SM1", "Twilio")
    assert "error 30003" in event.comment


def test_clicksend_knows_what_a_bare_digit_answers():
    config = config_of(clicksend)
    said = {"from": config.to, "body": "1", "custom_string": "EX-7/5e1f7a52"}
    raw = json.dumps(said).encode()

    (event,) = clicksend.read(Hook("", raw, NOON).body, config)
    assert (event.number, event.verb) == ("EX-7", "acknowledge")


def test_clicksend_knows_of_which_case_a_later_text_did_not_arrive(case, connect):
    connection = connect("clicksend")
    failed = {"message_id": "LATER-1", "error_text": "Handset is off", "error_code": "301"}
    failed |= {"custom_string": f"{case.shown_number}/5e1f7a52"}

    (event,) = clicksend.read(failed, config_of(clicksend))
    (became,) = hear(event, connection, at=NOON)

    assert became.sentence == f"Written down on {case}."
    assert "Handset is off" in event.comment


def test_the_mark_of_somebody_else_is_no_case():
    failed = {"message_id": "M-1", "error_text": "Handset is off", "custom_string": "1042"}
    (event,) = clicksend.read(failed, config_of(clicksend))

    assert (event.external_id, event.number) == ("M-1", "")


def test_clicksend_refuses_single_messages_in_a_success():
    def reply(status):
        return Reply(200, {"data": {"messages": [{"status": status}]}})

    assert clicksend.refusal(reply("SUCCESS")) == ""
    assert clicksend.refusal(reply("INVALID_RECIPIENT")) == "INVALID_RECIPIENT"


def test_a_key_signs_in_for_twilio_and_the_token_still_proves_calls():
    config = config_of(twilio, api_key=f"SK{'0' * 32}", api_secret="k3y")

    assert twilio.connector.sign_in(config).name == config.api_key
    assert twilio.connector.inbound.proof.key(config) == config.auth_token
