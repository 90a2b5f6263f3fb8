"""The two things that a case can be at BambooHR: rows of a table, and a time-off request."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors import answers, describing, kit
from connectors.account import Account
from connectors.errors import Permanent, Superseded
from connectors.kit import Reply
from connectors.models import SandboxRecord
from connectors.platforms import bamboohr
from connectors.sandbox.registry import STANDS
from exceptions_app.models import Case, Delivery, Link
from exceptions_app.vocabulary import DeliveryState, Operation, Status
from tests.connectors.conftest import owed, perform_all, settings_of
from tests.factories import NOON

CONFIG = bamboohr.Config.sample()


@pytest.fixture
def time_off(connect):
    return connect(
        "bamboohr", sandbox=True, settings=settings_of("bamboohr") | {"kind": "time_off"}
    )


def repeated(operation):
    """As after an answer that was lost."""
    Link.objects.all().delete() if operation == Operation.CREATE else None
    again = {"state": DeliveryState.SENDING, "due_at": NOON, "attempts": 1}
    Delivery.objects.filter(operation=operation).update(**again)
    perform_all()


@pytest.mark.parametrize("operation", [Operation.CREATE, Operation.COMMENT])
def test_a_row_that_may_be_there_is_looked_for(case, connect, sandbox, operation):
    connection = connect("bamboohr", sandbox=True)
    owed(case, connection)
    owed(case, connection, Operation.COMMENT, text="Still nobody")
    perform_all()

    repeated(operation)

    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert len(SandboxRecord.objects.get().data["rows"]) == 2


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (kit.get("/v1/employees/157", {"fields": "firstName"}), 200),
        (kit.post("/v1/employees/1/tables/t", {"a": 1}), 404),
        (kit.post("/v1/employees/157/tables/t", {}), 400),
        (kit.put("/v1/employees/157/time_off/request", {"status": "requested"}), 400),
        (kit.put("/v1/time_off/requests/1/status", {"status": "perhaps"}), 400),
        (kit.put("/v1/time_off/requests/1/status", {"status": "denied"}), 404),
    ],
)
def test_the_stand_in_answers_as_bamboohr(connect, sandbox, contract_of, request_, status):
    account = Account(connect("bamboohr", sandbox=True))
    sent, reply = account.ask(request_)

    assert reply.status == status
    assert contract_of("bamboohr").reply(sent.method, sent.url, status, reply.text) == []


def test_days_are_those_of_where_the_case_is():
    case = replace(
        describing.sample(Operation.CREATE, ""),
        opened_at=datetime(2026, 11, 21, 23, 30, tzinfo=UTC),
        due_at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
        time_zone="Europe/Berlin",
    )
    row = next(bamboohr.tell(case, CONFIG)).json
    request = next(bamboohr.tell(case, replace(CONFIG, kind="time_off"))).json

    assert row["customDue"] == "2026-11-23"
    asked = (request["start"], request["end"], request["amount"])
    assert asked == ("2026-11-22", "2026-11-23", 16)


def test_requests_of_others_are_left_alone(case, time_off, sandbox):
    """Another case of the same employee and days."""
    other = replace(describing.sample(Operation.CREATE, ""), again=True)
    talk = bamboohr.tell(other, replace(CONFIG, kind="time_off"))
    next(talk)

    listed = {"items": [{"id": 1, "notes": {"manager": "EX-10: else"}}]}

    assert talk.send(Reply(200, listed)).method == "PUT"


def test_how_a_request_looks_over_there(case, time_off, sandbox):
    owed(case, time_off)
    perform_all()

    shown = STANDS["bamboohr"].show(SandboxRecord.objects.get())

    assert (shown.title, shown.state) == ("Time-off request", "requested")


def test_a_request_is_made_once_and_decided_with_the_case(case, time_off, sandbox, contract_of):
    owed(case, time_off)
    perform_all()
    repeated(Operation.CREATE)
    Case.objects.filter(pk=case.pk).update(status=Status.RESOLVED)
    owed(case, time_off, Operation.CLOSE, text="Enjoy.")
    perform_all()

    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    record = SandboxRecord.objects.get()
    assert (record.data["status"], Link.objects.get().external_id) == ("approved", str(record.pk))
    contract, problems = contract_of("bamboohr"), []
    for sent, answer in sandbox:
        url = sent.url.replace("http://desk.example/sandbox/bamboohr", "https://acme.bamboohr.com")
        body = sent.body if isinstance(sent.body, str | bytes) else None
        problems += contract.request(sent.method, url, sent.headers, body)
        problems += contract.reply(sent.method, url, answer.status_code, answer.content)
    assert problems == []


def test_a_request_takes_no_notes():
    case = describing.sample(Operation.COMMENT, "1675")

    with pytest.raises(Superseded, match="takes no word"):
        next(bamboohr.tell(case, replace(CONFIG, kind="time_off")))


def test_a_dismissed_case_cancels_its_request():
    case = replace(describing.sample(Operation.CLOSE, "1675"), status=Status.DISMISSED)
    asked = next(bamboohr.tell(case, replace(CONFIG, kind="time_off")))

    assert (asked.path, asked.json) == (
        "/v1/time_off/requests/1675/status",
        {"status": "canceled", "note": case.text},
    )


def test_the_id_of_a_request_is_in_the_body_or_the_address():
    address = {"location": "https://acme.bamboohr.com/api/v1/time_off/requests/1675"}

    assert bamboohr.connector.external_id(Reply(201, {"id": 1675})) == "1675"
    assert bamboohr.connector.external_id(Reply(201, headers=address)) == "1675"


def test_a_decision_over_there_settles_the_case():
    config = replace(CONFIG, kind="time_off")
    assert bamboohr.connector.read
    asked = bamboohr.connector.read("1675", config)

    assert asked.path.endswith("&id=1675")
    body = {"items": [{"id": 1675, "status": {"status": "denied"}}]}
    assert bamboohr.connector.status_of(body, config) == "resolved"


def test_the_echo_of_our_own_row_is_no_news():
    row = {name: {"value": "x"} for name in CONFIG.fields.split(",")}

    assert list(bamboohr.read({"employees": [{"id": 157, "fields": row}]}, CONFIG)) == []


def test_a_reason_that_is_only_in_a_header_is_passed_on():
    reply = Reply(409, headers={"x-bamboohr-error-message": "Invalid pay type"})

    with pytest.raises(Permanent, match="BambooHR answers 409: Invalid pay type"):
        answers.judge(bamboohr.connector, reply)
