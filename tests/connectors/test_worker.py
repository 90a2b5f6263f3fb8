"""One delivery, performed: what is sent, what is written down, and what every answer leads to."""

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet

from connectors import answers, kit, worker
from connectors.account import Account
from connectors.kit import Reply
from connectors.registry import BY_SLUG
from exceptions_app.models import Attempt, Case, Connection, Delivery, Link
from exceptions_app.outbox.outcomes import NO_RECORD, pause
from exceptions_app.sealed import LACKING
from exceptions_app.vocabulary import DeliveryState, Operation, Role
from tests.connectors.conftest import SECRETS, claimed, owed, perform
from tests.factories import HOUR, NOON, UserFactory

TICKETS = "https://acme.zendesk.com/api/v2/tickets"
POSTS = "https://slack.com/api/chat.postMessage"
UPDATES = "https://slack.com/api/chat.update"
EVENTS = "https://events.pagerduty.com/v2/enqueue"
TICKET = {"ticket": {"id": 35436, "status": "new"}}
OK = {"ok": True, "channel": "C024BE91L", "ts": "1763730300.000042"}


def attempt(case, connection, operation=Operation.CREATE, *, text="", at=NOON):
    """Owe it, claim it, perform it."""
    delivery = owed(case, connection, operation, text=text, at=at)
    perform(claimed(at), at=at)
    delivery.refresh_from_db()
    return delivery


def linked(case, connection, external_id):
    owed(case, connection)
    Delivery.objects.update(state=DeliveryState.SENT)
    Link.objects.create(case=case, connection=connection, external_id=external_id, linked_at=NOON)


def body(call):
    return json.loads(call.request.body)


def test_what_cannot_be_opened_is_tried_again_and_arrives_once_the_key_is_back(
    case, connect, vendor, settings
):
    vendor.post(POSTS, json=OK)
    slack, keys = connect("slack"), settings.FLAGSTAND_KEYS
    settings.FLAGSTAND_KEYS = [Fernet.generate_key().decode()]
    delivery = attempt(case, slack)
    settings.FLAGSTAND_KEYS = keys

    perform(claimed(NOON + HOUR), at=NOON + HOUR)

    assert (delivery.state, delivery.tries.first().verdict) == (DeliveryState.WAITING, LACKING)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT


def test_a_ticket_is_created_and_linked(case, connect, vendor):
    vendor.post(TICKETS, status=201, json=TICKET)

    delivery = attempt(case, connect("zendesk"))

    sent = vendor.calls[0].request
    assert sent.headers["Idempotency-Key"] == str(delivery.pk)
    assert body(vendor.calls[0])["ticket"]["external_id"] == str(case)
    link = Link.objects.get()
    assert (link.external_id, link.status) == ("35436", "new")
    assert link.url == "https://acme.zendesk.com/agent/tickets/35436"
    assert delivery.state == DeliveryState.SENT


def test_the_attempt_shows_what_was_sent_and_answered(case, connect, vendor):
    vendor.post(TICKETS, status=201, json=TICKET)

    attempt(case, connect("zendesk"))

    tried = Attempt.objects.get()
    assert (tried.ok, tried.status, tried.method, tried.url) == (True, 201, "POST", TICKETS)
    assert tried.request.startswith(f"POST {TICKETS}\nAccept: application/json\n")
    assert "Authorization: [secret]" in tried.request
    assert f'"external_id": "{case}"' in tried.request
    assert json.loads(tried.answer) == TICKET


def test_what_is_taken_only_with_less_says_so(case, connect, vendor):
    """Nobody would look for what is missing in a delivery that is only called taken."""
    Case.objects.filter(pk=case.pk).update(
        assignee=UserFactory(email="tom@acme.example", role=Role.STAFF)
    )
    vendor.post(TICKETS, status=422, json={"error": "Assignee is no agent."})
    vendor.post(TICKETS, status=201, json=TICKET)

    delivery = attempt(case, connect("zendesk"))

    assert delivery.state == DeliveryState.SENT
    (tried,) = Attempt.objects.all()
    assert (tried.ok, tried.verdict) == (
        True,
        "Taken, but not all of it: Zendesk answers 422: Assignee is no agent.",
    )


