"""What a change to a case makes us owe outside."""

import pytest

from exceptions_app.cases import clockwatch, lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.models import Connection, Delivery
from exceptions_app.outbox import queue
from exceptions_app.people.access import SYSTEM, by_platform
from exceptions_app.vocabulary import Moment, Operation, Severity
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    ConnectionFactory,
    PlaybookFactory,
    SiteFactory,
    TargetFactory,
    open_case,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def owed(case):
    return list(
        Delivery.objects.filter(case=case).order_by("position").values_list("operation", flat=True)
    )


def test_opening_owes_a_record_in_the_same_transaction():
    playbook = PlaybookFactory()

    case = open_case()

    delivery = Delivery.objects.get(case=case)
    assert (delivery.operation, delivery.connection, delivery.owed_at) == (
        "create",
        playbook.connection,
        NOON,
    )


@pytest.mark.parametrize(
    ("conditions", "pushed"),
    [
        ([], True),
        ([{"field": "severity", "is": ["critical", "high"]}], True),
        ([{"field": "severity", "is": "low"}], False),
        ([{"field": "site", "is": "north"}, {"field": "exception_type", "is": ["no_show"]}], False),
    ],
)
def test_every_condition_must_hold(conditions, pushed):
    PlaybookFactory(conditions=conditions)

    assert bool(owed(open_case(severity=Severity.HIGH))) is pushed


def test_a_connection_of_another_site_is_left_alone():
    PlaybookFactory(connection=ConnectionFactory(site=SiteFactory(slug="south")))

    assert owed(open_case(site=SiteFactory(slug="north"))) == []


def test_what_is_switched_off_pushes_nothing():
    PlaybookFactory(enabled=False)

    assert owed(open_case()) == []


def test_what_happens_while_a_connection_is_switched_off_waits_for_it():
    playbook = PlaybookFactory(connection__enabled=False)
    case = open_case()

    assert owed(case) == [Operation.CREATE]
    assert queue.claim(at=NOON + HOUR) == []
    Connection.objects.filter(pk=playbook.connection_id).update(enabled=True)
    assert [one.case_id for one in queue.claim(at=NOON + HOUR)] == [case.pk]


def test_linked_records_hear_of_every_change_in_order():
    PlaybookFactory()
    case = open_case()
    for verb, args in [
        ("acknowledge", {}),
        ("resolve", {"cause": "carrier"}),
        ("reopen", {"reason": "again"}),
    ]:
        getattr(lifecycle, verb)(Seen(case.pk), by=SYSTEM, at=NOON + MINUTE, **args)

    assert owed(case) == ["create", "update", "close", "reopen"]


def test_only_shared_comments_leave_the_desk():
    PlaybookFactory()
    case = open_case()

    triage.comment(Seen(case.pk), by=SYSTEM, at=NOON, text="Between us")
    triage.comment(Seen(case.pk), by=SYSTEM, at=NOON, text="For all", shared=True)

    assert owed(case) == ["create", "comment"]
    assert Delivery.objects.get(operation="comment").text == "Flagstand wrote: For all"


def test_nothing_is_echoed_to_where_it_came_from():
    playbook, other = PlaybookFactory(), PlaybookFactory()
    case = open_case()
    them = by_platform(playbook.connection_id, "Zendesk")

    lifecycle.resolve(Seen(case.pk), by=them, at=NOON + MINUTE, cause="carrier")

    closed = Delivery.objects.get(case=case, operation="close")
    assert closed.connection == other.connection


@pytest.mark.parametrize("moment", [Moment.BREACHED, Moment.SEVERITY_RAISED, Moment.RESOLVED])
def test_each_moment_pushes_once(moment):
    TargetFactory(amount=60)
    PlaybookFactory(moment=moment)
    case = open_case(severity=Severity.MEDIUM)
    assert owed(case) == []

    triage.change_severity(Seen(case.pk), by=SYSTEM, at=NOON + MINUTE, severity=Severity.HIGH)
    clockwatch.tick(NOON + 2 * HOUR)
    lifecycle.resolve(Seen(case.pk), by=SYSTEM, at=NOON + 3 * HOUR, cause="carrier")

    assert owed(case).count("create") == 1


def test_two_playbooks_to_one_connection_make_one_record():
    connection = ConnectionFactory()
    PlaybookFactory.create_batch(2, connection=connection)

    assert owed(open_case()) == ["create"]


def test_nothing_is_owed_for_imported_history():
    PlaybookFactory()

    assert owed(open_case(imported=True)) == []
