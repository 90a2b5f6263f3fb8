"""HubSpot's v3 signature, its refusals inside a batch, and portals without the highest priority."""

import json
from dataclasses import replace

import pytest

from connectors import answers
from connectors.describing import sample
from connectors.errors import Permanent, Temporary
from connectors.kit import Hook, Reply
from connectors.platforms.hubspot import Config, connector
from exceptions_app.vocabulary import Operation
from tests.factories import NOON

SECRET = {"client_secret": "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"}
CONFIG = Config.read({"token": "pat", "portal": "62515", **SECRET})


def test_the_signature_is_over_method_address_body_and_time():
    stamp = connector.inbound.stamp(NOON)
    headers = {"x-hubspot-request-timestamp": stamp}
    hook = Hook("https://desk.example/hooks/1/x/", b"[]", NOON, headers=headers)
    headers["x-hubspot-signature-v3"] = connector.inbound.proof.sign(hook, CONFIG)[
        "X-HubSpot-Signature-v3"
    ]

    assert connector.inbound.proof.signed(hook) == (
        f"POSThttps://desk.example/hooks/1/x/[]{stamp}".encode()
    )
    assert connector.inbound.proof.problem(hook, CONFIG) == ""
    assert connector.inbound.proof.problem(replace(hook, method="GET"), CONFIG)
    assert connector.inbound.proof.problem(replace(hook, url=hook.url + "?a=b"), CONFIG)


def test_a_batch_that_is_taken_in_part_is_a_refusal():
    def said(category):
        errors = [{"category": category, "message": "Property does not exist", "status": "error"}]
        return Reply(207, {"status": "COMPLETE", "results": [], "errors": errors})

    with pytest.raises(Permanent, match=r"VALIDATION_ERROR: .*Property does not exist"):
        answers.judge(connector, said("VALIDATION_ERROR"))
    with pytest.raises(Temporary):
        answers.judge(connector, said("RATE_LIMITS"))


@pytest.mark.parametrize("operation", [Operation.CREATE, Operation.UPDATE])
def test_an_older_portal_is_told_of_a_critical_case_as_high(operation):
    case = replace(sample(operation, "5122345678"), severity="critical")
    talk = connector.conversation(operation, case, CONFIG)

    first, second = next(talk), talk.throw(Permanent("URGENT was not one of the allowed options"))

    assert "URGENT" in json.dumps(first.json)
    assert json.dumps(second.json) == json.dumps(first.json).replace("URGENT", "HIGH")
