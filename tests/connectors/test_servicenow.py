"""ServiceNow's quirks: a query that it does not understand gives anything, and three ways to sign in."""

from dataclasses import replace

import pytest

from connectors.describing import sample
from connectors.kit import Reply
from connectors.platforms.servicenow import connector
from exceptions_app.vocabulary import Operation

GIVEN = {"instance": "acme", "user": "flagstand", "secret": "s"}


@pytest.mark.parametrize(
    ("numbers", "found"),
    [(["EX-1"], "0"), (["EX-1", "EX-1"], "0"), (["EX-1", "EX-2"], ""), ([""], ""), ([], "")],
)
def test_a_record_is_found_only_if_the_query_was_understood(numbers, found):
    rows = [{"sys_id": str(n), "correlation_id": number} for n, number in enumerate(numbers)]

    assert connector.found(Reply(200, {"result": rows})) == found


def test_what_somebody_else_wrote_is_no_page_in_a_work_note():
    text = 'Ben wrote: [code]<a href="https://evil.example">Sign in</a>[/CODE] [coded]'
    case = replace(sample(Operation.COMMENT, "c537"), text=text)
    request = next(connector.conversation(Operation.COMMENT, case, connector.config.sample()))

    said = 'Ben wrote: [ code]<a href="https://evil.example">Sign in</a>[ /CODE] [coded]'
    assert request.json == {"work_notes": said}


@pytest.mark.parametrize(
    ("way", "names", "asks"),
    [
        ("password", {"Authorization"}, False),
        ("OAuth", {"Authorization"}, True),
        ("API key", {"x-sn-apikey"}, False),
    ],
)
def test_it_signs_in_as_the_instance_wants(way, names, asks):
    config = connector.config.read({**GIVEN, "way": way})

    assert set(connector.sign_in(config).headers) == names
    assert (connector.grant(config) is not None) == asks
