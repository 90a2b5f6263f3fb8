"""What holds for every connector there is; a newcomer is tested by being in the registry."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine

from config.home import ROOT
from connectors import describing
from connectors.client import prepare
from connectors.forms import ConnectionForm
from connectors.kit import Reply, Request, Shared, SignIn
from connectors.redaction import STRUCK
from connectors.registry import BY_SLUG, CATALOGUE
from connectors.sandbox.registry import STANDS
from exceptions_app.vocabulary import Operation
from tests.factories import NOON

GOLDEN = Path(__file__).parent / "golden"
EVERY = pytest.mark.parametrize("connector", CATALOGUE, ids=lambda each: each.slug)
#: Secrets unlike anything else, so that they are found wherever they turn up.
MARK = "zq9-secret-of-"


def with_marked_secrets(connector):
    schema = connector.config.schema()
    given = {
        each.name: MARK + each.name if each.secret and not each.pattern else each.sample()
        for each in schema
    }
    return connector.config.read(given)


def test_every_module_is_registered():
    modules = {path.stem for path in (ROOT / "connectors/platforms").glob("[!_]*.py")}

    assert modules == set(BY_SLUG)
    assert len(BY_SLUG) == len(CATALOGUE)


@EVERY
@time_machine.travel(NOON, tick=False)
def test_what_it_sends_equals_its_golden_file(connector, request):
    file = GOLDEN / f"{connector.slug}.json"
    sent = describing.every_operation(connector)
    readable = {
        operation: [{**one, "body": read(one["body"])} for one in requests]
        for operation, requests in sent.items()
    }

    if request.config.getoption("--golden"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(readable, indent=4, ensure_ascii=False) + "\n")

    assert readable == json.loads(file.read_text())


def read(body):
    try:
        return json.loads(body)
    except ValueError:
        return body


@EVERY
def test_every_request_satisfies_the_vendor(connector, contract_of):
    if connector.contract_file is None:
        pytest.skip(f"Nobody publishes a contract of {connector.name}.")
    contract = contract_of(connector.slug)

    problems = [
        problem
        for requests in describing.every_operation(connector).values()
        for one in requests
        for problem in contract.request(one["method"], one["url"], one["headers"], one["body"])
    ]

    assert problems == []


@EVERY
def test_what_it_is_asked_for_a_token_satisfies_the_vendor(connector, contract_of):
    grant = connector.grant(connector.config.sample())
    if grant is None:
        pytest.skip(f"{connector.name} takes no tokens that we ask for.")
    contract = contract_of(connector.slug)
    if contract.find("POST", urlsplit(grant.url).path) is None:
        pytest.skip(f"{connector.name} publishes its tokens elsewhere.")
    form = {**grant.form, **({"assertion": STRUCK} if grant.signed is not dict else {})}

    asked = prepare(Request("POST", grant.url, form=form), "", SignIn())
    problems = contract.request(asked.method, asked.url, asked.headers, asked.body)

    assert problems == []


@EVERY
def test_however_much_there_is_to_say_the_vendor_takes_it(connector, contract_of):
    if connector.contract_file is None:
        pytest.skip(f"Nobody publishes a contract of {connector.name}.")
    config = connector.config.sample()
    much: dict[str, Any] = {
        "headline": "ä" * 5_000,
        "text": "<&>" * 30_000,
        "customer": "",
        "team": "",
    }

    problems = [
        problem
        for operation in connector.operations
        for one in describing.requests_of(
            connector,
            operation,
            replace(
                describing.sample(operation, STANDS[connector.slug].example_id), due_at=None, **much
            ),
            config,
        )
        for problem in contract_of(connector.slug).request(
            one["method"], one["url"], one["headers"], one["body"]
        )
    ]

    assert problems == []


@EVERY
def test_only_encrypted_connections_are_used_unless_somebody_insists(connector):
    base = connector.base_url(connector.config.sample())

    assert urlsplit(base).scheme in {"https", "smtps", "smtp+starttls"}


@EVERY
def test_no_secret_is_in_an_address_or_a_capture(connector):
    config = with_marked_secrets(connector)

    for operation in connector.operations:
        case = describing.sample(operation, STANDS[connector.slug].example_id)
        sent = json.dumps(describing.requests_of(connector, operation, case, config))
        assert MARK not in sent


@EVERY
def test_secrets_are_masked_wherever_settings_are_shown(connector):
    config = with_marked_secrets(connector)
    masked = [each.name for each in connector.config.schema() if each.secret]
    form = ConnectionForm(data={"platform": connector.slug})

    assert MARK not in repr(config)
    assert masked
    for name in masked:
        drawn = str(form[f"setting_{name}"])
        hidden = 'type="password"' in drawn and "value=" not in drawn
        # A key of many lines goes into a field of many lines, which starts empty.
        assert hidden or drawn.replace("\n", "").endswith("></textarea>")


@EVERY
def test_its_examples_are_settings_it_takes(connector):
    assert isinstance(connector.config.sample(), connector.config)


@EVERY
def test_what_it_cannot_do_has_a_reason(connector):
    can = {*connector.abilities, *(["inbound"] if connector.inbound else [])}

    assert {*map(str, Operation.values), "look_up", "inbound"} - can == set(connector.cannot)
    assert all(reason.endswith(".") for reason in connector.cannot.values())


@EVERY
def test_whatever_tells_us_says_where_its_own_interface_wants_our_address(connector):
    assert bool(connector.setup) == bool(connector.inbound)


@EVERY
def test_a_sign_in_is_struck_out_of_what_is_shown(connector):
    for requests in describing.every_operation(connector).values():
        assert {one["headers"].get("Authorization", STRUCK) for one in requests} == {STRUCK}


@EVERY
def test_an_answer_without_a_record_gives_no_id(connector):
    assert connector.external_id(Reply(200)) == ""
    assert connector.external_id(Reply(200, {"ticket": None})) == ""


@pytest.mark.parametrize(
    "connector",
    [each for each in CATALOGUE if each.inbound and isinstance(each.inbound.proof, Shared)],
    ids=lambda each: each.slug,
)
def test_a_secret_that_calls_only_repeat_is_a_strong_one(connector):
    (ours,) = [each for each in connector.config.schema() if each.ours]

    assert "“Generate” makes one" in ours.problem("hunter2")
    assert ours.problem(ours.example) == ours.problem("sealed long ago", new=False) == ""
