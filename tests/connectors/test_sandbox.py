"""The stand-ins: in the vendors' shapes, with the vendors' own ways of taking a repeat only once."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from connectors import tasks
from connectors.account import Account
from connectors.models import SandboxFault, SandboxNote, SandboxRecord
from connectors.sandbox import faults
from connectors.sandbox.calls import Call
from connectors.sandbox.registry import STANDS
from connectors.worker import probe
from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.models import Connection, Delivery, Link
from exceptions_app.outbox import queue
from exceptions_app.vocabulary import DeliveryState, Operation, Role
from tests.connectors.conftest import owed, perform, settings_of
from tests.factories import HOUR, NOON, ConnectionFactory, PlaybookFactory, open_case, somebody

CONTRACTED = ("zendesk", "slack", "pagerduty")
VENDOR = {
    "zendesk": "https://acme.zendesk.com",
    "slack": "https://slack.com",
    "pagerduty": "https://events.pagerduty.com",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(settings):
    settings.SANDBOX = True
    return Client()


@pytest.fixture
def call(desk, connect):
    """Call a stand-in with the sign-in of its connection."""
    accounts = {}

    def called(slug, path, body=None, *, method="POST", **headers):
        if slug not in accounts:
            accounts[slug] = Account(connect(slug, sandbox=True))
        sign_in = {f"HTTP_{k.upper()}": v for k, v in accounts[slug].sign_in.headers.items()}
        answer = desk.generic(
            method,
            f"/sandbox/{slug}{path}",
            json.dumps(body) if body is not None else "",
            "application/json",
            **sign_in | headers,
        )
        return answer.status_code, answer.json(), answer.headers

    return called


def perform_all():
    """As a worker does, but in this thread, where the test's transaction is."""
    while found := queue.claim(at=timezone.now()):
        perform(found[0], at=timezone.now())


def a_ticket(subject="Late"):
    return {"ticket": {"subject": subject, "comment": {"body": "Text", "public": False}}}


def an_event(action="trigger", key="EX-1", **payload):
    fields = {"summary": "Late", "source": "North", "severity": "error", **payload}
    routing = settings_of("pagerduty")
    return {**routing, "event_action": action, "dedup_key": key, "payload": fields}


# --- The whole way ---------------------------------------------------------------------------


def test_acknowledging_and_assigning_can_be_seen_over_there(case, connect, sandbox):
    lead = somebody(Role.LEAD, site=case.site, first_name="Ana", last_name="Silva")
    for slug in CONTRACTED:
        owed(case, connect(slug, sandbox=True))

    lifecycle.acknowledge(Seen(case.pk), by=lead, at=NOON)
    triage.assign(Seen(case.pk), by=lead, at=NOON, to=lead.user_id)
    with time_machine.travel(NOON + HOUR, tick=False):
        perform_all()

    by_slug = {one.connection.platform: one for one in SandboxRecord.objects.all()}
    said = {slug: " ".join(note.text for note in one.notes.all()) for slug, one in by_slug.items()}
    assert by_slug["zendesk"].data["status"] == "open"
    assert by_slug["pagerduty"].data["status"] == "acknowledged"
    assert "acknowledged, Ana Silva" in by_slug["slack"].data["text"]
    for slug in CONTRACTED:
        assert "Ana Silva acknowledged the case." in said[slug]
        assert "Ana Silva assigned the case to Ana Silva." in said[slug]


def test_a_delivery_performed_twice_makes_one_record(case, connect, sandbox):
    """Killed after the platform had taken it: every platform that can, takes the repeat as one."""
    for slug in ("zendesk", "pagerduty", "smtp"):
        connection = connect(slug, sandbox=True)
        owed(case, connection)
        owed(case, connection, Operation.UPDATE, text="Still nobody")
    perform_all()
    Link.objects.all().delete()
    creates = Delivery.objects.filter(operation=Operation.CREATE)
    creates.update(state=DeliveryState.WAITING, due_at=NOON)

    perform_all()

    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert SandboxRecord.objects.count() == 3
    assert Link.objects.count() == 3


# --- Zendesk ---------------------------------------------------------------------------------


def test_zendesk_answers_a_key_once_and_repeats_itself(call):
    first = call("zendesk", "/api/v2/tickets", a_ticket(), HTTP_IDEMPOTENCY_KEY="k1")
    again = call("zendesk", "/api/v2/tickets", a_ticket(), HTTP_IDEMPOTENCY_KEY="k1")
    other = call("zendesk", "/api/v2/tickets", a_ticket(), HTTP_IDEMPOTENCY_KEY="k2")

    assert (first[0], first[2]["x-idempotency-lookup"]) == (201, "miss")
    assert (again[0], again[2]["x-idempotency-lookup"]) == (201, "hit")
    assert first[1] == again[1]
    assert other[1]["ticket"]["id"] != first[1]["ticket"]["id"]
    assert SandboxRecord.objects.count() == 2


