"""A link in a mail acknowledges a case: without a sign-in, once, and only when somebody presses."""

import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from connectors.models import HookCall, SandboxRecord
from connectors.snapshot import links_of
from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.models import Attempt, Case, Delivery, Entry
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Status
from tests.connectors.conftest import claimed, owed, perform
from tests.factories import HOUR, NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def pressing(case, connect):
    owed(case, connect("smtp"), at=timezone.now())
    delivery = Delivery.objects.select_related("case").get()
    return {
        label: "/act/" + url.rpartition("/act/")[2] for label, url in links_of(delivery).items()
    }


def status():
    return Case.objects.get().status


def test_looking_changes_nothing(pressing):
    answers = [Client().get(pressing["Acknowledge"]) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert b"Acknowledge EX-" in answers[0].content
    assert status() == Status.NEW


def test_pressing_does_it(pressing):
    answer = Client(enforce_csrf_checks=True).post(pressing["Acknowledge"])

    assert answer.status_code == 200
    assert status() == Status.ACKNOWLEDGED
    assert Entry.objects.get(verb="case.acknowledged").actor_kind == "platform"


def test_it_is_good_once(pressing):
    Client().post(pressing["Resolve"])

    again = [getattr(Client(), how)(pressing["Resolve"]).status_code for how in ("get", "post")]

    assert again == [410, 410]
    assert HookCall.objects.count() == 1


def test_it_ends_after_two_weeks(pressing):
    with time_machine.travel(timezone.now() + 15 * 24 * HOUR, tick=False):
        answer = Client().post(pressing["Acknowledge"])

    assert answer.status_code == 410
    assert status() == Status.NEW


def test_nobody_makes_one_up(pressing):
    changed = pressing["Acknowledge"].replace("act/W", "act/X")

    assert Client().post(changed[:-3] + "AA/").status_code == 410
    assert Client().post("/act/nonsense/").status_code == 410


def test_what_cannot_be_done_any_more_is_said(pressing):
    Client().post(pressing["Resolve"])

    seen, answer = (getattr(Client(), how)(pressing["Acknowledge"]) for how in ("get", "post"))

    assert b"resolved already. There is nothing to acknowledge." in seen.content
    assert b"<button" not in seen.content
    assert answer.content == seen.content


def test_what_came_too_early_is_not_used_up(pressing):
    """The case may be opened again."""
    lifecycle.resolve(Seen(Case.objects.get().pk), by=SYSTEM, at=timezone.now(), cause="Found")
    Client().post(pressing["Resolve"])
    seen = Seen(Case.objects.get().pk)
    lifecycle.reopen(seen, by=SYSTEM, at=timezone.now(), reason="Not found")

    Client().post(pressing["Resolve"])

    assert status() == Status.RESOLVED


def test_what_is_acknowledged_is_only_to_be_resolved(pressing):
    lifecycle.acknowledge(Seen(Case.objects.get().pk), by=SYSTEM, at=timezone.now())

    created = Delivery.objects.select_related("case").get(operation="create")
    assert list(links_of(created)) == ["Resolve"]


@pytest.mark.parametrize("slug", ["smtp", "gmail", "outlook", "sendgrid"])
@time_machine.travel(NOON, tick=False)
def test_whoever_reads_the_log_cannot_press_them(case, connect, sandbox, slug):
    owed(case, connect(slug, sandbox=True))

    perform(claimed(NOON), at=NOON)

    kept, sent = Attempt.objects.get(), str(SandboxRecord.objects.get().data)
    assert kept.ok
    for url in links_of(kept.delivery).values():
        token = url.rstrip("/").rpartition("/")[2]
        assert token in sent or slug == "gmail"  # which has the whole mail in base64
        assert token not in kept.request
    assert re.search(r'(/act/|"raw": ")\[secret\]', kept.request)
    assert not re.search(r'"raw": "[^\[]', kept.request)
