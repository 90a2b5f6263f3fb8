"""A platform calls: proven, kept before it is answered, taken in once, and never echoed back."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat
from unittest.mock import patch

import pytest
from cryptography.fernet import Fernet
from django.db import DataError, OperationalError
from django.test import Client
from django.utils import timezone

from connectors import inbound, understanding
from connectors.account import Account
from connectors.errors import Permanent
from connectors.hooks import Hook
from connectors.inbound import hook_address
from connectors.models import MOST_TRIES, HookCall, SandboxRecord
from connectors.redaction import STRUCK
from connectors.registry import BY_SLUG
from connectors.sandbox.registry import STANDS
from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.mirroring.hearing import hear
from exceptions_app.mirroring.news import News
from exceptions_app.models import Case, Delivery, Entry, Link
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Operation, Role, Status
from tests.connectors.conftest import owed, perform_all
from tests.factories import NOON, PlaybookFactory, UserFactory, open_case, somebody

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page():
    return Client(raise_request_exception=False)


@pytest.fixture
def zendesk(connect, sandbox, settings):
    settings.BASE_URL = "https://desk.example"
    return connect("zendesk", sandbox=True)


@pytest.fixture
def told(case, zendesk):
    """A case that Zendesk has a record of."""
    owed(case, zendesk)
    perform_all()
    return SandboxRecord.objects.get(connection=zendesk)


def call_of(connection, record, act, text="", *, at=None):
    """The call that the platform would make, signed as it signs."""
    connector, config = BY_SLUG[connection.platform], Account(connection).config
    happened = STANDS[connection.platform].event
    assert happened
    body = happened(record, act, text)
    record.save()
    raw, at, proof = json.dumps(body).encode(), at or timezone.now(), connector.inbound.proof
    stamp = {proof.timestamp: connector.inbound.stamp(at)} if proof.timestamp else {}
    call = Hook(hook_address(connection), raw, at, "POST", {k.lower(): v for k, v in stamp.items()})
    return raw, stamp | proof.sign(call, config)


def send(page, connection, raw, headers):
    path = hook_address(connection).removeprefix("https://desk.example")
    return page.post(path, raw, "application/json", headers=headers)


def call(page, connection, record, act, text="", **more):
    raw, headers = call_of(connection, record, act, text, **more)
    return send(page, connection, raw, headers)


def status(case):
    return Case.objects.get(pk=case.pk).status


# --- The door --------------------------------------------------------------------------------


def test_what_is_proven_is_kept_and_then_taken_in(page, case, zendesk, told):
    answer = call(page, zendesk, told, "solve")
    before = status(case)

    inbound.take_in()

    assert (answer.status_code, before, status(case)) == (200, Status.NEW, Status.RESOLVED)
    assert case.links.get().status == "resolved"
    assert HookCall.objects.get().state == HookCall.State.DONE
    assert HookCall.objects.get().case_id == case.pk


def test_what_was_tampered_with_is_counted_and_has_no_effect(page, case, zendesk, told):
    raw, headers = call_of(zendesk, told, "solve")

    answer = send(page, zendesk, raw + b" ", headers)
    inbound.take_in()

    assert (answer.status_code, answer.content) == (401, b"")
    assert HookCall.objects.get().state == HookCall.State.REFUSED
    assert status(case) == Status.NEW


def test_what_is_stale_is_refused(page, case, zendesk, told):
    answer = call(page, zendesk, told, "solve", at=timezone.now() - timedelta(minutes=6))

    assert answer.status_code == 401
    assert "too old" in HookCall.objects.get().outcome


def test_what_is_repeated_has_one_effect(page, case, zendesk, told):
    raw, headers = call_of(zendesk, told, "comment", "The car is here.")

    answers = [send(page, zendesk, raw, headers).status_code for _ in range(3)]
    inbound.take_in()

    assert answers == [200, 200, 200]
    assert HookCall.objects.count() == 1
    assert Entry.objects.filter(verb="case.commented").count() == 1


def test_a_refused_call_does_not_keep_the_true_one_out(page, case, zendesk, told):
    raw, headers = call_of(zendesk, told, "solve")
    wrong = dict.fromkeys(headers, "wrong")

    answers = [send(page, zendesk, raw, given).status_code for given in (wrong, wrong, headers)]

    assert answers == [401, 401, 200]


@pytest.mark.parametrize("wrong", ["/hooks/1/guess/", "/hooks/999999/guess/"])
def test_nobody_guesses_an_address(page, zendesk, wrong):
    assert page.post(wrong, b"{}", "application/json").status_code == 404


def test_a_connection_that_is_switched_off_hears_nothing(page, zendesk, told):
    zendesk.enabled = False
    zendesk.save()

    assert call(page, zendesk, told, "solve").status_code == 404


def test_while_its_secrets_cannot_be_opened_nothing_is_proven(page, case, zendesk, told, settings):
    raw, headers = call_of(zendesk, told, "solve")
    settings.FLAGSTAND_KEYS = [Fernet.generate_key().decode()]

    assert send(page, zendesk, raw, headers).status_code == 503
    assert not HookCall.objects.exists()


@pytest.mark.parametrize("fault", [ValueError, IndexError, OverflowError, RecursionError])
def test_what_cannot_be_read_is_listed_and_lets_the_others_by(
    page, case, zendesk, told, monkeypatch, fault
):
    real = understanding.heard

    def stumbling(event, *rest):
        if event.comment:
            raise fault(event.comment)
        return real(event, *rest)

    monkeypatch.setattr(understanding, "heard", stumbling)
    call(page, zendesk, told, "comment", "One")
    call(page, zendesk, told, "solve")

    inbound.take_in()

    assert set(HookCall.objects.values_list("state", flat=True)) == {"conflict", "done"}
    assert status(case) == Status.RESOLVED


def test_what_kills_whoever_reads_it_stops_nothing_in_the_end(
    page, case, zendesk, told, monkeypatch
):
    real = understanding.everything_of

    def deadly(call, *rest):
        if "deadly" in call.body:
            raise KeyboardInterrupt
        return real(call, *rest)

    monkeypatch.setattr(understanding, "everything_of", deadly)
    call(page, zendesk, told, "comment", "deadly")
    call(page, zendesk, told, "solve")
    for _ in range(MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            inbound.take_in()

    inbound.take_in()

    bad, good = HookCall.objects.order_by("pk")
    assert (bad.state, bad.outcome) == ("conflict", "Reading it took too long, 3 times over.")
    assert (good.state, status(case)) == ("done", Status.RESOLVED)


def test_whoever_stumbles_over_a_call_may_try_again(page, zendesk, told, monkeypatch):
    def away(call, *_):
        raise OperationalError

    monkeypatch.setattr(understanding, "everything_of", away)
    call(page, zendesk, told, "solve")
    for _ in range(MOST_TRIES + 1):
        with pytest.raises(OperationalError):
            inbound.take_in()

    assert (HookCall.objects.get().state, HookCall.objects.get().tries) == ("waiting", 0)


@pytest.mark.parametrize("slug", ["slack", "intercom", "monday"])
def test_what_is_nested_too_deeply_is_a_bad_request(page, connect, slug):
    raw = b"[" * 50_000

    assert send(page, connect(slug), raw, {}).status_code == 400


def test_refused_calls_are_kept_for_a_day(page, zendesk, told):
    raw, headers = call_of(zendesk, told, "solve")
    send(page, zendesk, raw + b" ", headers)
    inbound.forget()
    kept = HookCall.objects.count()
    HookCall.objects.update(at=timezone.now() - timedelta(hours=25))

    inbound.forget()

    assert (kept, HookCall.objects.count()) == (1, 0)


# --- What becomes of it ----------------------------------------------------------------------


def test_a_solved_record_is_opened_again_there_and_so_is_the_case(page, case, zendesk, told):
    call(page, zendesk, told, "solve")
    inbound.take_in()
    call(page, zendesk, told, "reopen")

    inbound.take_in()

    assert status(case) == Status.ACKNOWLEDGED


def test_calls_that_overtake_each_other_end_as_the_record_stands(page, case, zendesk, told):
    solved = call_of(zendesk, told, "solve")
    reopened = call_of(zendesk, told, "reopen")

    for raw, headers in (reopened, solved):
        send(page, zendesk, raw, headers)
    inbound.take_in()

    assert status(case) in {"new", "acknowledged", "in_progress"}


def test_our_own_words_are_known_again(page, case, zendesk, told):
    lead = somebody(Role.LEAD, site=case.site)
    triage.comment(Seen(case.pk), by=lead, at=timezone.now(), text="Keys are here.", shared=True)
    owed(case, zendesk, Operation.COMMENT, text="Ana wrote: Keys are here.", at=timezone.now())
    perform_all()

    call(page, zendesk, told, "comment", "<p>Ana wrote:&nbsp;Keys are here.</p>")
    inbound.take_in()

    assert Entry.objects.filter(verb="case.commented").count() == 1
    assert HookCall.objects.get().outcome == "We said that ourselves."


def test_while_ours_is_on_its_way_theirs_waits(page, case, zendesk, told):
    owed(case, zendesk, Operation.UPDATE, at=timezone.now())

    call(page, zendesk, told, "solve")
    inbound.take_in()

    assert status(case) == Status.NEW
    assert "on its way" in HookCall.objects.get().outcome


def test_what_the_desk_cannot_do_is_listed_for_a_person(page, zendesk, connect):
    case = open_case(key="late:1", at=timezone.now() - timedelta(hours=2))
    owed(case, zendesk)
    perform_all()
    record = SandboxRecord.objects.get(connection=zendesk)
    lifecycle.dismiss(Seen(case.pk), by=SYSTEM, at=timezone.now(), reason="No.")
    open_case(key="late:1", at=timezone.now())
    Delivery.objects.exclude(state="sent").delete()

    call(page, zendesk, record, "reopen")
    inbound.take_in()

    assert HookCall.objects.get().state == HookCall.State.CONFLICT
    assert "is open about the same thing" in HookCall.objects.get().outcome


@pytest.mark.parametrize(
    ("said", "was", "becomes"),
    [
        ("under_way", "new", "acknowledged"),
        ("under_way", "waiting", "waiting"),
        ("under_way", "resolved", "acknowledged"),
        ("open", "new", "new"),
        ("open", "waiting", "waiting"),
        ("open", "resolved", "acknowledged"),
        ("in_progress", "waiting", "in_progress"),
    ],
)
def test_what_may_be_waiting_there_does_not_resume_a_case(connect, said, was, becomes):
    """Where waiting has no name of its own, the record of a case that waits looks like one at work."""
    case, zendesk = open_case(), connect("zendesk")
    Link.objects.create(case=case, connection=zendesk, external_id="17", linked_at=NOON)
    seen = Seen(case.pk)
    if was == "waiting":
        lifecycle.acknowledge(seen, by=SYSTEM, at=NOON)
        lifecycle.wait(seen, by=SYSTEM, at=NOON, waiting_for="a part")
    if was == "resolved":
        lifecycle.resolve(seen, by=SYSTEM, at=NOON, cause="carrier")
    Delivery.objects.all().delete()

    hear(News(external_id="17", status=said), zendesk, at=timezone.now())

    assert status(case) == becomes


def test_a_name_that_anybody_can_choose_is_nobody_here(connect):
    """Only an address that our settings vouch for makes somebody act with their rights."""
    case, slack = open_case(), connect("slack")
    Link.objects.create(case=case, connection=slack, external_id="1.2", linked_at=NOON)
    ana = UserFactory(username="ana", email="ana@acme.example", role=Role.LEAD)
    asked = News(external_id="1.2", verb="acknowledge", author="ana")

    hear(asked, slack, at=timezone.now())
    by = Entry.objects.get(case=case, verb="case.acknowledged")
    hear(replace(asked, verb="claim", by="Ana@acme.example"), slack, at=timezone.now())

    assert (by.actor_kind, by.actor_name.startswith("ana (")) == ("platform", True)
    assert Case.objects.get(pk=case.pk).assignee == ana


@pytest.mark.parametrize("slug", ["airtable", "quickbase"])
def test_a_record_that_is_named_again_is_looked_at_again(
    page, case, connect, sandbox, settings, slug
):
    """All that such a call says is which record it is about."""
    settings.BASE_URL = "https://desk.example"
    connection = connect(slug, sandbox=True)
    owed(case, connection)
    perform_all()
    record, stood = SandboxRecord.objects.get(connection=connection), []

    for act in ("solve", "reopen", "solve"):
        call(page, connection, record, act)
        inbound.take_in()
        stood.append(status(case))

    assert stood == [Status.RESOLVED, Status.ACKNOWLEDGED, Status.RESOLVED]


# --- Three systems ---------------------------------------------------------------------------


def test_three_systems_converge_without_an_echo(page, connect, sandbox, settings):
    """Zendesk and another Zendesk mirror one case; whatever is said anywhere is everywhere once."""
    settings.BASE_URL = "https://desk.example"
    here = connect("zendesk", sandbox=True)
    there = connect(
        "zendesk",
        name="Second",
        sandbox=True,
        settings={**here.settings, "email": "b@acme.example"},
    )
    for connection in (here, there):
        PlaybookFactory(connection=connection)
    case = open_case(at=timezone.now())
    perform_all()
    records = {c.pk: SandboxRecord.objects.get(connection=c) for c in (here, there)}

    call(page, here, records[here.pk], "comment", "The car is here.")
    inbound.take_in()
    perform_all()
    for connection in (here, there):
        records[connection.pk].refresh_from_db()
    said = [note.text for note in records[there.pk].notes.all()][-1]
    call(page, there, records[there.pk], "comment", said)
    inbound.take_in()
    perform_all()

    comments = Entry.objects.filter(case=case, verb="case.commented").count()
    sent = Delivery.objects.filter(operation=Operation.COMMENT).values_list("connection", flat=True)
    assert comments == 1
    assert list(sent) == [there.pk]


def test_a_handshake_may_bring_the_secret_but_only_the_first_one(page, connect, sandbox, settings):
    settings.BASE_URL = "https://desk.example"
    asana = connect("asana", sandbox=True)
    asana.settings = {k: v for k, v in asana.settings.items() if k != "secret"}
    asana.save()

    first, second = (send(page, asana, b"", {"X-Hook-Secret": n}) for n in ("first", "second"))

    assert (first.status_code, first["X-Hook-Secret"]) == (200, "first")
    assert (second.status_code, "X-Hook-Secret" in second) == (400, False)
    asana.refresh_from_db()
    assert asana.settings["secret"] == "first"


def test_a_secret_that_is_awaited_takes_the_place_of_the_old_one(page, connect, sandbox, settings):
    settings.BASE_URL = "https://desk.example"
    asana = connect("asana", sandbox=True)
    asana.settings = {**asana.settings, "secret": "first", "renew": True}
    asana.save()

    answers = [send(page, asana, b"", {"X-Hook-Secret": n}) for n in ("second", "third")]

    assert [answer.status_code for answer in answers] == [200, 400]
    asana.refresh_from_db()
    assert (asana.settings["secret"], asana.settings["renew"]) == ("second", False)


def test_what_cannot_be_taken_in_is_listed_and_holds_up_nothing(page, case, zendesk, told):
    call(page, zendesk, told, "comment", "First")
    call(page, zendesk, told, "solve")

    with patch(
        "connectors.understanding.hearing.case_of",
        side_effect=chain([DataError("too long")], repeat(None)),
    ):
        inbound.take_in()

    first, second = HookCall.objects.order_by("id")
    assert (first.state, second.state) == (HookCall.State.CONFLICT, HookCall.State.NOTHING)
    assert "DataError" in first.outcome


def test_a_refusal_told_to_a_person_holds_no_secret(page, case, zendesk, told):
    secret = zendesk.settings["token"]
    call(page, zendesk, told, "solve")

    with patch.object(Account, "standing", side_effect=Permanent(f"401: {secret} is wrong")):
        inbound.take_in()

    assert HookCall.objects.get().outcome == f"401: {STRUCK} is wrong"
