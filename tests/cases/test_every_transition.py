"""The whole status by verb table: allowed or refused, and one timeline entry for each step."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from exceptions_app.cases import clockwatch, lifecycle, steps
from exceptions_app.cases.lifecycle import PHRASES, Seen
from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted, Refused, Stale
from exceptions_app.people.access import SYSTEM
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import Role, Status
from tests.factories import HOUR, MINUTE, NOON, SiteFactory, TargetFactory, open_case, somebody

pytestmark = pytest.mark.django_db

ASKED = {
    "acknowledge": {},
    "start": {},
    "wait": {"waiting_for": "the customer"},
    "resume": {},
    "resolve": {"cause": "carrier"},
    "close": {},
    "dismiss": {"reason": "a test order"},
    "reopen": {"reason": "it came back"},
}
LEADS_TO = {
    ("new", "acknowledge"): "acknowledged",
    ("new", "start"): "in_progress",
    ("new", "wait"): "waiting",
    ("new", "resolve"): "resolved",
    ("new", "dismiss"): "dismissed",
    ("acknowledged", "start"): "in_progress",
    ("acknowledged", "wait"): "waiting",
    ("acknowledged", "resolve"): "resolved",
    ("acknowledged", "dismiss"): "dismissed",
    ("in_progress", "wait"): "waiting",
    ("in_progress", "resolve"): "resolved",
    ("in_progress", "dismiss"): "dismissed",
    ("waiting", "resume"): "in_progress",
    ("waiting", "resolve"): "resolved",
    ("waiting", "dismiss"): "dismissed",
    ("resolved", "close"): "closed",
    ("resolved", "reopen"): "acknowledged",
    ("closed", "reopen"): "acknowledged",
    ("dismissed", "reopen"): "acknowledged",
}
WAY_TO = {
    "new": (),
    "acknowledged": ("acknowledge",),
    "in_progress": ("start",),
    "waiting": ("wait",),
    "resolved": ("resolve",),
    "closed": ("resolve", "close"),
    "dismissed": ("dismiss",),
}


def do(case, verb, *, by=SYSTEM, at=NOON + MINUTE, version=None):
    return getattr(lifecycle, verb)(Seen(case.pk, version), by=by, at=at, **ASKED[verb])


def brought_to(status, **given):
    case = open_case(**given)
    for verb in WAY_TO[status]:
        case = do(case, verb)
    return case


@contextmanager
def before_others_see(change):
    """Have somebody change something and commit it only while the body waits for them."""
    changed = threading.Event()

    def change_and_linger():
        with transaction.atomic():
            change()
            changed.set()
            time.sleep(0.3)
        connection.close()

    somebody_else = threading.Thread(target=change_and_linger)
    somebody_else.start()
    assert changed.wait(5)
    yield
    somebody_else.join()


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("verb", ASKED)
def test_a_verb_moves_the_case_or_says_why_not(status, verb):
    case = brought_to(status)
    before = Entry.objects.filter(case=case).count()

    if (status, verb) in LEADS_TO:
        moved = do(case, verb)

        assert moved.status == LEADS_TO[status, verb]
        assert Entry.objects.filter(case=case).count() == before + 1
    else:
        with pytest.raises(
            NotAllowedNow,
            match=f"EX-{case.number} is .*; you cannot {PHRASES.get(verb, f'{verb} it')} now",
        ):
            do(case, verb)

        assert Entry.objects.filter(case=case).count() == before


@pytest.mark.parametrize("status", Status.values)
def test_the_steps_offered_are_those_that_work(status):
    case = brought_to(status)

    offered = {
        step.verb for step in steps.steps(case, SYSTEM) if step.allowed and step.verb in ASKED
    }

    assert offered == {verb for was, verb in LEADS_TO if was == status}


def test_the_status_cannot_be_assigned():
    case = open_case()

    with pytest.raises(AttributeError):
        case.status = Status.CLOSED


def test_a_stale_change_is_refused_with_what_changed():
    case = open_case()
    ana = somebody(first_name="Ana", last_name="Silva")
    do(case, "acknowledge", by=ana)

    with pytest.raises(Stale, match="Ana Silva acknowledged it since you looked"):
        do(case, "start", version=case.version)

    case.refresh_from_db()
    assert case.status == Status.ACKNOWLEDGED


def test_ones_own_change_is_not_somebody_elses():
    case, ana = open_case(), somebody(first_name="Ana", last_name="Silva")
    do(case, "acknowledge", by=ana)

    with pytest.raises(Stale, match=r"^You acknowledged it since you looked"):
        do(case, "start", by=ana, version=case.version)


def test_a_case_of_another_site_does_not_exist_for_me():
    case = open_case(site=SiteFactory(slug="north"))
    stranger = somebody(Role.LEAD, site=SiteFactory(slug="south"))

    with pytest.raises(NotFound):
        do(case, "acknowledge", by=stranger)


def test_a_viewer_sees_but_may_not_act():
    site = SiteFactory()
    case = open_case(site=site)

    with pytest.raises(NotPermitted, match="Your role does not let you acknowledge here"):
        do(case, "acknowledge", by=somebody(Role.VIEWER, site=site))


@pytest.mark.parametrize(
    ("verb", "empty"),
    [("wait", {"waiting_for": " "}), ("resolve", {"cause": ""}), ("dismiss", {"reason": ""})],
)
def test_a_reason_is_asked_for(verb, empty):
    case = open_case()

    with pytest.raises(Refused) as refusal:
        getattr(lifecycle, verb)(Seen(case.pk), by=SYSTEM, at=NOON, **empty)

    assert list(refusal.value.fields) == list(empty)


@pytest.mark.parametrize("until", [NOON - HOUR, NOON + timedelta(days=400)])
def test_waiting_until_the_past_or_for_years_is_refused(until):
    case = open_case()

    with pytest.raises(Refused) as refusal:
        lifecycle.wait(Seen(case.pk), by=SYSTEM, at=NOON, waiting_for="parts", until=until)

    assert "until" in refusal.value.fields


def test_resolving_stops_the_clock_and_reopening_goes_on():
    TargetFactory(kind="resolve", amount=60)
    case = open_case()
    case = do(case, "resolve", at=NOON + 30 * MINUTE)
    assert case.due_at is None

    case = do(case, "reopen", at=NOON + 2 * HOUR)

    assert case.due_at == NOON + 2 * HOUR + 30 * MINUTE
    assert not case.breached


@pytest.mark.parametrize("settle", ["resolve", "dismiss"])
@pytest.mark.parametrize(
    ("way", "status"),
    [
        ((), "acknowledged"),
        (("acknowledge",), "acknowledged"),
        (("start",), "in_progress"),
        (("wait",), "in_progress"),
    ],
)
def test_a_reopened_case_stands_where_it_stood_without_a_cause(way, status, settle):
    case = open_case()
    for verb in (*way, settle, "reopen"):
        case = do(case, verb)

    assert (case.status, case.cause, case.waiting_for) == (status, "", "")
    assert (case.acknowledged_at, case.resolved_at, case.closed_at) == (NOON + MINUTE, None, None)


def test_a_case_cannot_reopen_beside_its_successor():
    first = do(open_case(key="order:O-1:late"), "resolve")
    open_case(key="order:O-1:late", at=NOON + HOUR)

    with pytest.raises(NotAllowedNow, match="is open about the same thing"):
        do(first, "reopen", at=NOON + 2 * HOUR)


def test_a_case_cannot_reopen_beside_an_older_one_that_was_reopened():
    first = do(open_case(key="order:O-1:late"), "resolve")
    second = do(open_case(key="order:O-1:late", at=NOON + HOUR), "resolve", at=NOON + HOUR)
    do(first, "reopen", at=NOON + 2 * HOUR)

    with pytest.raises(NotAllowedNow, match=f"{first} is open about the same thing"):
        do(second, "reopen", at=NOON + 2 * HOUR)


@pytest.mark.django_db(transaction=True)
def test_of_two_that_reopen_at_once_the_later_is_told_of_the_other():
    first = do(open_case(key="order:O-1:late"), "resolve")
    second = do(open_case(key="order:O-1:late", at=NOON + HOUR), "resolve", at=NOON + HOUR)

    with (
        before_others_see(lambda: do(first, "reopen", at=NOON + 2 * HOUR)),
        pytest.raises(NotAllowedNow, match=f"{first} is open about the same thing"),
    ):
        do(second, "reopen", at=NOON + 2 * HOUR)


def test_who_waits_longer_than_said_is_resumed_then():
    case = open_case()
    until = NOON + HOUR
    lifecycle.wait(Seen(case.pk), by=SYSTEM, at=NOON, waiting_for="parts", until=until)

    clockwatch.tick(until + timedelta(minutes=5))

    case.refresh_from_db()
    last = Entry.objects.filter(case=case).latest("seq")
    assert (case.status, last.verb, last.at) == (Status.IN_PROGRESS, "case.resumed", until)


@pytest.mark.django_db(transaction=True)
def test_a_wait_begun_anew_is_not_ended_for_the_one_before():
    case, until = open_case(), NOON + HOUR
    lifecycle.wait(Seen(case.pk), by=SYSTEM, at=NOON, waiting_for="parts", until=until)

    def wait_anew():
        do(case, "resume", at=until)
        later = until + HOUR
        lifecycle.wait(Seen(case.pk), by=SYSTEM, at=until, waiting_for="paint", until=later)

    with before_others_see(wait_anew):
        clockwatch.tick(until + MINUTE)

    case.refresh_from_db()
    assert (case.status, case.waiting_for) == (Status.WAITING, "paint")
