"""Telegram's quirks: whose chat it is, the answer to a button, and where messages can be seen."""

from dataclasses import replace

import pytest

from connectors import describing
from connectors.answers import judge
from connectors.errors import Permanent
from connectors.kit import Hook, Reply
from connectors.platforms import telegram
from exceptions_app.vocabulary import Operation
from tests.connectors.conftest import settings_of
from tests.factories import NOON


@pytest.fixture
def config():
    return telegram.Config.read(settings_of("telegram"))


def said(text, chat=-1001234567890, **more):
    who = {"id": 1, "first_name": "Ana"}
    return {"message": {"message_id": 9, "from": who, "chat": {"id": chat}, "text": text, **more}}


def test_a_message_of_another_chat_is_not_ours(config):
    first = {"reply_to_message": {"message_id": 7}}

    assert [one.comment for one in telegram.read(said("Here", **first), config)] == ["Here"]
    assert list(telegram.read(said("Here", chat=-5, **first), config)) == []


def test_a_case_may_be_named_by_its_number(config):
    (event,) = telegram.read(said("/ack EX-7 on my way"), config)

    assert (event.external_id, event.number, event.verb) == ("", "EX-7", "acknowledge")
    assert event.comment == "on my way"


def test_people_act_as_themselves_by_an_id_that_they_cannot_choose(config):
    """Anybody may call themselves Ana, or choose a name that somebody here signs in with."""
    pressed = said("ack EX-7")
    (event,) = telegram.read(pressed, config)
    (known,) = telegram.read(pressed, replace(config, people="ana@acme.example=1"))

    assert (event.author, event.by) == ("Ana", "")
    assert known.by == "ana@acme.example"


def test_an_answer_to_a_later_message_finds_the_case_by_what_it_begins_with(config):
    later = describing.sample(Operation.COMMENT, "7")
    text = telegram.reply(later, config).json["text"]
    answered = {"reply_to_message": {"message_id": 84, "text": text}}

    (event,) = telegram.read(said("At the gate", **answered), config)

    assert (event.number, event.external_id, event.comment) == ("EX-1042", "", "At the gate")
    assert telegram.reply(replace(later, text=""), config).json["text"] == "EX-1042"


def test_a_channel_is_known_in_whatever_case(config):
    channel = replace(config, chat="@DispatchNorth")
    body = said("1 EX-7")
    body["message"]["chat"] = {"id": -100, "username": "dispatchnorth"}

    assert [one.verb for one in telegram.read(body, channel)] == ["acknowledge"]


def test_a_group_that_moved_says_where_to():
    reply = {"description": "Bad Request: group chat was upgraded to a supergroup chat"}
    moved = {"parameters": {"migrate_to_chat_id": -1009}}

    with pytest.raises(Permanent, match=r"supergroup chat\. Enter -1009 as the chat id"):
        judge(telegram.connector, Reply(400, reply | moved))
    with pytest.raises(Permanent, match=r"supergroup chat$"):
        judge(telegram.connector, Reply(400, reply))


def test_a_button_is_answered_with_a_method():
    pressed = Hook("", b'{"callback_query": {"id": "q1"}}', NOON)
    answer = telegram.connector.inbound.answer

    assert '"method": "answerCallbackQuery", "callback_query_id": "q1"' in answer(pressed).text
    assert answer(Hook("", b"{}", NOON)).text == ""


@pytest.mark.parametrize(
    ("chat", "url"),
    [
        ("-1001234567890", "https://t.me/c/1234567890/5"),
        ("@desk", "https://t.me/desk/5"),
        ("77", ""),
    ],
)
def test_some_messages_have_an_address(chat, url):
    assert (
        telegram.link("5", telegram.Config(token="t", chat=chat, people="", hook_secret="")) == url
    )
