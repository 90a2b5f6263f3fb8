"""The quirks of Teams: words that name a case, a refusal in a success, flows that give no id."""

from dataclasses import replace

import pytest

from connectors import client
from connectors.describing import sample
from connectors.kit import Reply, Request, SignIn
from connectors.models import SandboxRecord
from connectors.platforms import msteams
from connectors.sandbox import msteams as stand_in
from exceptions_app.models import Attempt, Link
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.conftest import owed, perform_all, settings_of


@pytest.fixture
def config():
    return msteams.Config.read(settings_of("msteams"))


def test_a_case_may_be_named_by_its_number(config):
    text = "<at>Flagstand</at>&nbsp;ack EX-1042 on my way\n"
    thread = {"id": "19:a@thread.tacv2;messageid=161"}
    said = {"text": text, "conversation": thread, "from": {"name": "Ana"}}
    (event,) = msteams.read(said, config)

    assert (event.number, event.external_id, event.verb) == ("EX-1042", "", "acknowledge")
    assert (event.comment, event.author, event.by) == ("on my way", "Ana", "")


def test_people_act_as_themselves_by_an_id_that_they_cannot_choose(config):
    who = {"name": "thabo", "aadObjectId": msteams.WHO}
    said = {"text": "ack EX-1042", "from": who}
    (event,) = msteams.read(said, replace(config, people=f"ana@acme.example={msteams.WHO}"))

    assert (event.author, event.by) == ("thabo", "ana@acme.example")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("[Pay here](https://evil.example)", r"\[Pay here\]\(https://evil.example)"),
        ("*now* D_20417 `x` C:\\new", r"\*now\* D\_20417 \`x\` C:\\new"),
        ("Due at 14.\n- one\n 2. two (3-4)", "Due at 14.\n\n\\- one\n\n 2\\. two (3-4)"),
    ],
)
def test_what_is_on_a_card_is_read_as_it_was_written(written, sent):
    said = replace(sample(Operation.UPDATE, "161"), headline=written, text=written)
    said = replace(said, reference=written)
    title, text, facts = msteams.card(said)["body"]

    values = [fact["value"] for fact in facts["facts"]]
    assert title["text"].endswith(sent)
    assert text["text"] == sent
    assert sent in values
    assert stand_in.plain(sent) == written


@pytest.mark.parametrize("letter", ["\N{GRINNING FACE}", '"', "\\", "\n"])
def test_however_long_a_card_is_teams_takes_it(letter):
    case = replace(sample(Operation.CREATE, ""), headline=letter * 500, text=letter * 9000)
    case = replace(case, customer=letter * 200, reference=letter * 200)

    sent = client.prepare(Request("POST", json=msteams.posted(case)), "", SignIn()).body

    assert len(sent.encode()) <= stand_in.LARGEST


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", ""),
        ("1", ""),
        (
            "Webhook message delivery failed: Microsoft Teams endpoint returned HTTP error 429",
            "busy",
        ),
        ("Webhook message delivery failed: endpoint returned HTTP error 503.", "busy"),
        ("Webhook message delivery failed: endpoint returned HTTP error 504.", "refused"),
        ("Webhook Bad Request", "refused"),
    ],
)
def test_a_webhook_may_refuse_in_a_success(text, name):
    assert msteams.refusal(Reply(200, {}, text)) == name


def test_a_link_to_the_channel_says_where_everything_is(config):
    assert msteams.connector.url_of("161", config) == (
        "https://teams.microsoft.com/l/message/19%3Aa%40thread.tacv2/161"
        "?groupId=6f1e3c5a-1b2c&tenantId=0d2b4c6e-3d4e"
    )


def test_a_flow_posts_one_card_each_time(case, connect, sandbox, contract_of):
    way = {"way": "webhook", "webhook": msteams.FLOW}
    connection = connect("msteams", sandbox=True, settings=way)
    connect("msteams", sandbox=True, name="Another", settings=way | {"webhook": f"{msteams.FLOW}2"})

    for operation in (Operation.CREATE, Operation.UPDATE, Operation.COMMENT):
        delivery = owed(case, connection, operation, text="Ana took it.")
        perform_all()
        delivery.refresh_from_db()
        assert delivery.state == DeliveryState.SENT, delivery.reason

    assert Link.objects.get().external_id == case.shown_number
    assert SandboxRecord.objects.filter(connection=connection).count() == 3
    assert not Attempt.objects.filter(url__contains="f10w").exists()
    request, answer = sandbox[-1]
    url = "https://eu.logic.azure.com/workflows/f1"
    assert contract_of("msteams").request("POST", url, request.headers, request.body) == []
    assert contract_of("msteams").reply("POST", url, answer.status_code, answer.content) == []