def test_what_a_case_says_travels_with_it(case, connect, vendor):
    vendor.post(TICKETS, status=201, json=TICKET)

    attempt(case, connect("zendesk"))

    ticket = body(vendor.calls[0])["ticket"]
    assert ticket["subject"] == f"{case} high: Delivery of Golf GTI is late (North)"
    assert ticket["priority"] == "high"
    assert "Customer: R. Okafor\nReference: D-20417" in ticket["comment"]["body"]
    assert "Opened: Tue 10 Mar 2026 13:00 CET" in ticket["comment"]["body"]
    assert f"/cases/{case.pk}/" in ticket["comment"]["body"]
    assert ticket["comment"]["public"] is False


def test_a_repeated_create_finds_the_ticket_of_the_first_try(case, connect, vendor):
    """Killed between sending and saving; the case has moved since, so the key alone would not do."""
    vendor.get(f"{TICKETS}?external_id={case}", json={"tickets": [TICKET["ticket"]]})
    zendesk = connect("zendesk")
    owed(case, zendesk)
    claimed(NOON)

    perform(claimed(NOON + HOUR), at=NOON + HOUR)

    assert [call.request.method for call in vendor.calls] == ["GET"]
    assert Link.objects.get().external_id == "35436"
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_a_repeated_create_that_finds_nothing_creates(case, connect, vendor, contract_of):
    vendor.get(f"{TICKETS}?external_id={case}", json={"tickets": []})
    vendor.post(TICKETS, status=201, json=TICKET)
    owed(case, connect("zendesk"))
    claimed(NOON)

    perform(claimed(NOON + HOUR), at=NOON + HOUR)

    assert [call.request.method for call in vendor.calls] == ["GET", "POST"]
    assert Delivery.objects.get().state == DeliveryState.SENT
    for call in vendor.calls:
        sent = call.request
        assert contract_of("zendesk").request(sent.method, sent.url, sent.headers, sent.body) == []


def test_a_key_used_with_other_words_is_looked_up_next_time(case, connect, vendor):
    vendor.post(TICKETS, status=400, json={"error": "IdempotentRequestError"})

    assert attempt(case, connect("zendesk")).state == DeliveryState.WAITING


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        ("new", None),
        ("acknowledged", "open"),
        ("in_progress", "open"),
        ("waiting", "pending"),
        ("resolved", "solved"),
        ("dismissed", "solved"),
    ],
)
def test_a_ticket_follows_the_status_of_its_case(case, connect, vendor, status, kept):
    vendor.put(f"{TICKETS}/35436", json=TICKET)
    zendesk = connect("zendesk")
    linked(case, zendesk, "35436")
    type(case).objects.filter(pk=case.pk).update(status=status)

    attempt(case, zendesk, Operation.UPDATE, text="Something happened.")

    ticket = body(vendor.calls[0])["ticket"]
    assert ticket.get("status") == kept
    assert ticket["comment"] == {"body": "Something happened.", "public": False}
    assert Link.objects.get().status == status


def test_slack_shows_how_the_case_stands_and_says_why_in_the_thread(case, connect, vendor):
    vendor.post(UPDATES, json=OK)
    vendor.post(POSTS, json={**OK, "ts": "1763730999.000001"})
    slack = connect("slack")
    linked(case, slack, OK["ts"])

    delivery = attempt(case, slack, Operation.UPDATE, text="Ana <ana> took & kept it.")

    rewritten, said = map(body, vendor.calls)
    assert (rewritten["ts"], said["thread_ts"]) == (OK["ts"], OK["ts"])
    assert said["text"] == "Ana &lt;ana&gt; took &amp; kept it."
    assert Link.objects.get().external_id == OK["ts"]
    assert delivery.state == DeliveryState.SENT
    assert Attempt.objects.get().request.count("POST https://slack.com/api/") == 2


def test_slack_says_it_in_the_thread_even_where_editing_is_closed(case, connect, vendor):
    vendor.post(UPDATES, json={"ok": False, "error": "edit_window_closed"})
    vendor.post(POSTS, json=OK)
    slack = connect("slack")
    linked(case, slack, OK["ts"])

    assert attempt(case, slack, Operation.UPDATE, text="x").state == DeliveryState.SENT


