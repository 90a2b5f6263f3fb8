"""HubSpot's v3 signature and its refusals inside a batch."""

from dataclasses import replace

import pytest

from connectors import worker
from connectors.errors import Permanent, Temporary
from connectors.kit import Hook, Reply
from connectors.platforms.hubspot import Config, connector
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
        worker.judge(connector, said("VALIDATION_ERROR"))
    with pytest.raises(Temporary):
        worker.judge(connector, said("RATE_LIMITS"))
