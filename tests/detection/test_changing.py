"""Changing the policy: tried before it holds, kept as a version, and every look it touches planned anew."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from config.management.commands import runclocks
from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.detection import changing, editing, effects, policy, replanning
from exceptions_app.detection.watch import look_again
from exceptions_app.errors import NotFound, NotPermitted, Refused, Stale
from exceptions_app.intake.accept import accept
from exceptions_app.models import CalendarVersion, Case, PolicyVersion, Replan, Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role, SubjectKind
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    CalendarFactory,
    SiteFactory,
    SourceFactory,
    somebody,
)
from tests.intake.stories import booked

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR
GAP = "order.scan_gap"
LATER = NOON + 30 * HOUR


@pytest.fixture(autouse=True)
def scheduler(db):
    return SourceFactory()


def shipped(number, **subject):
    """An order that was handed to the carrier at noon and can be tracked."""
    return booked(
        type="order.shipped",
        occurred_at=NOON.isoformat(),
        subject={"reference": f"O-{number}", "attributes": {"tracked": True}, **subject},
        milestones={},
    )


def orders(number, at=NOON):
    for start in range(0, number, 500):
        accept([shipped(n) for n in range(start, min(number, start + 500))], by=SYSTEM, at=at)


def gap_edit(silence="1 day", *, on=True, site=None):
    return editing.rule_edit(
        changing.document_now(), GAP, on=on, parameters={"silence": silence}, site_id=site
    )


def change(edit, *, by=SYSTEM, at=LATER, why="Slow carrier", seen=None):
    return changing.change(edit, why=why, by=by, at=at, seen=seen)


def test_looks_are_counted_in_the_hours_that_hold():
    """A lead without owner since Friday evening; Saturday is opened meanwhile."""
    site = SiteFactory(slug="south", calendar=CalendarFactory())
    SourceFactory(slug="crm", site=site)
    friday = NOON + 3 * DAY + 3 * HOUR + 45 * MINUTE  # 16:45 there
    lead = {"source": "crm", "type": "lead_task.created", "occurred_at": friday.isoformat()}
    accept([booked(**lead, subject={"reference": "L-1"}, milestones={})], by=SYSTEM, at=friday)
    version = CalendarVersion.objects.get()
    version.weekly["sat"] = [["09:00", "17:00"]]
    version.save()

    changing.hours_changed([site.pk], at=friday)
    replan_all(friday)

    look = Subject.objects.get().next_look_at
    assert look.date() == (friday + DAY).date()


def replan_all(at=LATER):
    while replanning.replan(at, limit=500):
        pass


def tried(edit, *, by=SYSTEM, at=LATER, limit=500):
    trial = effects.trial(edit)
    counted, rows = effects.begin(trial, by=by), list[effects.Affected]()
    while not counted.done:
        counted = effects.count_on(trial, counted, by=by, at=at, limit=limit)
        rows += counted.rows
    return counted, rows


# --- Versions ---


def test_a_change_is_kept_with_who_when_and_why():
    by = somebody(Role.MANAGER)

    version = change(gap_edit(), by=by, why="  The carrier scans daily now ")

    kept = PolicyVersion.objects.get()
    assert (kept.pk, kept.at, kept.actor_name) == (version.pk, LATER, by.name)
    assert (kept.why, kept.about, kept.site) == ("The carrier scans daily now", f"rule:{GAP}", None)
    assert kept.said == "order.scan_gap: silence 2 days → 1 day"


def test_a_change_without_a_reason_or_a_difference_is_refused():
    with pytest.raises(Refused, match="Say why"):
        change(gap_edit(), why=" ")
    with pytest.raises(Refused, match="Nothing differs"):
        change(gap_edit("2 days"))


def test_a_version_can_be_neither_changed_nor_removed():
    version = change(gap_edit())

    with pytest.raises(IntegrityError, match="stay as they are"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(why="Nothing")
    with pytest.raises(IntegrityError, match="stay as they are"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk)._raw_delete(using="default")


def test_an_older_version_can_be_brought_back():
    first = change(gap_edit("1 day"))
    change(gap_edit("3 hours"))

    edit = changing.restoring(first.pk, f"rule:{GAP}", None, by=SYSTEM)
    change(edit, why="Too noisy")

    assert changing.document_now() == first.document
    assert PolicyVersion.objects.count() == 3
    assert edit.said == f"order.scan_gap: as in version {first.pk} again"


def test_what_was_shipped_can_be_brought_back():
    change(gap_edit("1 day"))
    change(editing.threshold_edit(changing.document_now(), 50))

    change(changing.restoring(0, f"rule:{GAP}", None, by=SYSTEM), why="Too noisy")

    assert set(changing.document_now()) == {"threshold"}


def test_bringing_one_rule_back_leaves_the_others_as_they_are():
    first = change(gap_edit("1 day"))
    change(gap_edit("3 hours"))
    change(editing.threshold_edit(changing.document_now(), 20))

    change(changing.restoring(first.pk, f"rule:{GAP}", None, by=SYSTEM), why="Too noisy")

    assert policy.current().threshold == 20


def test_a_version_of_something_else_cannot_be_brought_back_here():
    version = change(gap_edit())

    with pytest.raises(NotFound):
        changing.restoring(version.pk, "threshold", None, by=SYSTEM)
    with pytest.raises(Refused, match="It is so already"):
        changing.restoring(version.pk, f"rule:{GAP}", None, by=SYSTEM)


def test_two_people_do_not_overwrite_each_other():
    first = change(gap_edit("1 day"))
    change(gap_edit("3 hours"), seen=first.pk)

    with pytest.raises(Stale, match=r"changed it since you looked: order\.scan_gap"):
        change(gap_edit("5 hours"), seen=first.pk)


def test_a_change_of_something_else_meanwhile_is_in_nobodys_way():
    edit = gap_edit("1 day")
    change(editing.threshold_edit(changing.document_now(), 20))

    change(edit, seen=0)

    assert policy.current().threshold == 20
    assert set(changing.document_now()) == {"threshold", f"rule:{GAP}"}


@pytest.mark.parametrize(
    ("role", "at_site", "edits_site", "allowed"),
    [
        (Role.MANAGER, False, False, True),
        (Role.ADMINISTRATOR, False, True, True),
        (Role.MANAGER, True, True, True),
        (Role.MANAGER, True, False, False),
        (Role.LEAD, False, False, False),
        (Role.VIEWER, False, False, False),
        (Role.INTEGRATOR, False, False, False),
    ],
)
def test_only_a_manager_of_all_the_sites_it_holds_at_changes_a_rule(
    role, at_site, edits_site, allowed
):
    north = SiteFactory(slug="north")
    by = somebody(role, site=north if at_site else None)
    edit = gap_edit(site=north.pk if edits_site else None)

    if allowed:
        assert change(edit, by=by).pk
    else:
        with pytest.raises(NotPermitted):
            change(edit, by=by)


# --- One query, and always the newest ---


def test_the_policy_takes_one_query_until_it_changes(django_assert_num_queries):
    policy.current()

    with django_assert_num_queries(1):
        policy.current()
    change(gap_edit())
    with django_assert_num_queries(3):
        policy.current()
    with django_assert_num_queries(1):
        assert policy.current().version > 0


def test_other_opening_hours_hold_without_a_new_version():
    site = SiteFactory(slug="parts", calendar=CalendarFactory(time_zone="UTC"))
    before = policy.current().hours_at(site.pk)

    site.calendar.versions.update(weekly={"mon": [["10:00", "12:00"]]})

    assert policy.current().hours_at(site.pk) != before


@pytest.mark.parametrize("number", [10, 300])
def test_a_batch_takes_as_many_queries_whatever_its_size(number, django_assert_max_num_queries):
    accept([shipped("first")], by=SYSTEM, at=NOON)

    with django_assert_max_num_queries(22):
        accept([shipped(n) for n in range(number)], by=SYSTEM, at=NOON)
    change(gap_edit())
    with django_assert_max_num_queries(12):
        replanning.replan(LATER, limit=1000)


# --- Before it holds ---


def test_what_a_change_would_open_is_what_then_opens():
    orders(12)
    edit = gap_edit("1 day")

    counted, rows = tried(edit, limit=5)
    assert (counted.total, counted.looked, counted.opens, Case.objects.count()) == (12, 12, 12, 0)
    assert {row.reference for row in rows if row.what == "opens"} == {f"O-{n}" for n in range(12)}

    change(edit)
    replan_all()
    looked, raised = look_again(LATER)

    assert (looked, len(raised), Case.objects.filter(rule=GAP).count()) == (12, 12, 12)


def test_trying_a_change_writes_and_locks_nothing(django_assert_num_queries):
    orders(3)
    trial = effects.trial(gap_edit("1 day"))

    with django_assert_num_queries(4) as asked:
        effects.count_on(trial, effects.Effects(total=3), by=SYSTEM, at=LATER)

    assert all(one["sql"].lstrip().startswith("SELECT") for one in asked.captured_queries)
    assert not any("FOR UPDATE" in one["sql"] for one in asked.captured_queries)


def test_a_case_that_is_open_already_would_not_open_again():
    orders(2)
    look_again(NOON + 2 * DAY)
    assert Case.objects.count() == 2

    counted, rows = tried(gap_edit("1 day"), at=NOON + 2 * DAY)

    assert (counted.opens, rows) == (0, [])


def test_a_case_that_nothing_would_support_is_named_and_stays():
    orders(1)
    look_again(NOON + 2 * DAY)

    counted, rows = tried(gap_edit(on=False), at=NOON + 2 * DAY)
    change(gap_edit(on=False), at=NOON + 2 * DAY)
    replan_all(NOON + 2 * DAY)

    assert (counted.ceases, [row.what for row in rows]) == (1, ["ceases"])
    assert Case.objects.get().is_open


def resolved_at(at):
    case = Case.objects.get()
    lifecycle.resolve(Seen(case.pk), by=SYSTEM, at=at, cause="carrier")
    return case


@pytest.mark.parametrize("settled", [True, False])
def test_a_less_strict_rule_tells_no_case_the_same_again(settled):
    orders(1)
    found_at = NOON + 2 * DAY
    look_again(found_at)
    if settled:
        resolved_at(found_at)
    looser, later = gap_edit("3 days"), NOON + 3 * DAY + HOUR

    counted, rows = tried(looser, at=later)
    change(looser, at=found_at + HOUR)
    replan_all(found_at + HOUR)
    looked, raised = look_again(later)

    assert (counted.opens, counted.reopens, rows) == (0, 0, [])
    assert (looked, [one.became for one in raised]) == (1, ["known"])
    assert (Case.objects.get().repeats, Case.objects.get().is_open) == (0, not settled)


def test_after_a_less_strict_rule_something_new_reopens_and_the_preview_says_so():
    orders(1)
    look_again(NOON + 2 * DAY)
    resolved_at(NOON + 2 * DAY)
    off, later = gap_edit(on=False), NOON + 4 * DAY
    change(off, at=NOON + 2 * DAY)
    scanned = booked(
        type="order.scanned",
        occurred_at=(NOON + 2 * DAY).isoformat(),
        subject={"reference": "O-0"},
        milestones={},
    )
    accept([scanned], by=SYSTEM, at=NOON + 2 * DAY)
    on_again = gap_edit("1 day")

    counted, rows = tried(on_again, at=later)
    change(on_again, at=later)
    replan_all(later)
    look_again(later)

    assert (counted.opens, counted.reopens, [row.what for row in rows]) == (0, 1, ["reopens"])
    assert Case.objects.get().is_open


def test_only_open_subjects_that_somebody_watches_are_counted():
    orders(3)
    Subject.objects.filter(reference="O-0").update(ended_at=NOON)
    Subject.objects.filter(reference="O-1").update(imported=True)

    counted, _ = tried(gap_edit("1 day"))

    assert (counted.total, counted.looked, counted.opens) == (1, 1, 1)


def test_a_change_at_one_site_touches_only_its_subjects():
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    accept([shipped(1, site="north"), shipped(2, site="south")], by=SYSTEM, at=NOON)

    counted, rows = tried(gap_edit("1 day", site=south.pk))
    change(gap_edit("1 day", site=south.pk))
    replan_all()
    look_again(LATER)

    assert (counted.total, [row.reference for row in rows]) == (1, ["O-2"])
    assert Case.objects.get().site == south
    assert Replan.objects.get().site == south != north


# --- Looks are planned anew ---


def test_a_shorter_silence_brings_the_next_look_forward_and_a_longer_one_puts_it_off():
    orders(1)
    assert Subject.objects.get().next_look_at == NOON + 2 * DAY

    change(gap_edit("1 day"), at=NOON + HOUR)
    replan_all(NOON + HOUR)
    assert Subject.objects.get().next_look_at == NOON + DAY

    change(gap_edit("5 days"), at=NOON + HOUR)
    replan_all(NOON + HOUR)
    assert Subject.objects.get().next_look_at == NOON + 5 * DAY


def test_a_journey_that_is_changed_plans_the_looks_of_its_kind():
    visit = booked(type="appointment.dispatched", occurred_at=NOON.isoformat(), milestones={})
    accept([visit], by=SYSTEM, at=NOON)
    assert Subject.objects.get().next_look_at == NOON + 2 * HOUR + 15 * MINUTE

    edit = editing.journey_edit(
        {},
        SubjectKind.APPOINTMENT,
        {"steps": {"checked_in": {"after": "dispatched", "within": "1 elapsed hour"}}},
    )
    change(edit, at=NOON)
    replan_all(NOON)

    assert Subject.objects.get().next_look_at == NOON + HOUR + 15 * MINUTE
    assert Subject.objects.get().milestones.get(name="dispatched").expected_at is None
    assert not Subject.objects.get().milestones.filter(name="checked_in").exists()


def test_a_large_desk_is_planned_in_batches():
    orders(1001)
    change(gap_edit("5 days"))

    batches = []
    while planned := replanning.replan(LATER, limit=400):
        batches.append(planned)

    assert batches == [400, 400, 201]
    assert (Replan.objects.get().looked, Replan.objects.get().moved) == (1001, 1001)
    assert set(Subject.objects.values_list("next_look_at")) == {(NOON + 5 * DAY,)}


def test_the_clock_plans_anew_and_finds_what_holds_by_then():
    orders(3)
    change(gap_edit("1 day"))

    runclocks.turn(LATER)

    assert Case.objects.filter(rule=GAP).count() == 3
    assert not Replan.objects.filter(done_at=None).exists()


def test_a_newer_change_takes_over_what_an_older_one_still_had_to_plan():
    orders(2)
    change(gap_edit("5 days"))
    change(gap_edit("1 day"))

    replan_all()

    assert Replan.objects.filter(done_at=None).count() == 0
    assert sorted(Replan.objects.values_list("looked", flat=True)) == [0, 2]


class Worker(threading.Thread):
    """Somebody else with a connection of their own."""

    def __init__(self, work):
        super().__init__()
        self.work, self.gave = work, None
        self.start()

    def run(self):
        try:
            self.gave = self.work()
        finally:
            connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_change_while_a_batch_runs_waits_for_it_and_is_not_lost():
    orders(1)
    read, go_on = threading.Event(), threading.Event()

    @transaction.atomic
    def batch():
        held = policy.held()
        read.set()
        go_on.wait(5)
        Subject.objects.update(next_look_at=NOON + 2 * DAY)
        return held.version

    running = Worker(batch)
    read.wait(5)
    altering = Worker(lambda: change(gap_edit("5 days")))
    altering.join(0.3)
    waited = altering.is_alive()
    go_on.set()
    running.join()
    altering.join()
    replan_all()

    assert (running.gave, waited) == (0, True)
    assert Subject.objects.get().next_look_at == NOON + 5 * DAY


@pytest.mark.django_db(transaction=True)
def test_two_clocks_plan_no_batch_twice():
    orders(20)
    change(gap_edit("5 days"))

    with transaction.atomic():
        planned = replanning.replan(LATER, limit=5)
        other = Worker(lambda: replanning.replan(LATER, limit=5))
        other.join()

    assert (planned, other.gave) == (5, 0)
