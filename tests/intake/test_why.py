"""Asking later: what a signal was understood as, what the rules said then, and what came of it since."""
# ruff: noqa: RUF001 - sentences are set with a dash

import json
import random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from exceptions_app.detection.looking import holding
from exceptions_app.detection.watch import look_again
from exceptions_app.errors import NotFound
from exceptions_app.intake import why
from exceptions_app.intake.accept import accept
from exceptions_app.intake.retracing import known_by, retrace
from exceptions_app.models import Case, Receipt, Signal, Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.subjects.facts import NOTHING
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.vocabulary import Role
from tests.factories import HOUR, MINUTE, NOON, SiteFactory, SourceFactory, TeamFactory, somebody
from tests.intake.stories import about, booked

pytestmark = pytest.mark.django_db
DUE = NOON + 2 * HOUR + 15 * MINUTE


@pytest.fixture(autouse=True)
def scheduler(db):
    return SourceFactory()


def said(answer, rule):
    return next(verdict for verdict in answer.verdicts if verdict.rule == rule)


def of(sent, by=SYSTEM):
    return why.named(sent["source"], sent["external_id"], by=by)


def test_a_signal_is_asked_long_after_and_answers_as_of_then():
    first, came = booked(), about("J-1", "checked_in", DUE + HOUR)
    accept([first], by=SYSTEM, at=NOON)
    accept([came], by=SYSTEM, at=DUE + HOUR)

    answer = of(first)

    assert answer.at == NOON
    assert answer.outcome == "stored"
    assert said(answer, "appointment.not_checked_in").sentence == (
        "not yet – expected 2026-03-10 14:00 UTC plus 15 minutes, looked 2026-03-10 12:00 UTC"
    )
    assert "“technician checked in” expected 2026-03-10 14:00 UTC" in answer.understood


def test_what_came_later_of_a_signal_is_told_with_its_instant():
    first = booked()
    accept([first], by=SYSTEM, at=NOON)
    look_again(DUE)

    answer = of(first)

    case = Case.objects.get()
    assert [(turn.at, turn.case, turn.verb) for turn in answer.since] == [
        (DUE, str(case), "case.opened")
    ]


def test_a_signal_that_would_have_opened_a_case_says_what_came_in_between():
    came = about("J-1", "checked_in", NOON + 3 * MINUTE)
    late = about("J-1", "no_show", NOON)
    accept([came], by=SYSTEM, at=NOON + 4 * MINUTE)
    accept([late], by=SYSTEM, at=NOON + 5 * MINUTE)

    verdict = said(of(late), "appointment.no_show")

    assert verdict.sentence == (
        "would have fired, but “technician checked in” came later, 2026-03-10 12:03 UTC"
    )
    assert not Case.objects.exists()


def test_the_case_says_why_it_opened():
    accept([booked()], by=SYSTEM, at=NOON)
    look_again(DUE)
    accept([about("J-1", "checked_in", DUE + HOUR)], by=SYSTEM, at=DUE + HOUR)

    verdict = why.of_case(Case.objects.get().pk)

    assert verdict.rule == "appointment.not_checked_in"
    assert (verdict.holds, verdict.since) == (True, DUE)


def test_a_refused_signal_answers_with_its_reason():
    sent = booked(source="wms")
    accept([sent], by=SYSTEM, at=NOON)

    answer = of(sent)

    assert answer.outcome == "refused"
    assert answer.understood == ("source: There is no source “wms”. An administrator can add it.",)
    assert answer.receipt == Receipt.objects.get()


def test_what_a_signal_said_is_told_in_the_time_of_whoever_asks():
    sent = booked()
    accept([sent], by=SYSTEM, at=NOON)

    answer = why.named("scheduler", sent["external_id"], by=SYSTEM, zone=ZoneInfo("Europe/Berlin"))

    assert "expected 2026-03-10 15:00 CET" in " ".join(answer.understood)


def test_a_signal_that_never_came_is_not_found():
    with pytest.raises(NotFound):
        why.named("scheduler", "nothing", by=SYSTEM)


def test_nobody_asks_about_a_site_that_is_not_theirs():
    sent, refused = booked(), booked(source="wms", subject={"reference": "J-2", "site": "north"})
    accept([sent, refused], by=SYSTEM, at=NOON)
    stranger = somebody(Role.ADMINISTRATOR, site=SiteFactory(slug="south"))

    for one in (sent, refused):
        with pytest.raises(NotFound):
            of(one, by=stranger)


def test_cases_of_another_team_are_not_told():
    accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON)
    team = TeamFactory(slug="sales")
    Case.objects.update(team=TeamFactory(slug="dispatch"))

    answer = why.of_subject(
        Subject.objects.get(), by=somebody(Role.STAFF, site=team.site, team=team), now=NOON, at=NOON
    )

    assert answer.since == ()
    assert said(answer, "appointment.no_show").holds


def test_a_subject_is_asked_as_of_an_instant_on_what_was_known_by_then():
    accept([booked()], by=SYSTEM, at=NOON)
    accept([about("J-1", "checked_in", DUE - HOUR)], by=SYSTEM, at=DUE + 2 * HOUR)
    subject = Subject.objects.get()

    then = why.of_subject(subject, by=SYSTEM, now=DUE + 9 * HOUR, at=DUE + HOUR)
    now = why.of_subject(subject, by=SYSTEM, now=DUE + 9 * HOUR)
    before = why.of_subject(subject, by=SYSTEM, now=DUE + 9 * HOUR, at=NOON - HOUR)

    assert said(then, "appointment.not_checked_in").holds
    assert not said(now, "appointment.not_checked_in").holds
    assert (before.understood, before.verdicts) == (("Nothing was known of it by then.",), ())