def test_zendesk_refuses_a_key_with_other_words(call, contract_of):
    call("zendesk", "/api/v2/tickets", a_ticket(), HTTP_IDEMPOTENCY_KEY="k1")

    status, body, _ = call(
        "zendesk", "/api/v2/tickets", a_ticket("Else"), HTTP_IDEMPOTENCY_KEY="k1"
    )

    assert (status, body["error"]) == (400, "IdempotentRequestError")
    assert contract_of("zendesk").reply("POST", "/api/v2/tickets", status, json.dumps(body)) == []


def test_zendesk_forgets_a_key_after_two_hours(call):
    with time_machine.travel(NOON, tick=False):
        call("zendesk", "/api/v2/tickets", a_ticket(), HTTP_IDEMPOTENCY_KEY="k1")
    with time_machine.travel(NOON + timedelta(hours=2, seconds=1), tick=False):
        _, _, headers = call("zendesk", "/api/v2/tickets", a_ticket(), HTTP_IDEMPOTENCY_KEY="k1")

    assert headers["x-idempotency-lookup"] == "miss"


def test_zendesk_keeps_what_it_was_told(call):
    ticket = {**a_ticket()["ticket"], "external_id": "EX-1", "priority": "high"}
    _, made, _ = call("zendesk", "/api/v2/tickets.json", {"ticket": ticket})
    path = f"/api/v2/tickets/{made['ticket']['id']}"

    call("zendesk", path, {"ticket": {"status": "solved"}}, method="PUT")
    shown = call("zendesk", path, method="GET")[1]["ticket"]
    found = call("zendesk", "/api/v2/tickets?external_id=EX-1", method="GET")[1]["tickets"]
    every = call("zendesk", "/api/v2/tickets", method="GET")[1]["tickets"]
    none = call("zendesk", "/api/v2/tickets?external_id=EX-2", method="GET")[1]["tickets"]

    assert (shown["status"], shown["priority"], shown["subject"]) == ("solved", "high", "Late")
    assert found == every == [shown]
    assert none == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("POST", "/api/v2/tickets", {}, 422, "RecordInvalid"),
        ("POST", "/api/v2/tickets", {"ticket": "x"}, 422, "RecordInvalid"),
        ("GET", "/api/v2/tickets/99999999", None, 404, "RecordNotFound"),
        ("PUT", "/api/v2/tickets/99999999", a_ticket(), 404, "RecordNotFound"),
        ("GET", "/api/v2/users", None, 404, "InvalidEndpoint"),
    ],
)
def test_zendesk_refuses_what_makes_no_sense(call, method, path, body, status, error):
    got, told, _ = call("zendesk", path, body, method=method)

    assert (got, told["error"]) == (status, error)


@pytest.mark.parametrize(
    ("before", "after"), [("closed", "open"), ("open", "new"), ("open", "sleeping")]
)
def test_zendesk_refuses_what_may_not_follow(call, contract_of, before, after):
    _, made, _ = call(
        "zendesk", "/api/v2/tickets", {"ticket": {**a_ticket()["ticket"], "status": before}}
    )
    path = f"/api/v2/tickets/{made['ticket']['id']}"

    status, told, _ = call("zendesk", path, {"ticket": {"status": after}}, method="PUT")

    assert (status, told["error"]) == (422, "RecordInvalid")
    assert contract_of("zendesk").reply("PUT", path, status, json.dumps(told)) == []


def test_zendesk_refuses_a_repeat_that_never_made_sense(call):
    status, _, _ = call("zendesk", "/api/v2/tickets", {}, HTTP_IDEMPOTENCY_KEY="k1")

    assert status == 422


# --- Slack -----------------------------------------------------------------------------------


def test_slack_posts_answers_and_rewrites(call):
    channel = {"channel": "C024BE91L"}
    _, first, _ = call("slack", "/api/chat.postMessage", {**channel, "text": "One"})
    _, reply, _ = call(
        "slack", "/api/chat.postMessage", {**channel, "text": "Two", "thread_ts": first["ts"]}
    )
    _, update, _ = call("slack", "/api/chat.update", {**channel, "text": "Uno", "ts": first["ts"]})

    record = SandboxRecord.objects.get()
    assert (record.data["text"], [note.text for note in record.notes.all()]) == ("Uno", ["Two"])
    assert first["ts"] == update["ts"] != reply["ts"]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("/api/chat.postMessage", {"text": "x"}, "channel_not_found"),
        ("/api/chat.postMessage", {"channel": "C1"}, "no_text"),
        ("/api/chat.postMessage", {"channel": "C1", "text": "x" * 40_001}, "msg_too_long"),
        (
            "/api/chat.postMessage",
            {"channel": "C1", "text": "x", "thread_ts": "1.1"},
            "thread_not_found",
        ),
        ("/api/chat.update", {"channel": "C1", "text": "x", "ts": "1.1"}, "message_not_found"),
        ("/api/chat.update", {"channel": "C1", "ts": "1.1"}, "no_text"),
        ("/api/users.list", {}, "unknown_method"),
    ],
)
def test_slack_refuses_with_200(call, contract_of, path, body, error):
    status, told, _ = call("slack", path, body)

    assert (status, told) == (200, {"ok": False, "error": error})
    if "chat" in path:
        assert contract_of("slack").reply("POST", path, status, json.dumps(told)) == []


