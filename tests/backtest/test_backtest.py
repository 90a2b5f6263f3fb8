"""Backtests decide on what was known: what comes later, or is planted, changes nothing that came before."""

import csv
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from exceptions_app.backtest.deciding import Alert, Score
from exceptions_app.backtest.history import from_stored, of
from exceptions_app.backtest.measures import Judged, calibration, of_alerts, precision_at_recall
from exceptions_app.backtest.running import run
from exceptions_app.detection.policy import SHIPPED
from exceptions_app.detection.risk.shapes import AGE
from exceptions_app.errors import Refused
from exceptions_app.intake.accept import accept
from exceptions_app.intake.mappings import shipped
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import SubjectKind
from tests.factories import SiteFactory, SourceFactory

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
DAY = timedelta(days=1)
LOOK = ("ahead", 3)


def orders(count=120, *, source="shop"):
    """One and a half a day; one in five is handed over late, and then mostly comes late."""
    dice = random.Random(3)
    for number in range(count):
        placed = START + number * DAY / 1.5
        shipped = placed + dice.choice((1, 1, 2, 2, 8)) * DAY
        times = {"shipped": shipped, "delivered": shipped + dice.uniform(1, 5) * DAY}
        reference = f"A-{number}"
        first = {"promise": {"promised_at": (placed + 10 * DAY).isoformat()}}
        yield item(source, reference, "placed", placed, **first)
        for word, at in times.items():
            yield item(source, reference, word, at)


def item(source, reference, word, at, **rest):
    return {
        "source": source,
        "external_id": f"{reference}:{word}",
        "type": f"order.{word}",
        "occurred_at": at.isoformat(),
        "subject": {"reference": reference},
    } | rest


def signal_of(sent):
    signal = parse(sent)
    assert isinstance(signal, NewSignal), signal
    return signal


def history(items, **rest):
    signals = [signal_of(one) for one in items]
    return of("orders", [(signal.occurred_at, signal) for signal in signals], zone=ZONE, **rest)


def before(report, at):
    """Everything that was decided and thought until then."""
    return [one for one in (*report.alerts, *report.scores) if one.at < at]


def test_the_same_history_gives_the_same_hash_in_whatever_order_the_file_was():
    items = list(orders())

    reports = [run(history(some), SHIPPED) for some in (items, items[::-1], items + items[:50])]

    assert len({report.document["output_hash"] for report in reports}) == 1
    assert reports[0].document["missed"] > 10
    assert reports[0].document["recall"] == 1.0


def test_what_is_cut_off_changes_nothing_that_was_decided_before():
    items, cut = list(orders()), START + 60 * DAY

    whole = run(history(items), SHIPPED)
    short = run(history([one for one in items if one["occurred_at"] <= cut.isoformat()]), SHIPPED)

    assert before(whole, cut) == before(short, cut)
    assert len(before(whole, cut)) > 100
    assert len(whole.alerts) > len(short.alerts)


def test_a_planted_future_changes_nothing_that_was_decided_before():
    """Outcomes turned round, later signals that tell the end, and all later orders failing."""
    items, cut = list(orders()), START + 60 * DAY
    told = {f"A-{number}": bool(number % 2) for number in range(120)}
    planted = [
        one
        if one["occurred_at"] <= cut.isoformat()
        else one | {"subject": one["subject"] | {"attributes": {"destination": "LATE"}}}
        for one in items
        if one["occurred_at"] <= cut.isoformat() or not one["type"].endswith("delivered")
    ]

    honest = run(history(items), SHIPPED)
    leaking = run(history(planted, outcomes=told), SHIPPED)

    assert before(honest, cut) == before(leaking, cut)
    assert honest.document["missed"] != leaking.document["missed"], "it was planted indeed"


def test_a_signal_heard_late_is_not_known_before_it_is_heard():
    items = list(orders())
    signals = [signal_of(one) for one in items]
    heard = [
        (signal.occurred_at + (20 * DAY if signal.word == "delivered" else 0 * DAY), signal)
        for signal in signals
    ]

    at_once, later = run(history(items), SHIPPED), run(of("late", heard, zone=ZONE), SHIPPED)

    late = {alert.reference for alert in later.alerts if alert.rule == "order.late"}
    assert len(late) > len({a.reference for a in at_once.alerts if a.rule == "order.late"})
    assert later.document["missed"] == at_once.document["missed"], "what happened is the same"


