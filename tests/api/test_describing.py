"""The description of the API: valid, complete, and true of what the API answers."""

import re
from copy import deepcopy

import pytest
from django.test import Client
from django.urls.converters import get_converters
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no types here

from connectors.models import HookCall
from dashboards.api import docs, urls
from exceptions_app.demo import places
from exceptions_app.models import (
    Attempt,
    Delivery,
    Membership,
    Receipt,
    RefusedSignal,
    Signal,
    Source,
    Subject,
)
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import DeliveryState, ExceptionType, Operation, Role, Scope
from tests.api.test_verbs import ALLOWED
from tests.factories import (
    NOON,
    ConnectionFactory,
    PlaybookFactory,
    SavedMappingFactory,
    SiteFactory,
    open_case,
)

OPERATIONS = [
    (method, path, told)
    for path, methods in docs.described()["paths"].items()
    for method, told in methods.items()
]
GUIDE = docs.described()["info"]["description"]
#: What is done on the pages only, and what a call that did it would be named after.
ONLY_ON_PAGES = {
    "mappings are written": "mapping",
    "files imported": "import",
    "vendors' webhooks connected": "webhook",
    "backtests\nrun": "backtest",
    "refused signals put away": "put_away",
    "doubted complaints settled": "settle_complaint",
}
TRIED = {"subdomain": "acme", "email": "desk@acme.example", "token": "zd-1"}
ADMINISTERED = (
    "connections",
    "platforms",
    "rules",
    "thresholds",
    "journeys",
    "sources",
    "playbooks",
)
#: Where the examples are at home.
DEMO = [place.slug for place in places.PLACES]
UNDESCRIBED = {"api-schema", "api-docs", "api-nowhere"}
NAMES = [told["operationId"] for _, _, told in OPERATIONS]
each_operation = pytest.mark.parametrize(("method", "path", "told"), OPERATIONS, ids=NAMES)


@pytest.fixture
def known(program, booked, north, ana, settings):
    """Something behind every variable of a path."""
    settings.SANDBOX_URL = "http://127.0.0.1:9/sandbox"  # nobody answers there
    Membership.objects.update(site=None)
    for slug in DEMO:
        SiteFactory(slug=slug)
    for number in (1, 2):
        program.post("signals/", booked(number, type="appointment.no_show"))
    program.post("signals/", booked(3, source="wms"))
    owe(open_case(site=north).pk, ConnectionFactory().pk, Operation.CREATE, at=NOON, key="create")
    Delivery.objects.update(state=DeliveryState.DEAD)
    Source.objects.update(quarantined_at=NOON)
    event = open_case(site=north, exception_type=ExceptionType.MASS_EVENT)
    Attempt.objects.create(delivery=Delivery.objects.get(), at=NOON, verdict="Forbidden", ok=False)
    return {
        "signal_id": Signal.objects.latest("pk").pk,
        "source": "scheduler",
        "external_id": "apt-1",
        "refused_id": RefusedSignal.objects.get().pk,
        "subject_id": Subject.objects.latest("pk").pk,
        "receipt_id": Receipt.objects.latest("received_at").pk,
        "delivery_id": Delivery.objects.get().pk,
        "case": open_case(site=north, exception_type=ExceptionType.COMPLAINT, parent_id=event.pk),
        "connection_id": ConnectionFactory(name="Tried", settings=TRIED).pk,
        "playbook_id": PlaybookFactory(enabled=False).pk,
        "mapping": SavedMappingFactory().slug,
        "slug": "order.scan_gap",
        "kind": "deal",
        "call_id": HookCall.objects.create(
            connection=ConnectionFactory(name="Told"),
            event_id="1",
            at=NOON,
            case=open_case(site=north),
            state="conflict",
            conflicts=[{"field": "status", "theirs": "resolved"}],
        ).pk,
    }


@pytest.fixture
def caller_of(program, of_ana, program_of):
    """Whoever may ask for a path: each program only what its person may."""

    def caller(path):
        if any(f"/{word}/" in path for word in ADMINISTERED):
            return program_of(Role.ADMINISTRATOR)
        posts = (
            path.endswith(("/signals/", "/complaints/"))
            or "/receipts/" in path
            or "/refused/" in path
        )
        return program if posts else of_ana

    return caller


def test_the_description_is_valid():
    document = deepcopy(docs.described())

    validate_schema(document)

    assert document["openapi"] == "3.1.0"


def test_every_path_is_described():
    ours = [one for one in urls.urlpatterns if getattr(one, "name", "") not in UNDESCRIBED]
    paths = {re.sub(r"<\w+:(\w+)>", r"{\1}", str(one.pattern)) for one in ours}

    assert {path.removeprefix("/api/v1/") for path in docs.described()["paths"]} == paths


@pytest.mark.parametrize(("words", "call"), ONLY_ON_PAGES.items())
def test_the_guide_says_what_is_done_on_the_pages_only(words, call):
    assert words in GUIDE
    assert [name for name in NAMES if call in name] == []


