"""Telegram's quirks: whose chat it is, the answer to a button, and where messages can be seen."""

import pytest

from connectors.kit import Hook
from connectors.platforms import telegram
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
    assert (event.comment, event.author) == ("on my way", "Ana")


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
    assert telegram.link("5", telegram.Config(token="t", chat=chat)) == url