def test_a_pause_for_the_first_of_two_requests_is_not_swallowed(case, connect, vendor):
    vendor.post(UPDATES, status=429, headers={"Retry-After": "90"})
    slack = connect("slack")
    linked(case, slack, OK["ts"])

    delivery = attempt(case, slack, Operation.UPDATE, text="x")

    assert delivery.state == DeliveryState.WAITING
    assert timedelta(seconds=90) <= delivery.due_at - NOON < timedelta(seconds=95)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        ("channel_not_found", DeliveryState.DEAD),
        ("ratelimited", DeliveryState.WAITING),
        ("invalid_auth", DeliveryState.WAITING),
    ],
)
def test_slack_refuses_inside_a_success(case, connect, vendor, error, state):
    vendor.post(POSTS, json={"ok": False, "error": error})

    delivery = attempt(case, connect("slack"))

    assert delivery.state == state
    assert delivery.reason == f"Slack answers {error}: {error}"


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        ("new", ["trigger"]),
        ("acknowledged", ["trigger", "acknowledge"]),
        ("waiting", ["trigger", "acknowledge"]),
        ("resolved", ["resolve"]),
        ("dismissed", ["resolve"]),
    ],
)
def test_pagerduty_is_told_how_the_case_stands(case, connect, vendor, status, actions):
    vendor.post(EVENTS, status=202, json={"status": "success", "dedup_key": str(case)})
    pagerduty = connect("pagerduty")
    linked(case, pagerduty, str(case))
    type(case).objects.filter(pk=case.pk).update(status=status)

    attempt(case, pagerduty, Operation.UPDATE, text="Ana assigned the case to Ben.")

    sent = [body(call) for call in vendor.calls]
    assert [one["event_action"] for one in sent] == actions
    assert {one["dedup_key"] for one in sent} == {str(case)}
    assert "resolve" in actions or "Ben" in sent[0]["payload"]["custom_details"]["text"]


def test_an_overlong_title_is_cut_to_what_pagerduty_takes(case, connect, vendor, contract_of):
    vendor.post(EVENTS, status=202, json={"status": "success", "dedup_key": str(case)})
    type(case.site).objects.update(name="N" * 80)
    type(case).objects.filter(pk=case.pk).update(title="ä" * 200)

    attempt(case, connect("pagerduty"))

    sent = vendor.calls[0].request
    assert contract_of("pagerduty").request("POST", sent.url, sent.headers, sent.body) == []


@pytest.mark.parametrize("status", [401, 408, 409, 425, 429, 500, 503])
def test_some_answers_are_worth_another_try(case, connect, vendor, status):
    vendor.post(TICKETS, status=status, json={"error": "DatabaseConflict"})

    delivery = attempt(case, connect("zendesk"))

    assert delivery.state == DeliveryState.WAITING
    assert delivery.due_at >= NOON + pause(delivery)
    assert Connection.objects.get().last_error == f"Zendesk answers {status}: DatabaseConflict"


@pytest.mark.parametrize("status", [302, 400, 403, 404, 410, 422])
def test_some_answers_are_final(case, connect, vendor, status):
    vendor.post(
        TICKETS,
        status=status,
        json={
            "error": "RecordInvalid",
            "details": {"requester": [{"description": "Requester: Example is suspended."}]},
        },
    )

    delivery = attempt(case, connect("zendesk"))

    assert delivery.state == DeliveryState.DEAD
    assert delivery.reason == (
        f"Zendesk answers {status}: RecordInvalid; Requester: Example is suspended."
    )
    assert case.entries.get(verb="delivery.dead").data["reason"] == delivery.reason


def test_a_success_that_names_no_record_is_not_believed(case, connect, vendor):
    vendor.post(TICKETS, status=200, body="<html>Welcome to the hotel</html>")

    delivery = attempt(case, connect("zendesk"))

    assert (delivery.state, delivery.reason) == (
        DeliveryState.WAITING,
        "The answer names no record.",
    )
    assert not Link.objects.exists()


def test_a_comment_on_what_was_never_created_is_superseded(case, connect, vendor):
    delivery = attempt(case, connect("zendesk"), Operation.COMMENT, text="x")

    assert (delivery.state, delivery.reason) == (DeliveryState.SUPERSEDED, NO_RECORD)
    assert len(vendor.calls) == 0
    assert not Attempt.objects.exists()


def test_incomplete_settings_wait_for_somebody_to_mend_them(case, connect, vendor):
    delivery = attempt(case, connect("zendesk", settings={"subdomain": "acme"}))

    assert delivery.state == DeliveryState.WAITING
    assert delivery.reason == (
        "The settings of Zendesk are not complete: E-mail is missing. API token is missing."
    )
    assert Attempt.objects.get().method == ""


def test_an_unknown_platform_is_dead_and_says_so(case, connect, vendor):
    connection = connect("zendesk")
    Connection.objects.update(platform="telex")

    delivery = attempt(case, connection)

    assert (delivery.state, delivery.reason) == (DeliveryState.DEAD, "There is no platform telex.")


