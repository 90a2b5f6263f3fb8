"""The demo's stories: signals that the desk understands, most promises kept, the rest broken in every way."""

from collections import Counter, defaultdict
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from config.stories.sources import Sources
from exceptions_app.demo.stories.catalogue import OVERTURE, PLOTS, plot_of, tell
from exceptions_app.detection.looking import look, next_look
from exceptions_app.detection.rules.catalogue import RULES
from exceptions_app.intake.learning import learn
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import SubjectKind
from tests.factories import HOUR, MINUTE, NOON

#: In which rule each plot that breaks ends.
SPEAKS = {
    ("deal", "late"): "deal.delivery_late",
    ("deal", "at_risk"): "deal.delivery_at_risk",
    ("order", "late"): "order.late",
    ("order", "quiet"): "order.scan_gap",
    ("appointment", "late"): "appointment.not_checked_in",
    ("appointment", "called_off"): "appointment.cancelled_by_customer",
    ("appointment", "moved"): "appointment.moved_late",
    ("appointment", "missed"): "appointment.no_show",
    ("appointment", "put_off"): "appointment.cancelled",
    ("payment", "failed"): "payment.failed",
    ("payment", "finance_declined"): "payment.finance_declined",
    ("payment", "finance_unanswered"): "payment.finance_unanswered",
}
#: Plots whose rule waits for what does not come.
SILENT = {"late", "quiet", "finance_unanswered"}
EVERY = pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: f"{plot.kind}-{plot.twist}")
PACES = pytest.mark.parametrize("pace", [1, 60])

#: The kinds that the demo tells stories about.
TOLD = {SubjectKind.ORDER, SubjectKind.DEAL, SubjectKind.APPOINTMENT, SubjectKind.PAYMENT}


def understood(sayings):
    signals = [parse(saying.item) for saying in sayings]
    assert [wrong for wrong in signals if not isinstance(wrong, NewSignal)] == []
    return signals


def spoken(heard):
    """The rules that speak about one subject, each with when it first did, as the desk would find it."""
    first = heard[0][1]
    facts = Facts(first.kind, first.reference)
    found: dict[str, Any] = {}
    looked: Any = None
    for moment, signal in heard:
        at = next_look(facts, looked) if looked else None
        while at is not None and at < moment:
            found = {finding.rule: at for finding in look(facts, at)} | found
            at = next_look(facts, at)
        facts, looked = learn(facts, signal), moment
        found = {finding.rule: at for finding in look(facts, moment) for at in [moment]} | found
    return found


def told_live(plot, seed, pace):
    """As a desk hears it: each signal when it is sent."""
    sayings = tell(plot, Random(seed), begins=NOON, number=str(seed), pace=pace)
    return [
        (saying.at, signal) for saying, signal in zip(sayings, understood(sayings), strict=True)
    ]


def told_later(plot, seed):
    """As history is replayed: each signal when what it says happened."""
    sayings = tell(plot, Random(seed), begins=NOON, number=str(seed))
    return sorted(
        ((signal.occurred_at, signal) for signal in understood(sayings)), key=lambda one: one[0]
    )


def test_every_plot_that_breaks_has_its_own_rule():
    breaking = {(plot.kind.value, plot.twist) for plot in PLOTS if plot.breaks}

    assert breaking == set(SPEAKS)
    assert len(set(SPEAKS.values())) == len(SPEAKS)
    assert set(SPEAKS.values()) <= {rule.slug for rule in RULES}


@EVERY
@PACES
def test_a_story_breaks_in_its_own_way_or_not_at_all(plot, pace):
    expected = {SPEAKS[plot.kind, plot.twist]} if plot.breaks else set()

    for seed in range(60):
        assert set(spoken(told_live(plot, seed, pace))) == expected


@EVERY
def test_the_same_story_told_as_history_breaks_the_same_way(plot):
    expected = {SPEAKS[plot.kind, plot.twist]} if plot.breaks else set()

    for seed in range(60):
        assert set(spoken(told_later(plot, seed))) == expected


@pytest.mark.parametrize(
    "plot", [p for p in PLOTS if p.breaks], ids=lambda p: f"{p.kind}-{p.twist}"
)
def test_a_story_breaks_within_two_minutes_of_the_demo(plot):
    for seed in range(60):
        for at in spoken(told_live(plot, seed, 60)).values():
            assert NOON <= at <= NOON + 2 * MINUTE


@pytest.mark.parametrize(
    "plot", [p for p in PLOTS if p.twist in SILENT], ids=lambda p: f"{p.kind}-{p.twist}"
)
def test_silence_breaks_a_promise_about_a_minute_after_it_begins(plot):
    for seed in range(60):
        for at in spoken(told_live(plot, seed, 60)).values():
            assert at >= NOON + timedelta(seconds=55)


def test_most_promises_are_kept_and_every_rule_speaks_now_and_then():
    rng = Random(4)
    plots = Counter(plot_of(rng) for _ in range(400))

    broken = sum(many for plot, many in plots.items() if plot.breaks)
    assert {plot for plot in PLOTS if plot.breaks} <= set(plots)
    assert 0.12 < broken / 400 < 0.28


def run_of(seed, began=NOON, length=2 * HOUR):
    """Everything that is said in a long run at the demo's pace."""
    sources, said, at = Sources(Random(seed), 60.0, began), [], began
    while at < began + length:
        due = sources.due(at)
        sources.said(len(due))
        said += [(at, item) for item in due]
        at += timedelta(seconds=1)
    return sources, said


def test_a_long_run_says_only_what_the_desk_understands_and_nothing_twice():
    sources, said = run_of(1)

    items = [item for _, item in said]
    names = [(item["source"], item["external_id"]) for item in items]
    assert [wrong for item in items if not isinstance(wrong := parse(item), NewSignal)] == []
    assert len(names) == len(set(names)) > 3000
    assert {item["type"].split(".")[0] for item in items} == TOLD
    assert all(item["occurred_at"] <= at.isoformat() for at, item in said)
    assert len(list(sources.left())) < 200


def test_a_new_case_comes_every_15_to_30_seconds():
    told = defaultdict(list)
    for at, item in run_of(2)[1]:
        told[item["subject"]["reference"]].append((at, parse(item)))

    broken = sum(1 for heard in told.values() if breaks(heard))
    assert 15 <= 2 * 3600 / broken <= 30


def breaks(heard):
    # Let the clock come up to now after the last word.
    return spoken(heard) or spoken([*heard, (heard[-1][0] + 3 * MINUTE, heard[-1][1])])


def test_the_first_minute_of_a_demo_has_something_of_everything():
    _, said = run_of(3, length=timedelta(seconds=61))

    assert {plot.kind for plot in OVERTURE} == TOLD
    assert len({item["subject"]["reference"] for _, item in said}) >= len(OVERTURE)


def test_the_same_seed_tells_the_same_stories():
    assert run_of(5, length=3 * MINUTE)[1] == run_of(5, length=3 * MINUTE)[1]


def test_a_run_that_begins_later_names_nothing_alike():
    references = [
        {item["subject"]["reference"] for _, item in run_of(6, began)[1]}
        for began in (NOON, NOON + 2 * HOUR)
    ]

    assert not references[0] & references[1]


def test_what_was_left_unsaid_is_said_by_the_next_run():
    sources, _ = run_of(7, length=MINUTE)
    left = list(sources.left())
    later = Sources(Random(8), 60.0, NOON + HOUR)
    later.remember(left)

    due = later.due(NOON + HOUR)

    assert len(left) > 10
    assert [saying.item for saying in sorted(left, key=lambda one: one.at)] == due[: len(left)]