def story(seed):
    """Twenty signals about three visits, as they occurred."""
    dice = random.Random(seed)
    words = ("booked", "dispatched", "checked_in", "no_show", "rescheduled", "on_hold", "updated")
    told = []
    for n in range(20):
        at = NOON + dice.randint(-300, 300) * MINUTE
        one = about(f"J-{dice.randint(1, 3)}", dice.choice(words), at, external_id=f"s-{seed}-{n}")
        due = (NOON + dice.randint(-200, 200) * MINUTE).isoformat()
        told.append(one | {"milestones": {"checked_in": {"expected_at": due}}})
    return told


@pytest.mark.parametrize("seed", range(6))
def test_what_is_learnt_again_is_what_was_known(seed):
    dice, at, told = random.Random(seed), NOON, story(seed)
    while told:
        size = dice.randint(1, 5)
        accept(told[:size], by=SYSTEM, at=at)
        told, at = told[size:], at + 17 * MINUTE

    subjects = list(Subject.objects.all())
    known = facts_of(subjects)
    for subject in subjects:
        again = known_by(subject, at, NOTHING)
        assert again.facts.having(opened_at=None) == known[subject.pk].having(opened_at=None)


@pytest.mark.parametrize("seed", range(6))
def test_the_verdict_found_again_is_the_one_that_was_recorded(seed, monkeypatch):
    found: dict[Any, Any] = {}

    def noted(known, facts, at):
        found_now = holding(known, facts, at)
        found.setdefault((facts.reference, at), []).append({one.rule for one in found_now})
        return found_now

    monkeypatch.setattr("exceptions_app.intake.study.holding", noted)
    for n, sent in enumerate(told := story(seed)):
        accept([sent], by=SYSTEM, at=NOON + n * 17 * MINUTE)

    for sent in told:
        answer = of(sent)
        recorded = found[answer.subject.reference, answer.at][-1]
        assert {verdict.rule for verdict in answer.holding} == recorded


def test_signals_of_one_post_are_learnt_again_as_they_were_sent_and_looked_at_together():
    when = NOON.isoformat()
    names = [
        booked(external_id=name, occurred_at=when, subject={"reference": "J-1", "label": label})
        for name, label in (("z", "first"), ("a", "last"))
    ]
    accept(names, by=SYSTEM, at=NOON)

    labels = [known.facts.label for known in retrace(Subject.objects.get(), NOTHING)]

    assert labels == ["last", "last"]
    assert Subject.objects.get().label == "last"


def test_history_is_asked_as_of_its_own_moments():
    early = booked(occurred_at=(NOON - 10 * HOUR).isoformat())
    accept([early], by=SYSTEM, at=DUE + 5 * HOUR, moment=lambda signal: signal.occurred_at)

    assert of(early).at == NOON - 10 * HOUR


def test_a_signal_that_would_not_be_understood_any_more_says_so():
    sent = booked()
    accept([sent], by=SYSTEM, at=NOON)
    Signal.objects.update(body={"once": "upon a time"})

    assert of(sent).understood == (
        "It would not be understood any more; the rules look without it.",
    )


def test_asking_costs_the_same_for_many_signals_as_for_few(django_assert_max_num_queries):
    told = [about("J-1", "updated", NOON + n * MINUTE) for n in range(40)]
    accept(told, by=SYSTEM, at=NOON + HOUR)

    with django_assert_max_num_queries(6):
        of(told[20])


def explained(capsys, *words, **options):
    call_command("explain", *words, **options)
    return capsys.readouterr().out


def test_the_command_explains_a_signal(capsys):
    sent = booked(external_id="evt-77")
    accept([sent], by=SYSTEM, at=NOON)

    told = explained(capsys, "scheduler", "evt-77")

    assert "scheduler evt-77: stored" in told
    assert "appointment.not_checked_in: not yet – expected 2026-03-10 14:00" in told
    assert "looks again 2026-03-10 14:15 UTC" in told


def test_the_command_explains_a_subject_for_programs(capsys):
    accept([booked()], by=SYSTEM, at=NOON)

    told = json.loads(
        explained(capsys, subject="appointment:J-1", at="2026-03-10T15:00:00Z", json=True)
    )

    (one,) = told
    late = next(rule for rule in one["rules"] if rule["rule"] == "appointment.not_checked_in")
    assert (one["subject"], late["holds"]) == ("appointment:J-1", True)


@pytest.mark.parametrize(
    ("words", "options", "sentence"),
    [
        (("scheduler", "nothing"), {}, "No signal of this name"),
        ((), {"subject": "nobody"}, "There is no subject"),
        (("scheduler",), {}, "Name SOURCE and EXTERNAL_ID"),
        ((), {"subject": "J-1", "at": "noon"}, "ISO time"),
        ((), {"subject": "J-1", "at": "2026-03-10T15:00:00"}, "time zone"),
    ],
)
def test_the_command_says_what_it_cannot_answer(words, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("explain", *words, **options)
