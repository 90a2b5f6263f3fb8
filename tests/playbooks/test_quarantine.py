"""A source in quarantine: its cases open, and nothing goes outside until somebody lets it out."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection

from exceptions_app.cases import lifecycle, opening, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.detection import raising
from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, Delivery, Source, Withheld
from exceptions_app.people.access import SYSTEM
from exceptions_app.playbooks import quarantine
from exceptions_app.vocabulary import Doubt, Fate, Operation, Role, Severity
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    ConnectionFactory,
    PlaybookFactory,
    SiteFactory,
    SourceFactory,
    somebody,
)
from tests.intake.stories import about

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scheduler(db):
    PlaybookFactory(connection=ConnectionFactory(name="Zendesk"))
    PlaybookFactory(connection=ConnectionFactory(name="Slack"), moment="case.severity_raised")
    return SourceFactory(quarantined_at=NOON - HOUR, doubt=Doubt.NEW)


def missed(*numbers, at=NOON):
    accept([about(f"J-{n}", "no_show", at) for n in numbers], by=SYSTEM, at=at)
    return list(Case.objects.filter(reference__in=[f"J-{n}" for n in numbers]).order_by("pk"))


def withheld():
    return sorted(Withheld.objects.values_list("case__reference", "connection__name", "operation"))


def released(send, **more):
    source = Source.objects.get(slug="scheduler")
    return quarantine.release(source.pk, send=send, by=SYSTEM, at=NOON + HOUR, **more)


def test_its_cases_open_and_nothing_goes_out(scheduler):
    (case,) = missed(1)

    assert (case.is_open, case.quarantine) == (True, scheduler)
    assert not Delivery.objects.exists()
    assert withheld() == [("J-1", "Zendesk", "create")]
    assert quarantine.counts([scheduler.pk]) == {scheduler.pk: 1}


def test_what_is_done_with_them_stays_inside_too():
    (case,) = missed(1)

    lifecycle.acknowledge(Seen(case.pk), by=SYSTEM, at=NOON)
    triage.change_severity(Seen(case.pk), by=SYSTEM, at=NOON, severity=Severity.CRITICAL)
    triage.comment(Seen(case.pk), by=SYSTEM, at=NOON, text="Called", shared=True)

    assert not Delivery.objects.exists()
    told = [(name, operation) for _, name, operation in withheld()]
    assert ("Zendesk", "update") in told
    assert ("Zendesk", "comment") in told
    assert ("Slack", "create") in told


def test_a_case_of_another_source_goes_out_as_ever():
    SourceFactory(slug="shop")
    accept([about("J-9", "no_show", NOON, source="shop")], by=SYSTEM, at=NOON)

    assert Delivery.objects.get().case.reference == "J-9"


def test_a_case_rests_on_the_word_of_who_said_it_though_another_spoke_since(scheduler):
    """The shop spoke of it an hour ago; the scheduler, in quarantine, tells of three days ago."""
    SourceFactory(slug="shop")
    accept([about("J-1", "booked", NOON - HOUR, source="shop")], by=SYSTEM, at=NOON - HOUR)
    accept([about("J-1", "no_show", NOON - 72 * HOUR)], by=SYSTEM, at=NOON)

    assert Case.objects.get().quarantine == scheduler
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_case_that_is_opened_while_its_source_is_released_is_released_with_it(monkeypatch):
    """The release waits for who knows the source as doubtful still."""
    opened, found = opening.open_cases, []

    def let_out():
        try:
            found.append(released(send=True))
        finally:
            connection.close()

    releasing = Thread(target=let_out)

    def slow(openings, *, at):
        releasing.start()
        releasing.join(0.5)
        return opened(openings, at=at)

    monkeypatch.setattr(raising, "open_cases", slow)
    missed(1)
    releasing.join()

    assert [done.cases for done in found] == [1]
    assert Case.objects.get().quarantine is None
    assert Delivery.objects.exists()


def test_released_to_be_sent_each_open_case_is_told_of_as_it_stands():
    kept, settled = missed(1, 2)
    lifecycle.acknowledge(Seen(kept.pk), by=SYSTEM, at=NOON)
    triage.comment(Seen(kept.pk), by=SYSTEM, at=NOON, text="Called", shared=True)
    lifecycle.resolve(Seen(settled.pk), by=SYSTEM, at=NOON, cause="customer")

    done = released(send=True)

    sent = Delivery.objects.order_by("position").values_list("case__reference", "operation")
    assert list(sent) == [("J-1", Operation.CREATE), ("J-1", Operation.COMMENT)]
    assert (done.cases, done.sent, done.discarded) == (2, 2, 3)
    fates = set(Withheld.objects.values_list("case__reference", "operation", "fate"))
    assert ("J-1", "update", Fate.DISCARDED) in fates
    assert ("J-2", "create", Fate.DISCARDED) in fates
    assert not Case.objects.exclude(quarantine=None).exists()


def test_released_and_discarded_nobody_is_told_of_what_was():
    (case,) = missed(1)

    done = released(send=False)

    assert (done.sent, done.discarded) == (0, 1)
    assert not Delivery.objects.exists()
    assert case.entries.filter(verb="case.kept_quiet").count() == 1


def test_after_a_release_it_is_believed():
    missed(1)
    released(send=False)

    missed(2, at=NOON + 2 * HOUR)

    assert Delivery.objects.get().case.reference == "J-2"
    with pytest.raises(NotAllowedNow):
        released(send=True)


def test_one_that_tells_of_long_ago_may_do_so_once_somebody_looked():
    Source.objects.update(quarantined_at=None, doubt="")
    old = NOON - timedelta(days=3)
    batch = [about(f"J-{n}", "no_show", old) for n in range(6)]
    accept(batch, by=SYSTEM, at=NOON)
    assert not Delivery.objects.exists()
    released(send=False)

    accept([about(f"K-{n}", "no_show", old) for n in range(6)], by=SYSTEM, at=NOON + HOUR)

    assert Source.objects.get().quarantined_at is None
    assert Delivery.objects.count() == 6


def test_managers_of_its_site_let_it_out(scheduler):
    with pytest.raises(NotPermitted):
        quarantine.release(
            scheduler.pk, send=True, by=somebody(Role.LEAD, site=scheduler.site), at=NOON
        )
    south = somebody(Role.MANAGER, site=SiteFactory(slug="south"))
    with pytest.raises(NotFound):
        quarantine.release(scheduler.pk, send=True, by=south, at=NOON)

    manager = somebody(Role.MANAGER, site=scheduler.site)
    quarantine.release(scheduler.pk, send=True, by=manager, at=NOON)

    assert Source.objects.get().quarantined_at is None


def test_a_release_costs_the_same_for_many(django_assert_max_num_queries):
    missed(*range(9))
    missed(*range(100, 300), at=NOON + MINUTE)

    with django_assert_max_num_queries(22):
        released(send=True)

    assert Delivery.objects.filter(operation=Operation.CREATE).count() == 209
