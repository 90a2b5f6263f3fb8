"""Salesforce's three sign-ins, its errors in a list, and its comments counted in bytes."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors import answers, describing
from connectors.errors import Permanent, Temporary
from connectors.kit import COMMENT, CREATE, Hook, Reply
from connectors.models import SandboxRecord
from connectors.platforms.salesforce import Config, comment, connector, fields
from connectors.sandbox.registry import STANDS
from connectors.signing_in import JWT_BEARER
from tests.connectors.test_every_stand_in import run
from tests.factories import NOON

GIVEN = {"client_id": "3MVG9", "client_secret": "s3cret", "number_in": "Flagstand__c"}


def config(**more):
    return Config.read({"domain": "acme--uat.sandbox", **GIVEN, **more})


@pytest.mark.parametrize(
    ("flow", "form"),
    [
        ("client credentials", {"grant_type": "client_credentials", "client_secret": "s3cret"}),
        ("refresh token", {"grant_type": "refresh_token", "refresh_token": "5Aep"}),
        ("JWT bearer", {"grant_type": JWT_BEARER}),
    ],
)
def test_a_token_is_asked_for_at_the_own_domain(flow, form):
    signs = {"username": "desk@acme.example", "private_key": Config.sample().private_key}
    grant = connector.grant(config(flow=flow, refresh_token="5Aep", **signs))

    assert grant.url == "https://acme--uat.sandbox.my.salesforce.com/services/oauth2/token"
    assert form.items() <= grant.form.items()


def test_a_comment_is_cut_by_bytes():
    case = replace(describing.sample(COMMENT, "500"), text="ä" * 3000)

    body = comment(case, config()).json

    assert body == {"ParentId": "500", "CommentBody": "ä" * 2000, "IsPublished": False}


def test_a_locked_row_passes_and_a_wrong_field_does_not():
    def said(code):
        return Reply(400, {"items": [{"errorCode": code, "message": "Because."}]})

    with pytest.raises(Temporary):
        answers.judge(connector, said("UNABLE_TO_LOCK_ROW"))
    with pytest.raises(Permanent, match="Because"):
        answers.judge(connector, said("INVALID_FIELD"))


def test_what_a_flow_tells_twice_is_two_calls(case, connect, sandbox):
    """As the setup says: without what changes each time, the same words again would be a repeat."""
    run(case, connect("salesforce", sandbox=True), CREATE)
    record, stand = SandboxRecord.objects.get(), STANDS["salesforce"]
    assert stand.event
    names = set()
    for act in ("solve", "reopen", "solve", "comment", "comment"):
        body = stand.event(record, act, "Customer called again.")
        assert all(name in Config.setup for name in body)
        names.add(connector.inbound.event_id(Hook("", json.dumps(body).encode(), NOON)))
        record.changed_at += timedelta(minutes=1)
        record.save()
        record.notes.create(at=NOON, what="There", text=act)

    assert len(names) == 5


def test_what_is_critical_is_escalated():
    case = replace(describing.sample(COMMENT, "500"), severity="critical")

    body = fields(case, config())

    assert isinstance(body, dict)
    assert (body["Priority"], body["IsEscalated"]) == ("High", True)
