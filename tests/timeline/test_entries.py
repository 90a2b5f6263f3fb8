"""The timeline: appended, numbered, chained, kept by the database, and announced."""

import psycopg
import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from exceptions_app.cases.lifecycle import Seen, resolve
from exceptions_app.people.access import SYSTEM
from exceptions_app.timeline.entries import (
    Break,
    New,
    now_seen,
    record,
    record_many,
    verify,
)
from exceptions_app.timeline.models import Entry
from tests.factories import NOON, SiteFactory, open_case

pytestmark = pytest.mark.django_db

REFUSALS = (InternalError, IntegrityError)


def test_entries_are_numbered_per_case():
    first, second = open_case(), open_case()

    record_many(
        New(case.pk, "case.commented", SYSTEM, NOON, {"text": "…"})
        for case in (first, second, first)
    )

    assert list(Entry.objects.filter(case=first).values_list("seq", flat=True)) == [1, 2, 3]
    assert list(Entry.objects.filter(case=second).values_list("seq", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries.update(verb="case.closed"),
        lambda entries: entries.delete(),
        lambda entries: entries.update(data={"text": "other"}),
    ],
)
def test_the_database_refuses_to_change_an_entry(change):
    case = open_case()

    with pytest.raises(REFUSALS, match="append-only"), transaction.atomic():
        change(Entry.objects.filter(case=case))

    assert verify() == []


def without_triggers(sql, *given):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE exceptions_app_entry DISABLE TRIGGER entry_kept")
        cursor.execute(sql, given)
        cursor.execute("ALTER TABLE exceptions_app_entry ENABLE TRIGGER entry_kept")


@pytest.mark.parametrize(
    ("sql", "seq", "reason"),
    [
        (
            'UPDATE exceptions_app_entry SET data = \'{"text": "x"}\' WHERE seq = 2',
            2,
            "its data were changed",
        ),
        ("UPDATE exceptions_app_entry SET actor_name = 'Eve' WHERE seq = 2", 2, "it was changed"),
        (
            "UPDATE exceptions_app_entry SET at = at + interval '1 second' WHERE seq = 3",
            3,
            "it was changed",
        ),
        ("DELETE FROM exceptions_app_entry WHERE seq = 2", 3, "an entry before it is missing"),
    ],
)
def test_tampering_behind_the_databases_back_shows(sql, seq, reason):
    case = open_case()
    for text in ("one", "two"):
        record(case.pk, "case.commented", by=SYSTEM, at=NOON, data={"text": text})

    without_triggers(sql)

    assert verify()[0] == Break(case.pk, seq, reason)
    assert verify(case.pk) != []


def test_an_end_that_is_missing_shows_if_the_case_changed_by_it():
    case = open_case()
    resolve(Seen(case.pk), by=SYSTEM, at=NOON, cause="carrier")

    without_triggers("DELETE FROM exceptions_app_entry WHERE verb = 'case.resolved'")

    missing = Break(case.pk, 2, "it is missing, though the case was changed by it")
    assert verify() == verify(case.pk) == [missing]


def test_what_is_written_after_a_mark_is_at_or_after_it():
    case = open_case()
    mark = now_seen()

    record(case.pk, "case.commented", by=SYSTEM, at=NOON, data={"text": "new"})

    assert Entry.objects.get(case=case, verb="case.commented").xact >= mark


@pytest.mark.django_db(transaction=True)
def test_committed_entries_are_announced_once_per_statement(database_url):
    site = SiteFactory()
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute("LISTEN desk")

        case = open_case(site=site)

        heard = [notice.payload for notice in listener.notifies(timeout=5, stop_after=1)]
    assert f'"c":[[{case.pk},{site.pk},null]]' in heard[0]