def test_the_guide_says_which_lists_come_in_pages_and_which_whole():
    schemas = docs.described()["components"]["schemas"]
    there: dict[bool, set[str]] = {True: set(), False: set()}
    for method, path, told in OPERATIONS:
        gives = told["responses"].get("200", {}).get("content", {}).get("application/json", {})
        name = gives.get("schema", {}).get("$ref", "").rpartition("/")[2]
        if method == "get" and "results" in schemas.get(name, {}).get("properties", {}):
            takes_limit = "limit" in {one["name"] for one in told.get("parameters", ())}
            there[takes_limit].add(path.removeprefix("/api/v1/").removeprefix("cases/{case}/"))

    (paged,) = re.findall(r"\*\*Lists that grow come in pages:\*\*(.+?)\. ", GUIDE, re.DOTALL)
    (whole,) = re.findall(r"\*\*The other lists .+?\*\*(.+?)\. ", GUIDE, re.DOTALL)
    said = {True: paged, False: whole}
    assert {way: set(re.findall(r"`([\w/]+/)`", said[way])) for way in said} == there


def test_no_two_operations_share_a_name():
    assert len(set(NAMES)) == len(NAMES)


def test_every_scope_opens_something():
    named = {scope for *_, told in OPERATIONS for one in told["security"] for scope in one["token"]}

    assert named == set(Scope.values)


@each_operation
def test_an_operation_says_what_it_does_and_how_to_call_it(method, path, told):
    assert told["summary"].endswith(".")
    assert 'curl "http://' in told["description"]
    assert {"400", "401", "403", "500"} <= set(told["responses"])
    assert ("Idempotency-Key" in {one["name"] for one in told.get("parameters", ())}) == (
        method == "post"
    )


@pytest.mark.django_db
@each_operation
def test_the_example_of_an_operation_runs_and_its_answer_is_as_described(
    of_ana, caller_of, known, method, path, told
):
    for verb in ALLOWED.get(path.split("/")[-2], ((),))[0]:
        of_ana.post(f"cases/{known['case']}/{verb}/", ALLOWED[verb][1])
    if path.endswith("/arrived/"):
        Delivery.objects.update(state="uncertain", operation="comment")
    (shown,) = re.findall(r'curl "http://[^/]+(/[^"]+)"', told["description"])
    query = shown.partition("?")[2]
    asked = path.format_map(known) + (f"?{query}" if query else "")
    caller = caller_of(path)

    if method == "get":
        answer = caller.get(asked)
    else:
        content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
        examples = content.get("examples", {})
        body: dict[str, object] = next(iter(examples.values()), {"value": {}})["value"]
        if "connection" in body:
            body = {**body, "connection": known["connection_id"]}
        answer = caller.write(method, asked, body)

    assert answer.status_code in {200, 201}, answer.content
    described = told["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
    assert [*validator(described).iter_errors(answer.json())] == []


@each_operation
def test_the_address_of_an_example_is_of_the_kind_that_its_path_takes(method, path, told):
    (shown,) = re.findall(r'curl "http://[^/]+(/[^"?]+)', told["description"])
    (pattern,) = {
        str(one.pattern)
        for one in urls.urlpatterns
        if re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/v1/{one.pattern}") == path
    }
    kinds = re.findall(r"<(\w+):\w+>", pattern)

    values = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", path), shown).groups()

    for kind, value in zip(kinds, values, strict=True):
        if not value.startswith("$"):
            assert re.fullmatch(get_converters()[kind].regex, value)
            assert value.isdecimal() == (kind == "int")


@each_operation
def test_an_example_is_at_a_place_that_the_demo_has(method, path, told):
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    for example in content.get("examples", {}).values():
        body = example["value"]
        named = [body.get("site"), body.get("subject", {}).get("site")]
        assert {slug for slug in named if slug} <= set(DEMO)
        assert body.get("source", "dms") in {slug for slug, _, _ in places.SOURCES}
    for slug in re.findall(r"[?&]site=([\w-]+)", told["description"]):
        assert slug in DEMO


@pytest.mark.django_db
def test_all_that_a_receipt_says_is_described(program, booked):
    item = program.post("signals/", booked(1, type="appointment.no_show")).json()["items"][0]
    schemas = docs.described()["components"]["schemas"]

    assert set(item) <= set(schemas["Item"]["properties"])
    assert set(item["found"][0]) == set(schemas["Found"]["properties"])


@pytest.mark.django_db
def test_a_refusal_is_as_described(program):
    schema = {"$ref": "#/components/schemas/ProblemDetails"}

    answer = program.post("signals/", {"source": "x"})

    assert [*validator(schema).iter_errors(answer.json())] == []


@each_operation
def test_the_example_is_as_described(method, path, told):
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    for example in content.get("examples", {}).values():
        assert [*validator(content["schema"]).iter_errors(example["value"])] == []


def validator(schema):
    return Draft202012Validator({**schema, "components": docs.described()["components"]})


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "kind"), [("", "json"), ("?format=yaml", "yaml")])
def test_the_description_is_served_to_everybody(query, kind):
    answer = Client().get(f"/api/v1/schema/{query}")

    assert answer.status_code == 200
    assert (answer.content[:1] == b"{") == (kind == "json")
    assert b"acknowledge_case" in answer.content


@pytest.mark.django_db
def test_the_page_to_browse_it_keeps_to_the_policy():
    page = Client().get("/api/v1/docs/")
    script = Client().get("/api/v1/docs/?script=")

    html = page.content.decode()
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*src=)", html)
    assert script["Content-Type"].startswith("application/javascript")
    assert b"/api/v1/schema/" in script.content