# --- PagerDuty -------------------------------------------------------------------------------


def test_pagerduty_keeps_one_open_alert_per_key(call):
    for action in ("trigger", "trigger", "acknowledge", "trigger"):
        call("pagerduty", "/v2/enqueue", an_event(action))

    alert = SandboxRecord.objects.get()
    assert alert.data["status"] == "acknowledged"
    assert [note.what for note in alert.notes.all()] == [
        "trigger",
        "trigger",
        "acknowledge",
        "trigger",
    ]


def test_pagerduty_opens_another_after_a_resolve(call):
    for action in ("trigger", "resolve", "trigger"):
        call("pagerduty", "/v2/enqueue", an_event(action))

    newest_last = SandboxRecord.objects.order_by("id")
    assert [one.data["status"] for one in newest_last] == ["resolved", "triggered"]


def test_pagerduty_drops_silently_what_it_does_not_know(call):
    status, told, _ = call("pagerduty", "/v2/enqueue", an_event("resolve"))

    assert (status, told["dedup_key"]) == (202, "EX-1")
    assert not SandboxRecord.objects.exists()


def test_pagerduty_makes_up_a_key_where_none_is_given(call):
    event = an_event()
    del event["dedup_key"]

    assert len(call("pagerduty", "/v2/enqueue", event)[1]["dedup_key"]) == 32


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"event_action": "snooze"}, "event_action is invalid"),
        ({"routing_key": "wrong"}, "routing_key is unknown"),
        ({"payload": {}}, "payload.summary is missing"),
        ({"payload": "x"}, "payload.source is missing"),
        ({"dedup_key": "k" * 256}, "dedup_key is too long"),
        ({"event_action": "resolve", "dedup_key": ""}, "dedup_key is missing"),
        ({"payload": {"summary": "x" * 1025, "source": "s", "severity": "info"}}, "too long"),
        ({"payload": {"summary": "x", "source": "s", "severity": "bad"}}, "severity is invalid"),
    ],
)
def test_pagerduty_refuses_what_makes_no_sense(call, contract_of, change, problem):
    status, told, _ = call("pagerduty", "/v2/enqueue", an_event() | change)

    assert status == 400
    assert problem in " ".join(told["errors"])
    assert contract_of("pagerduty").reply("POST", "/v2/enqueue", status, json.dumps(told)) == []


def test_pagerduty_has_nothing_else(call):
    assert call("pagerduty", "/incidents", method="GET")[0] == 404


# --- Mail ------------------------------------------------------------------------------------


def a_mail(mark="<1@example.com>", thread=""):
    headers = {"From": "desk@example.com", "Subject": "[EX-1] Late", "Message-ID": mark}
    return {"headers": headers | ({"In-Reply-To": thread} if thread else {}), "text": "Text"}


def test_a_mail_sent_twice_is_one_and_so_is_its_answer(call):
    for _ in range(2):
        call("smtp", "/messages", a_mail())
        call("smtp", "/messages", a_mail("<2@example.com>", thread="<1@example.com>"))

    record = SandboxRecord.objects.get()
    assert [note.mark for note in record.notes.all()] == ["<2@example.com>"]


def test_an_answer_to_an_unknown_mail_stands_alone(call):
    call("smtp", "/messages", a_mail("<2@example.com>", thread="<lost@example.com>"))

    assert SandboxRecord.objects.get().external_id == "<2@example.com>"


def test_mail_without_an_id_or_from_a_stranger_is_refused(call):
    nameless, strange = a_mail(""), a_mail()
    strange["headers"]["From"] = "mallory@example.com"

    assert call("smtp", "/messages", nameless)[0] == 400
    assert call("smtp", "/messages", nameless | {"text": ""})[0] == 200
    assert not SandboxRecord.objects.exists()
    assert call("smtp", "/messages", strange)[0] == 401


# --- Who may call, and whether there is anything to call ---------------------------------------


