"""Records and cases that have come apart are put right, by the same policy as what platforms say."""

import json
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.utils import timezone

from connectors import reconciling
from connectors.account import Account
from connectors.errors import Permanent
from connectors.models import HookCall, SandboxRecord
from connectors.registry import rate_of
from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.mirroring import drift
from exceptions_app.models import Case, Connection, Delivery, Link
from exceptions_app.outbox import gates
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Operation, Status
from tests.connectors.conftest import owed, perform_all
from tests.factories import open_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def zendesk(connect, sandbox):
    return connect("zendesk", sandbox=True)


@pytest.fixture
def record(case, zendesk):
    owed(case, zendesk, at=timezone.now())
    perform_all()
    return SandboxRecord.objects.get()


def stands_there(record, status):
    record.data["status"] = status
    record.save()


def test_what_agrees_is_left_alone(case, record):
    report = reconciling.reconcile()

    assert report == {
        "Zendesk": {"agreed": 1, "followed": 0, "told": 0, "conflicts": 0, "unread": 0}
    }
    assert Link.objects.get().checked_at


def test_what_they_changed_unheard_the_case_follows(case, record):
    stands_there(record, "solved")

    report = reconciling.reconcile()

    assert report["Zendesk"]["followed"] == 1
    assert Case.objects.get().status == Status.RESOLVED
    assert not Delivery.objects.filter(operation=Operation.CLOSE).exists()


def test_what_we_changed_unheard_they_are_told_again(case, record):
    lifecycle.resolve(Seen(case.pk), by=SYSTEM, at=timezone.now(), cause="other")
    Delivery.objects.filter(operation=Operation.CLOSE).delete()

    report = reconciling.reconcile()
    again = reconciling.reconcile()
    perform_all()
    record.refresh_from_db()

    assert (report["Zendesk"]["told"], again["Zendesk"]["told"]) == (1, 0)
    assert record.data["status"] == "solved"
    assert Delivery.objects.filter(operation=Operation.CLOSE).count() == 1


def test_what_cannot_be_settled_is_listed_once(zendesk):
    case = open_case(key="late:1", at=timezone.now() - timedelta(hours=1))
    owed(case, zendesk, at=timezone.now())
    perform_all()
    lifecycle.dismiss(Seen(case.pk), by=SYSTEM, at=timezone.now(), reason="No.")
    perform_all()
    Link.objects.update(status="dismissed")
    open_case(key="late:1", at=timezone.now())
    stands_there(SandboxRecord.objects.get(), "open")

    for _ in range(2):
        report = reconciling.reconcile()

    assert report["Zendesk"]["conflicts"] == 1
    assert HookCall.objects.get().state == HookCall.State.CONFLICT


def test_a_spent_budget_ends_the_pass(case, record, zendesk):
    while gates.admit(zendesk.pk, rate_of("zendesk"), at=timezone.now()):
        pass

    assert reconciling.reconcile() == {}


def test_deliveries_go_first(record, zendesk):
    """A worker that compares for minutes sends nothing meanwhile."""
    owed(open_case(at=timezone.now()), zendesk, at=timezone.now() - timedelta(seconds=5))

    assert reconciling.reconcile() == {}


def test_a_pass_ends_with_its_time(record):
    """Whoever takes a minute in a worker is killed by django-q2, and nobody hears what it did."""
    assert reconciling.reconcile(-1.0) == {}
    assert Link.objects.get().checked_at is None


def test_a_record_that_was_deleted_there_keeps_no_other_from_being_compared(record, zendesk):
    second = open_case(at=timezone.now())
    owed(second, zendesk, at=timezone.now())
    perform_all()
    record.delete()

    report = reconciling.reconcile()["Zendesk"]

    assert (report["agreed"], report["unread"]) == (1, 1)
    assert not Link.objects.filter(checked_at=None).exists()


def test_an_account_that_may_read_nothing_is_asked_three_times(record, zendesk, monkeypatch):
    for _ in range(4):
        owed(open_case(at=timezone.now()), zendesk, at=timezone.now())
    perform_all()
    asked = Mock(side_effect=Permanent("403"))
    monkeypatch.setattr(Account, "standing", asked)

    report = reconciling.reconcile()

    assert report["Zendesk"]["unread"] == 2
    assert asked.call_count == 3


def test_the_longest_unseen_come_first(record, zendesk):
    second = open_case(at=timezone.now())
    owed(second, zendesk, at=timezone.now())
    perform_all()
    Link.objects.filter(case=second).update(checked_at=timezone.now())

    first = drift.to_check(zendesk, at=timezone.now(), limit=1)[0]

    assert first.case_id != second.pk


def test_the_command_reports_for_machines(record, capsys):
    call_command("reconcile", "--json")

    assert json.loads(capsys.readouterr().out)["Zendesk"]["agreed"] == 1


def test_a_connection_that_is_switched_off_is_not_asked(record, sandbox):
    Connection.objects.update(enabled=False)

    assert reconciling.reconcile() == {}