def requests(count=40):
    """One a day, closed five days after it was resolved; half their promises are moved, and back."""
    for number in range(count):
        opened, name = START + number * DAY, f"R-{number}"
        ends = [opened + days * DAY for days in ((9, 8, 9) if number % 2 else (9,))]
        for minute, promised in enumerate(ends):
            at, word = opened + timedelta(minutes=minute), "updated" if minute else "opened"
            promise = {"promise": {"promised_at": promised.isoformat()}}
            yield item("desk", name, f"{minute}", at) | {"type": f"request.{word}"} | promise
        resolved = opened + (7 if number % 4 == 0 else 1) * DAY
        for word, at in (("resolved", resolved), ("closed", resolved + 5 * DAY)):
            yield item("desk", name, word, at) | {"type": f"request.{word}"}


def test_a_request_is_looked_at_once_at_its_age_however_often_its_promise_was_moved():
    report = run(history(requests()), SHIPPED)

    looked = [one.reference for one in report.scores if one.look == (AGE, 48)]
    assert len(looked) == len(set(looked)) == 40
    found = report.document["precision_at_recall_80"]
    assert found["age_48_hours"] >= 0.5
    assert found["lead_2_days"] == 1.0, "what is to be closed by then is resolved by now"


def test_who_is_younger_than_the_age_it_is_asked_about_is_not_judged():
    items = list(requests())
    last = START + 60 * DAY
    opened = [last - age for age in (timedelta(hours=47), timedelta(hours=49))]
    soon = {"type": "request.opened", "promise": {"promised_at": (last - DAY).isoformat()}}
    young, old = (item("desk", f"Y-{at}", "opened", at) | soon for at in opened)
    end = item("desk", "E", "opened", last) | {"type": "request.opened"}

    found = [run(history([*items, one, end]), SHIPPED).document for one in (young, old)]

    assert [one["subjects"] for one in found] == [40, 41]
    assert [one["undecided"] for one in found] == [2, 1]


def test_alerts_of_risk_come_days_before_the_promise_and_say_why():
    report = run(history(orders()), SHIPPED, start=START + 40 * DAY)

    risk = report.document["alerts_of_risk"]
    assert risk["precision"] > 0.6
    assert risk["mean_lead_days"] > 1
    assert report.document["rules"]["mean_lead_days"] <= 0
    days = 50  # from the first promise judged to the last
    rows = [report.document["as_chosen"], *report.document["choices"]]
    assert [one["cases_a_day"] for one in rows] == [round(one["alerts"] / days, 2) for one in rows]
    why = next(alert.why for alert in report.alerts if alert.rule == "order.predicted_late")
    assert "after it was" in why
    assert "missed their promise" in why


def test_progress_is_told_and_ends_with_the_last_signal():
    told = []

    run(history(orders()), SHIPPED, progress=lambda *so_far: told.append(so_far))

    assert told[0][:2] == (0, 360)
    assert told[-1][:2] == (360, 360)


def test_a_history_is_about_something_and_about_one_kind():
    appointment = signal_of(item("shop", "J-1", "x", START) | {"type": "appointment.booked"})
    order = signal_of(item("shop", "A-1", "placed", START))

    with pytest.raises(Refused, match="no signals"):
        of("empty", [], zone=ZONE)
    with pytest.raises(Refused, match="several kinds: appointment, order"):
        of("both", [(START, appointment), (START, order)], zone=ZONE)


def judged():
    promised = {f"A-{number}": START for number in range(10)}
    return Judged(promised, {"A-0", "A-1", "A-2", "A-3", "A-4"})


