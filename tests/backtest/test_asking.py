"""Backtests in the interface: asked, run by a worker, chosen from, switched on; then the rule foresees."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.db.models import F

from exceptions_app import leases
from exceptions_app.backtest import asking, refitting
from exceptions_app.backtest.asking import Question, ask
from exceptions_app.backtest.choosing import for_capacity
from exceptions_app.backtest.history import from_stored
from exceptions_app.detection import policy
from exceptions_app.detection.editing import rule_edit
from exceptions_app.detection.replanning import replan
from exceptions_app.detection.watch import look_again
from exceptions_app.errors import NotPermitted
from exceptions_app.intake.accept import accept
from exceptions_app.models import Backtest, Case, RiskModel, Site, Subject
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.vocabulary import BacktestState, Role, SubjectKind
from tests.backtest.telling import DAY, ORDERS, order, run, switched_on
from tests.factories import HOUR, NOON, SiteFactory, UserFactory

pytestmark = pytest.mark.django_db


def manager(site):
    return person(UserFactory(role=Role.ADMINISTRATOR, role__site=None))


def test_a_worker_runs_it_over_what_is_stored(history):
    found = run(history)

    assert (found.state, found.problem, found.share) == (BacktestState.DONE, "", 1.0)
    assert (found.report["subjects"], found.report["missed"]) == (ORDERS, ORDERS // 8)
    assert found.report["recall"] == 1.0
    learned = RiskModel.objects.get()
    assert found.learned == learned
    assert learned.promises == ORDERS
    assert set(learned.thresholds) == {f"ahead {days}" for days in (10, 7, 5, 4, 3, 2, 1)}
    assert not asking.work(now=lambda: NOON)


def test_it_says_from_how_many_promises_it_learned_not_how_many_were_judged(history):
    found = run(history, start=NOON.date() - 30 * DAY)

    assert found.report["subjects"] < ORDERS // 4
    assert found.learned.promises == ORDERS


def test_a_changed_rule_is_tried_beside_the_one_that_holds(history):
    off = rule_edit({}, "order.late", on=False, parameters={})

    report = run(history, edit=off).report

    assert "order.late" in report["current"]["policy"]["by_rule"]
    assert "order.late" not in report["policy"]["by_rule"]


def test_the_strictest_threshold_that_finds_as_many_is_chosen():
    """What a lower one finds sooner is paid with wrong alerts, so it is only offered beside it."""
    figures = ((30, 1.0, 9.0), (40, 0.998, 5.0), (50, 0.9, 3.0), (60, 0.5, 1.0), (65, None, 0.0))
    offered = [
        {"least": least, "recall": recall, "cases_a_day": a_day} for least, recall, a_day in figures
    ]

    def chosen(a_day):
        return [one["least"] for one in for_capacity(offered, a_day)]

    assert (chosen(10), chosen(5), chosen(3), chosen(0.5)) == ([40, 30], [40], [50], [65])
    assert chosen(-1) == []


def test_without_history_it_says_so(site):
    found = run(site)

    assert (found.state, found.problem) == (
        BacktestState.FAILED,
        f"No orders of {site} yet, so there is nothing to judge.",
    )


def test_one_that_is_cancelled_is_not_written_over(history):
    found = ask(Question(history, SubjectKind.ORDER), by=SYSTEM, at=NOON)
    ours = asking.claim(NOON)
    assert ours
    asking.cancel(found.pk, by=manager(history), at=NOON)

    with pytest.raises(leases.TakenOver):
        asking.Work(ours, lambda: NOON).note(1, 2, NOON)
    asking.end(ours, BacktestState.DONE, at=NOON)

    found.refresh_from_db()
    assert found.state == BacktestState.CANCELLED


def test_what_a_dead_worker_left_is_taken_up_and_it_can_write_no_more(history):
    found = ask(Question(history, SubjectKind.ORDER), by=SYSTEM, at=NOON)
    dead = asking.claim(NOON)
    assert dead
    assert not asking.waiting(NOON + HOUR / 120)

    assert asking.work(now=lambda: NOON + HOUR)
    asking.end(dead, BacktestState.FAILED, at=NOON, problem="late")

    found.refresh_from_db()
    assert (found.state, found.problem) == (BacktestState.DONE, "")


def test_one_that_breaks_lets_others_run_and_is_given_up(history, monkeypatch):
    """As one whose worker is killed each time."""
    bad = ask(Question(history, SubjectKind.ORDER), by=SYSTEM, at=NOON)
    good = ask(Question(history, SubjectKind.ORDER), by=SYSTEM, at=NOON + HOUR)

    class Killed(BaseException):
        pass

    def report(work):
        if work.of.pk == bad.pk:
            raise Killed
        return {}

    monkeypatch.setattr(asking.Work, "report", report)
    ran = []
    for hours in range(2, 2 + leases.TRIES + 2):
        now = partial(datetime.__add__, NOON, hours * HOUR)
        with suppress(Killed):
            ran.append(asking.work(now=now))
            good.refresh_from_db()
            assert good.state == BacktestState.DONE

    bad.refresh_from_db()
    assert ran == [True, False]
    assert (bad.state, bad.problem) == (BacktestState.FAILED, leases.GIVEN_UP)


def test_it_says_that_it_lives_while_it_loads(history, monkeypatch):
    found = ask(Question(history, SubjectKind.ORDER), by=SYSTEM, at=NOON)
    ours = asking.claim(NOON)
    assert ours
    Backtest.objects.update(leased_until=NOON)

    from_stored(history, SubjectKind.ORDER, loading=asking.Work(ours, lambda: NOON + HOUR).alive)

    found.refresh_from_db()
    assert found.leased_until == NOON + HOUR + leases.LEASE


@pytest.mark.parametrize(
    ("most", "start", "heard"),
    [
        (50_000, None, 60),  # thirty days of two orders a day, and the newest of all
        (50_000, NOON.date() - 60 * DAY, 140),
        (20, None, 20),
    ],
)
def test_it_hears_the_last_stretch_only(history, monkeypatch, most, start, heard):
    monkeypatch.setattr(asking, "STRETCH", 30 * DAY)
    monkeypatch.setattr(asking, "MOST_SUBJECTS", most)
    of = ask(Question(history, SubjectKind.ORDER, start=start), by=SYSTEM, at=NOON)

    found = from_stored(history, SubjectKind.ORDER, since=asking.begin_of(of))

    assert abs(len({one.reference for _, one in found.signals}) - heard) <= 1


def test_staff_may_not_ask(site):
    staff = person(UserFactory(role=Role.STAFF, role__site=site))

    with pytest.raises(NotPermitted):
        ask(Question(site, SubjectKind.ORDER), by=staff, at=NOON)


def said_now(site, number, *, slow, days):
    """A new order, as far as it has come by now."""
    placed = NOON - days * DAY
    items = [item for at, item in order(number, placed, slow=slow) if at <= NOON]
    accept(items, by=SYSTEM, at=NOON)


@pytest.mark.parametrize(("slow", "opens"), [(True, True), (False, False)])
def test_switched_on_it_foresees_from_the_lane_what_will_be_late(history, slow, opens):
    switched_on(history, run(history))

    said_now(history, 9001, slow=slow, days=3)
    look_again(NOON + 6 * DAY)

    foreseen = Case.objects.filter(rule="order.predicted_late", imported=False)
    assert foreseen.exists() is opens
    if opens:
        case = foreseen.get()
        assert case.evidence["chance"] >= 0.6
        assert case.evidence["alerts_from"] == "a chance of at least 60%"
        assert case.evidence["adopted_by"] == "Flagstand"
        assert "of those that stood alike" in case.evidence["reason"]
        assert "will probably be late" in case.title


def test_what_is_learned_anew_has_looks_planned_anew(history):
    """Without a model it waits for the promise; with it the slow lane is looked at before."""
    switched_on(history)
    said_now(history, 9001, slow=True, days=0)
    waiting = Subject.objects.filter(reference="O-9001", next_look_at__gte=F("promised_at"))
    assert waiting.exists()

    refitting.refit(at=NOON)
    asking.work(now=lambda: NOON)
    while replan(NOON):
        pass

    assert not waiting.exists()


def test_off_or_without_a_model_it_holds_never(history):
    said_now(history, 9001, slow=True, days=8)
    switched_on(history)

    assert policy.current().rules_of(SubjectKind.ORDER, history.pk)
    assert not Case.objects.filter(rule="order.predicted_late").exists()


def test_what_was_learned_of_a_history_does_not_judge_that_same_history(history):
    before = run(history)
    switched_on(history, before)

    after = run(history)

    assert after.report["output_hash"] == before.report["output_hash"]


def test_what_comes_true_is_the_same_case(history):
    switched_on(history, run(history))
    said_now(history, 9001, slow=True, days=3)
    look_again(NOON + 6 * DAY)

    look_again(NOON + 8 * DAY)

    (case,) = Case.objects.filter(reference="O-9001")
    assert (case.rule, case.repeats) == ("order.late", 1)


def test_where_it_is_on_it_learns_anew_and_elsewhere_not(history):
    SiteFactory(slug="other")
    assert refitting.refit(at=NOON) == 0
    switched_on(history)

    assert (refitting.refit(at=NOON), refitting.refit(at=NOON)) == (1, 0)
    assert Backtest.objects.filter(state=BacktestState.WAITING).get().site == history


@pytest.fixture
def maria(client, site):
    user = UserFactory(role=Role.ADMINISTRATOR, role__site=None)
    client.force_login(user)
    return user


def test_it_is_asked_watched_and_read_in_the_browser(client, maria, history):
    with time_machine.travel(NOON, tick=False):
        asked = {"site": "web", "kind": "order", "start": "2025-12-01", "model": "plain"}
        there = client.post("/backtests/", asked).url
        assert "Waiting for a worker" in client.get(there).content.decode()
        asking.work(now=lambda: NOON + timedelta(seconds=1))

        page = client.get(f"{there}?capacity=1000").content.decode()

    assert "How much can you work?" in page
    assert "Calibration" in page
    switch = "/rules/order.predicted_late/?site=web&amp;on=on&amp;try=1&amp;backtest="
    backtest = there.split("/")[2]
    assert re.search(re.escape(f"{switch}{backtest}&amp;set_least=") + r"\d\d", page)
    assert client.get(f"{there}progress/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_rule_is_tried_with_what_was_filled_in(client, maria, history):
    carried = client.get("/backtests/?rule=order.late&kind=order&on=off&set_grace=2+h").content
    answer = client.post(
        "/backtests/",
        {
            "site": "web",
            "kind": "order",
            "model": "plain",
            "rule": "order.late",
            "on": "off",
            "set_grace": "2 h",
            "set_counts_from": "promise",
        },
    )

    assert b'name="set_grace" value="2 h"' in carried
    assert answer.status_code == 302
    assert "switched off" in Backtest.objects.get().said


def test_what_is_wrong_is_said_beside_it(client, maria, site):
    answer = client.post("/backtests/", {"site": "web", "kind": "order", "start": "soon"})

    assert answer.status_code == 422
    assert not Backtest.objects.exists()
    assert Site.objects.filter(slug="web").exists()
