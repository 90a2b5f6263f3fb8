"""Slack's quirks: its handshake, a signature known from its documentation, its second way in."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors import describing, worker
from connectors.kit import Hook, Reply
from connectors.models import SandboxRecord
from connectors.platforms import slack
from exceptions_app.errors import Refused
from exceptions_app.models import Attempt, Link
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.conftest import owed, perform_all, settings_of

HOOK = "https://hooks.slack.com/services/T024BE7LD/B024BE91L/slack-webhook"
AT = datetime(2018, 11, 16, 1, 2, 11, tzinfo=UTC)
#: From docs.slack.dev, Verifying requests from Slack.
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
RAW = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SIGNED = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


@pytest.fixture
def config():
    return slack.Config.read(settings_of("slack") | {"signing_secret": SECRET})


def test_the_signature_in_the_documentation_is_right(config):
    headers = {"x-slack-request-timestamp": "1531420618", "x-slack-signature": SIGNED}
    hook = Hook("", RAW, datetime.fromtimestamp(1531420618, UTC), "POST", headers)

    assert slack.connector.inbound.proof.problem(hook, config) == ""


def test_the_challenge_is_given_back(config):
    asked = Hook("", b'{"type": "url_verification", "challenge": "3eZbrw1a"}', AT)

    assert slack.connector.inbound.handshake(asked, config).text == '{"challenge": "3eZbrw1a"}'
    assert slack.connector.inbound.handshake(Hook("", b"{}", AT), config) is None


def test_what_a_bot_says_in_the_thread_is_no_answer(config):
    said = {"type": "message", "thread_ts": "1.1", "text": "x"}
    people, ours = said | {"user": "U1"}, said | {"bot_id": "B1"}

    assert [one.comment for one in slack.read({"event": people}, config)] == ["x"]
    assert list(slack.read({"event": ours}, config)) == []


@pytest.mark.parametrize(
    ("subtype", "heard"),
    [("thread_broadcast", ["x"]), ("file_share", ["x"]), ("message_changed", []), ("me", [])],
)
def test_an_answer_may_be_shown_in_the_channel_too_or_bring_a_file(config, subtype, heard):
    said = {"type": "message", "thread_ts": "1.1", "text": "x", "user": "U1", "subtype": subtype}

    assert [one.comment for one in slack.read({"event": said}, config)] == heard
    assert list(slack.read({"event": said | {"bot_id": "B1"}}, config)) == []


def test_what_looks_like_a_channel_or_a_person_is_no_link():
    block = slack.shown(describing.sample(Operation.CREATE, ""))["blocks"][0]

    assert block["text"]["verbatim"] is True


def test_a_settled_case_has_no_buttons():
    case = describing.sample(Operation.CLOSE, "1.1")

    assert "actions" in str(slack.shown(replace(case, status="new")))
    assert "actions" not in str(slack.shown(case))


@pytest.mark.parametrize(
    ("given", "missing"),
    [({}, {"channel", "workspace", "token"}), ({"way": "webhook"}, {"webhook"})],
)
def test_what_is_chosen_says_what_must_be_filled_in(given, missing):
    with pytest.raises(Refused) as refusal:
        slack.Config.read(given)

    assert refusal.value.fields.keys() == missing


def test_a_webhook_has_nothing_harmless_to_ask(connect):
    probed = worker.probe(connect("slack", settings={"way": "webhook", "webhook": HOOK}))

    assert probed.ok
    assert "nothing harmless" in probed.verdict


def test_a_webhook_posts_one_message_each_time(case, connect, sandbox, contract_of):
    way = {"way": "webhook", "webhook": HOOK}
    connect("slack", sandbox=True, settings=way)
    connection = connect(
        "slack", sandbox=True, name="Another", settings=way | {"webhook": f"{HOOK}2"}
    )

    for operation in (Operation.CREATE, Operation.UPDATE, Operation.COMMENT):
        delivery = owed(case, connection, operation, text="Ana took & kept it.")
        perform_all()
        delivery.refresh_from_db()
        assert delivery.state == DeliveryState.SENT, delivery.reason

    assert Link.objects.get().external_id == case.shown_number
    assert {one.external_id for one in SandboxRecord.objects.all()} == {case.shown_number}
    assert SandboxRecord.objects.filter(connection=connection).count() == 3
    assert not Attempt.objects.filter(url__contains="slack-webhook").exists()
    request, answer = sandbox[-1]
    url = request.url.replace("http://desk.example/sandbox/slack", "https://hooks.slack.com")
    contract = contract_of("slack")
    assert contract.request("POST", url, request.headers, request.body) == []
    assert contract.reply("POST", url, answer.status_code, answer.content) == []
    assert "kept" in request.body.decode()


def test_a_refusal_of_a_webhook_is_a_text():
    assert slack.refusal(Reply(200, {}, "ok")) == ""
    assert slack.refusal(Reply(404, {}, "no_service")) == "unknown"


def test_people_press_as_themselves_by_an_id_that_they_cannot_choose(config):
    pressed = {
        "actions": [{"action_id": "claim"}],
        "container": {"message_ts": "1.2"},
        "user": {"id": "U012AB3CD", "username": "ana"},
    }
    heard = slack.connector.inbound.read
    (event,) = heard(pressed, config)
    (known,) = heard(pressed, replace(config, people="ana@acme.example=U012AB3CD"))

    assert (event.author, event.by) == ("ana", "")
    assert known.by == "ana@acme.example"