@pytest.mark.parametrize("sign_in", ["", "Basic d3Jvbmc=", "Bearer wrong"])
def test_a_bad_sign_in_is_refused_in_the_vendors_words(desk, connect, contract_of, sign_in):
    connect("zendesk", sandbox=True)
    connect("slack", sandbox=True)
    headers = {"HTTP_AUTHORIZATION": sign_in} if sign_in else {}

    zendesk = desk.post(
        "/sandbox/zendesk/api/v2/tickets", a_ticket(), "application/json", **headers
    )
    slack = desk.post("/sandbox/slack/api/chat.postMessage", {}, "application/json", **headers)

    assert (zendesk.status_code, slack.json()["error"]) == (401, "invalid_auth")
    assert contract_of("zendesk").reply("POST", "/api/v2/tickets", 401, zendesk.content) == []


def test_the_account_of_a_real_connection_is_not_known_here(desk, connect):
    account = Account(connect("zendesk", sandbox=False))
    sign_in = {"HTTP_AUTHORIZATION": account.sign_in.headers["Authorization"]}

    answer = desk.post("/sandbox/zendesk/api/v2/tickets", a_ticket(), "application/json", **sign_in)

    assert answer.status_code == 401


def test_a_connection_with_incomplete_settings_disturbs_nobody(call, connect):
    connect("zendesk", name="Half", settings={}, sandbox=True)

    assert call("zendesk", "/api/v2/tickets", a_ticket())[0] == 201


def test_a_probe_reaches_the_stand_in(connect, sandbox):
    assert (
        probe(connect("zendesk", sandbox=True)).verdict == "Zendesk answers, and takes the sign-in."
    )
    assert probe(connect("slack", sandbox=True)).verdict == "Slack answers, and takes the sign-in."


@pytest.mark.parametrize("raw", [b"", b"no JSON", b"[]", b'"x"', b'{"ticket": null}'])
def test_whatever_is_posted_gets_an_answer(call, desk, raw):
    call("zendesk", "/api/v2/tickets", a_ticket())
    account = Account(Connection.objects.get())
    sign_in = {"HTTP_AUTHORIZATION": account.sign_in.headers["Authorization"]}

    answer = desk.generic(
        "POST", "/sandbox/zendesk/api/v2/tickets", raw, "application/json", **sign_in
    )

    assert answer.status_code == 422


def test_a_nul_does_not_reach_the_database(call):
    ticket = {"ticket": {"subject": "a\x00b", "comment": {"body": "c\x00d"}}}

    assert call("zendesk", "/api/v2/tickets", ticket)[0] == 201
    assert SandboxRecord.objects.get().data["subject"] == "ab"


def test_the_stand_ins_need_no_session_and_no_csrf_token(settings, connect):
    settings.SANDBOX = True
    connect("zendesk", sandbox=True)
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post("/sandbox/zendesk/api/v2/tickets", a_ticket(), "application/json")

    assert answer.status_code == 401
    assert not answer.cookies


@pytest.mark.parametrize(
    "path", ["/sandbox/", "/sandbox/zendesk/api/v2/tickets", "/sandbox/telex/x"]
)
def test_without_the_sandbox_there_is_nothing_here(settings, admin_client, path):
    settings.SANDBOX = path.startswith("/sandbox/telex")

    assert admin_client.get(path).status_code == 404


def test_a_playbook_reaches_the_sandbox_by_itself(connect, sandbox):
    zendesk = connect("zendesk", sandbox=True)
    PlaybookFactory(connection=zendesk)

    case = open_case()
    with time_machine.travel(NOON, tick=False):
        perform_all()

    assert SandboxRecord.objects.get().data["external_id"] == str(case)
    assert Link.objects.get().case == case


@pytest.mark.django_db(transaction=True)
def test_the_worker_reaches_the_sandbox_over_real_http(connect, settings, live_server):
    settings.SANDBOX, settings.SANDBOX_URL = True, f"{live_server.url}/sandbox"
    case = open_case()
    for slug in (*CONTRACTED, "smtp"):
        connection = connect(slug, sandbox=True)
        owed(case, connection)
        owed(case, connection, Operation.COMMENT, text="Still nobody")

    tasks.drain()

    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert SandboxNote.objects.filter(text__contains="Still nobody").count() == 4


def test_a_fault_for_one_call_is_met_by_one_of_two_that_came_together():
    made = SandboxFault.objects.create(
        connection=ConnectionFactory(), kind=SandboxFault.Kind.REFUSE
    )
    every = Connection.objects.select_related("sandbox_fault")
    both = [every.get(pk=made.connection_id) for _ in range(2)]
    asked = Call("zendesk", "POST", "", {}, {}, {}, timezone.now())

    both_by_turns = replace(STANDS["zendesk"], account=lambda _: both.pop())
    met = [faults.next_fault(asked, both_by_turns) for _ in range(2)]

    assert met == [made, None]
    made.refresh_from_db()
    assert made.left == 0
