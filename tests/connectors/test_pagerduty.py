"""PagerDuty's quirks: several signatures at once, and notes that do not name their alert."""

import hmac

from connectors.kit import Hook
from connectors.platforms import pagerduty
from tests.connectors.conftest import settings_of
from tests.factories import NOON


def test_one_of_several_signatures_is_enough():
    config = pagerduty.Config.read(settings_of("pagerduty"))
    proof = pagerduty.connector.inbound.proof
    made = hmac.new(config.webhook_secret.encode(), b"{}", "sha256").hexdigest()

    def problem(given):
        return proof.problem(
            Hook("", b"{}", NOON, "POST", {"x-pagerduty-signature": given}), config
        )

    assert problem(f"v1={'0' * 64},v1={made}") == ""
    assert problem(f"v1={'0' * 64}") == problem(made) == "The signature is wrong."


def test_a_note_is_about_the_case_in_the_title():
    config = pagerduty.Config.read(settings_of("pagerduty"))
    about = {"id": "P1", "summary": "[#3] EX-7 high: Late (Northside)"}
    told = {"event_type": "incident.annotated", "data": {"content": "Hi", "incident": about}}
    (event,) = pagerduty.read({"event": told}, config)

    assert (event.external_id, event.comment) == ("EX-7", "Hi")


def test_what_says_nothing_new_is_no_event():
    config = pagerduty.Config.read(settings_of("pagerduty"))
    told = {"event_type": "incident.triggered", "data": {"incident_key": "EX-7"}}

    assert pagerduty.connector.inbound.read({"event": told}, config) == []
