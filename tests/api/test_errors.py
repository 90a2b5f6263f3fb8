"""Every refusal is a problem document, whatever refused."""

import pytest
from django.db import InternalError, OperationalError
from django.test import Client
from psycopg.errors import ReadOnlySqlTransaction

from config.home import ROOT
from dashboards.api.errors import KINDS, flat
from tests.api.conftest import address, is_problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["nothing/", "cases/1/nothing/", "signals/abc/", "", "receipts/1/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
def test_an_unknown_path_is_refused_in_json(path, method):
    answer = getattr(Client(), method)(address(path or "/api/v1/"))

    assert is_problem(answer, 404, "not_found")


def test_a_forgotten_slash_is_pointed_out(program):
    answer = program.post("signals", {})

    assert is_problem(answer, 404, "not_found")
    assert "/api/v1/signals/" in answer.json()["detail"]


@pytest.mark.parametrize("method", ["delete", "put", "patch", "options"])
def test_a_wrong_method_is_refused(program, method):
    answer = getattr(program.client, method)(address("cases/"), headers=program.signed)

    assert is_problem(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"[1,]", b"\xff\xfe\x00", b'{"a": NaN}', b"[" * 100_000, b'{"a": 1}}', b"null"],
    ids=["open", "empty", "comma", "binary", "NaN", "deep", "twice", "null"],
)
def test_a_body_that_cannot_be_read_is_refused(program, body):
    answer = program.post("cases/", body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_form_is_refused(program):
    answer = program.post("cases/", b"title=x", Content_Type="application/x-www-form-urlencoded")

    assert is_problem(answer, 415, "unsupported_media_type")


def test_json_with_a_charset_is_json(program, booked):
    answer = program.post("signals/", booked(), Content_Type="application/json; charset=utf-8")

    assert answer.status_code == 201


def test_a_body_over_the_limit_is_refused_unread(program):
    answer = program.post("signals/", b" " * (5 * 1024 * 1024 + 1))

    assert is_problem(answer, 413, "too_large")


def test_a_body_of_unknown_length_is_refused(program):
    answer = program.post("signals/", b"", Transfer_Encoding="chunked")

    assert is_problem(answer, 411, "length_required")


def test_an_unknown_field_is_named(program):
    answer = program.post("cases/", {"title": "x", "priority": 1})

    assert is_problem(answer, 400, "invalid")
    assert "title, type, severity" in answer.json()["errors"]["priority"]


@pytest.mark.parametrize(
    "path", ["cases/", "signals/", "subjects/", "deliveries/", "me/", "sites/", "cases/1/"]
)
def test_an_unknown_parameter_is_named(program, path):
    answer = program.get(path, colour="red")

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == ["colour"]


@pytest.mark.parametrize(
    ("ask", "field", "there"),
    [
        (lambda of: of.get("deliveries/", platform="zendsk"), "platform", "zendesk"),
        (lambda of: of.get("deliveries/", state="lost"), "state", "dead"),
        (lambda of: of.get("subjects/", kind="car"), "kind", "deal"),
        (
            lambda of: of.post("cases/bulk/", {"verb": "burn", "cases": [{"id": 1}]}),
            "verb",
            "claim",
        ),
        (lambda of: of.post("cases/1/sort/", {"type": "late"}), "type", "order_late"),
        (lambda of: of.patch("sources/scheduler/", {"rhythm": "odd"}), "rhythm", "working"),
    ],
)
def test_a_choice_that_is_none_is_refused_with_what_there_is(program, scheduler, ask, field, there):
    answer = ask(program)

    assert is_problem(answer, 400, "invalid")
    assert answer.json()["errors"][field].startswith("Must be one of ")
    assert there in answer.json()["errors"][field]


def test_a_write_takes_no_parameters(program, booked):
    assert is_problem(program.post("signals/?dry_run=1", booked()), 400, "invalid")


@pytest.mark.parametrize("limit", ["0", "201", "many", ""])
def test_a_limit_out_of_range_is_refused(program, limit):
    answer = program.get("cases/", limit=limit)

    assert is_problem(answer, 400, "invalid")
    assert "limit" in answer.json()["errors"]


def test_what_nobody_foresaw_is_a_500_without_its_inside(program, monkeypatch):
    monkeypatch.setattr("dashboards.api.names.MeOut", None)

    answer = program.get("me/")

    assert is_problem(answer, 500, "failed")
    assert "NoneType" not in answer.content.decode()
    assert answer["X-Request-ID"]


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (OperationalError("the connection is lost"), None),
        (InternalError("cannot execute INSERT"), ReadOnlySqlTransaction()),
    ],
)
def test_a_database_that_fails_for_a_moment_is_a_503_and_one_line(
    program, monkeypatch, caplog, problem, cause
):
    def broken(*_, **__):
        raise problem from cause

    monkeypatch.setattr("dashboards.api.names.MeOut", broken)

    answer = program.get("me/")

    assert is_problem(answer, 503, "unavailable")
    assert answer["Retry-After"] == "2"
    (told,) = [one for one in caplog.records if one.name == "desk.api"]
    assert (told.getMessage(), told.exc_info) == (f"the database failed: {problem}", None)


def test_another_fault_inside_the_database_is_ours(program, monkeypatch):
    def broken(*_, **__):
        raise InternalError("current transaction is aborted")

    monkeypatch.setattr("dashboards.api.names.MeOut", broken)

    assert is_problem(program.get("me/"), 500, "failed")


def test_every_kind_of_refusal_is_in_the_guide():
    guide = (ROOT / "dashboards/api/guide.md").read_text()

    assert [code for code in KINDS if f"`{code}`" not in guide] == []


def test_nested_errors_are_named_by_their_path():
    detail = {"cases": [{}, {"id": ["Must be more."]}], "non_field_errors": ["No.", "Never."]}

    assert dict(flat(detail)) == {"cases.1.id": "Must be more.", "": "No. Never."}


def test_a_packed_body_is_refused_before_it_is_read(program):
    answer = program.post("signals/", b"\x1f\x8b\x08", Content_Encoding="gzip")

    assert is_problem(answer, 415, "unsupported_media_type")
    assert "Content-Encoding" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("signals/", b'{"x": ' + b"1" * 5000 + b"}", "a number has more than 4,300 digits"),
        ("cases/", b"[]", "Must be a JSON object, such as {}."),
        ("signals/refused/send/", b'{"ids": {}}', "ids: Must be a JSON list, such as []."),
        ("cases/bulk/", b'{"verb": "claim", "cases": "1"}', "cases: Must be a JSON list"),
    ],
)
def test_a_refusal_of_a_body_says_what_to_send(program, path, body, sentence):
    told = program.post(path, body).json()["detail"]

    assert sentence in told
    assert "set_int_max_str_digits" not in told
