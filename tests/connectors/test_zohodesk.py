"""Zoho Desk's quirks: tokens that sign who calls, a GET before the first call, and the state before."""

import json
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from connectors.kit import Hook
from connectors.platforms.zohodesk import connector
from connectors.proofs import jwt_problem
from tests.factories import NOON

URL, HEADER = "https://desk.example/hooks/1/unguessable/", "X-ZDesk-JWT"
KEY = RSAKey.generate_key(2048, {"kid": "1"})
KEYS = json.dumps(KeySet([KEY]).as_dict(private=False))


def call(**claims):
    """A call with a token as Zoho Desk makes it, but for these claims."""
    now = int(NOON.timestamp())
    given = {"iss": "orgId:2389290", "aud": "webhookId:1", "iat": now, "exp": now + 300, **claims}
    token = jwt.encode({"alg": "RS256", "kid": "1"}, given, KEY)
    return Hook(URL, b"[]", NOON, "POST", {HEADER.lower(): token})


def config(**given):
    sample = connector.config.sample()
    needed = {each.name: getattr(sample, each.name) for each in connector.config.schema()}
    return connector.config.read({**needed, **given})


def test_a_token_of_zoho_desk_is_believed():
    assert connector.inbound.proof.problem(call(), config(keys=KEYS)) == ""


@pytest.mark.parametrize(
    "claims", [{"iss": "orgId:1"}, {"exp": int((NOON - timedelta(hours=1)).timestamp())}]
)
def test_a_token_of_somebody_else_or_of_long_ago_is_not(claims):
    assert connector.inbound.proof.problem(call(**claims), config(keys=KEYS))


@pytest.mark.parametrize("keys", ["", "{}", "no JSON", '{"keys": []}'])
def test_without_keys_no_token_is_believed(keys):
    assert connector.inbound.proof.problem(call(), config(keys=keys, webhook="s"))
    assert jwt_problem(call(), HEADER, keys, issuer="orgId:2389290")


def test_without_a_secret_an_empty_one_is_not_enough():
    hook = Hook(URL, b"[]", NOON, "POST", {"x-flagstand-secret": ""})

    assert connector.inbound.proof.problem(hook, config())


def test_it_asks_before_it_calls():
    assert connector.inbound.handshake(Hook(URL, b"", NOON, "GET"), config()).status == 200
    assert connector.inbound.handshake(call(), config()) is None


def test_only_a_change_of_the_state_is_news():
    def told(before):
        body = [{"payload": {"id": "1", "statusType": "Open"}, "prevState": before}]
        return [event.status for event in connector.inbound.read(body, config())]

    assert told({"statusType": "Closed"}) == ["in_progress"]
    assert told({"subject": "Late"}) == told({"statusType": "Open"}) == []


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        ({}, "Key is missing & lost"),
        ({"contentType": "html"}, "Key is missing & lost"),
        ({"contentType": "plainText"}, "<div>Key is <b>missing</b> &amp; lost<br></div>"),
    ],
)
def test_comments_are_read_as_people_see_them(kind, heard):
    said = {"ticketId": "1", "content": "<div>Key is <b>missing</b> &amp; lost<br></div>", **kind}
    body = [{"eventType": "Ticket_Comment_Add", "payload": said}]

    assert [event.comment for event in connector.inbound.read(body, config())] == [heard]


def test_canada_is_called_differently():
    given = config(dc="zohocloud.ca")

    assert connector.base_url(given) == "https://desk.zohocloud.ca"
    assert connector.grant(given).url == "https://accounts.zohocloud.ca/oauth/v2/token"