def test_each_subject_counts_once_from_its_first_alert():
    alerts = [
        Alert("A-0", "order.predicted_late", START - 4 * DAY, ""),
        Alert("A-0", "order.late", START, ""),
        Alert("A-1", "order.late", START, ""),
        Alert("A-9", "order.predicted_late", START - DAY, ""),
        Alert("B-1", "order.late", START, "not among the judged"),
    ]

    found = of_alerts(alerts, judged(), ZONE)

    assert (found["alerts"], found["alerts_per_100"]) == (3, 30.0)
    assert (found["precision"], found["recall"]) == (0.667, 0.4)
    assert found["mean_lead_days"] == 2.0
    assert found["recall_by_lead_days"]["3"] == 0.2
    assert found["by_rule"]["order.predicted_late"] == {"alerts": 2, "precision": 0.5}


def test_half_the_alerts_are_half_the_cases_a_day():
    alerts = [Alert(f"A-{n}", "order.late", START + n * DAY, "") for n in (0, 1, 7, 8)]
    of = replace(judged(), days=20)

    every, half = (of_alerts(some, of, ZONE)["cases_per_day"] for some in (alerts, alerts[:2]))

    assert every == {"mean": 0.2, "most": 1}
    assert half == {"mean": 0.1, "most": 1}
    assert of_alerts([], of, ZONE)["cases_per_day"] == {"mean": 0.0, "most": 0}


def test_precision_at_recall_takes_equal_chances_together_and_knows_what_it_cannot_reach():
    chances = {"A-0": 0.9, "A-1": 0.8, "A-2": 0.8, "A-9": 0.8, "A-3": 0.7, "A-8": 0.1}
    scores = [Score(name, LOOK, START, chance) for name, chance in chances.items()]

    assert precision_at_recall(scores, judged(), LOOK) == 0.8
    assert precision_at_recall(scores[:3], judged(), LOOK) is None
    assert precision_at_recall(scores, judged(), ("ahead", 5)) is None


def test_who_was_looked_at_again_counts_once_by_the_last_look():
    """Its promise was moved on."""
    seen = [("A-0", 0.9), ("A-0", 0.85), ("A-1", 0.8), ("A-2", 0.7), ("A-9", 0.6), ("A-3", 0.5)]
    scores = [Score(name, LOOK, START, chance) for name, chance in seen]

    assert precision_at_recall(scores, judged(), LOOK) == 0.8


def test_calibration_compares_what_was_predicted_with_what_came():
    scores = [Score("A-0", LOOK, START, 0.92), Score("A-9", LOOK, START, 0.94)]

    assert calibration(scores, judged()) == [{"predicted": 0.93, "observed": 0.5, "n": 2}]


@pytest.mark.django_db
def test_stored_history_is_heard_when_it_was_received():
    site = SiteFactory(time_zone="Europe/Berlin")
    source = SourceFactory(slug="shop", site=site)
    for one in orders(3, source=source.slug):
        at = datetime.fromisoformat(one["occurred_at"])
        accept([one], by=SYSTEM, at=at + timedelta(hours=1))

    stored = from_stored(site, SubjectKind.ORDER)

    assert len(stored.signals) == 9
    assert all(at - signal.occurred_at == timedelta(hours=1) for at, signal in stored.signals)
    assert run(replace(stored), SHIPPED).document["refused"] == 0


def test_the_command_prints_one_object(tmp_path, capsys):
    path = tmp_path / "orders.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, sorted(shipped()["olist"].columns | {"promise_missed"}))
        writer.writeheader()
        writer.writerows(row(number) for number in range(60))

    call_command("backtest", str(path), "--mapping", "olist", "--from", "2026-02-01", "--json")

    found = json.loads(capsys.readouterr().out)
    assert found["subjects"] > 30
    assert found["missed"] > 5
    assert found["recall"] == 1.0
    assert set(found["precision_at_recall_80"]) == {"lead_2_days", "lead_3_days", "lead_5_days"}
    assert len(found["output_hash"]) == 64
    assert found["plain"]["calibration"]


def row(number):
    day, late = START + number * DAY, number % 5 == 0
    times = {"purchase": 0, "approved": 0, "carrier": 1, "delivered": 15 if late else 4}
    told = {name: f"{day + days * DAY:%Y-%m-%d %H:%M:%S}" for name, days in times.items()}
    promise = {"promise": f"{day + 10 * DAY:%Y-%m-%d}", "promise_missed": str(int(late))}
    return {"order_id": f"o{number:03}"} | told | promise