@pytest.mark.parametrize("slug", ["zendesk", "slack", "pagerduty"])
def test_no_secret_is_kept_anywhere(case, connect, vendor, caplog, slug):
    """A platform that echoes everything it was sent, in every form it can think of."""
    connection = connect(slug)
    account = Account(connection)
    (secret,) = SECRETS[slug].values()
    authorization = account.sign_in.headers.get("Authorization", secret)
    forms = {secret, authorization, authorization.split(" ")[-1], json.dumps(secret)[1:-1]}
    echo = json.dumps({"error": " ".join(sorted(forms))}) + " ".join(forms)
    for url in (TICKETS, POSTS, EVENTS):
        vendor.post(url, status=422, body=echo)

    with caplog.at_level(logging.DEBUG):
        delivery = attempt(case, connection)

    tried = Attempt.objects.get()
    kept = [tried.request, tried.answer, tried.verdict, tried.url, delivery.reason, caplog.text]
    kept += [Connection.objects.get().last_error, str(case.entries.last().data)]
    assert "[secret]" in tried.answer
    for form in forms:
        assert not [text for text in kept if form in text]


def test_half_a_secret_is_not_kept_either(case, connect, vendor):
    secret = SECRETS["zendesk"]["token"]
    vendor.post(TICKETS, status=422, body="x" * (worker.MOST_KEPT - 4) + secret)

    attempt(case, connect("zendesk"))

    assert Attempt.objects.get().answer.endswith("x[sec")


def test_an_answer_with_a_nul_is_kept_without_it(case, connect, vendor):
    vendor.post(TICKETS, status=422, body="a\x00b")

    attempt(case, connect("zendesk"))

    assert Attempt.objects.get().answer == "a\N{REPLACEMENT CHARACTER}b"


def test_a_mistake_of_a_connector_is_logged_without_secrets_and_shown(
    case, connect, vendor, caplog, monkeypatch
):
    zendesk = connect("zendesk")
    secret = SECRETS["zendesk"]["token"]

    def mistaken(case, config):
        raise KeyError(config.token)

    monkeypatch.setitem(BY_SLUG, "zendesk", replace(BY_SLUG["zendesk"], create=mistaken))

    delivery = attempt(case, zendesk)

    assert delivery.state == DeliveryState.DEAD
    assert delivery.reason == "Flagstand made a mistake (KeyError); it is logged."
    assert "KeyError" in caplog.text
    assert secret not in caplog.text


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("wanted", "pause"),
    [
        ("30", timedelta(seconds=30)),
        ("Tue, 10 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 10 Mar 2026 11:00:00 GMT", timedelta()),
        ("soon", None),
        ("", None),
        ("9" * 40, timedelta(seconds=10**6)),
    ],
)
def test_retry_after_is_read_in_both_its_forms(wanted, pause):
    assert answers.wanted_pause(Reply(429, headers={"retry-after": wanted})) == pause


@pytest.mark.parametrize(
    ("wanted", "pause"),
    [("30", timedelta(seconds=30)), ("9" * 5000, timedelta(seconds=10**6)), ("soon", None)],
)
def test_a_platform_s_own_way_to_say_so_may_be_nonsense(wanted, pause):
    assert kit.reset_at("x-reset")(Reply(429, headers={"x-reset": wanted})) == pause
    assert kit.seconds_in("wait")(Reply(429, {"wait": wanted})) == pause


def test_a_probe_asks_something_harmless(connect, vendor):
    vendor.get(TICKETS, json={"tickets": []})
    vendor.post("https://slack.com/api/auth.test", json={"ok": False, "error": "invalid_auth"})

    verdicts = [worker.probe(connect(slug)).verdict for slug in ("zendesk", "slack", "pagerduty")]

    assert verdicts == [
        "Zendesk answers, and takes the sign-in.",
        "Slack answers invalid_auth: invalid_auth",
        "PagerDuty has nothing harmless to ask; the settings are complete.",
    ]


def test_performing_needs_no_database(case, connect, vendor, django_assert_num_queries):
    vendor.post(TICKETS, status=201, json=TICKET)
    owed(case, connect("zendesk"))
    planned = worker.Try(claimed(), at=NOON)

    with django_assert_num_queries(0):
        planned.perform()

    assert planned.error is None


def test_planning_costs_no_statement_however_much_there_is(
    case, connect, django_assert_num_queries
):
    owed(case, connect("zendesk"))
    delivery = claimed()

    with django_assert_num_queries(0):
        worker.Try(delivery, at=NOON)
