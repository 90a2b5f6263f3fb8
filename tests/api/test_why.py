"""Asking the API why: a signal by its name, a subject as of an instant, and what was refused."""

from datetime import timedelta

import pytest

from exceptions_app.models import Case, RefusedSignal, Signal, Subject
from exceptions_app.vocabulary import Role
from tests.api.conftest import is_problem
from tests.factories import HOUR, NOON, SourceFactory

pytestmark = pytest.mark.django_db


def verdict(told, rule):
    return next(one for one in told["rules"] if one["rule"] == rule)


def test_a_signal_says_what_became_of_it_and_why(program, booked):
    receipt = program.post("signals/", booked(1, type="appointment.no_show")).json()

    told = program.get("signals/scheduler/apt-1/why/").json()

    no_show = verdict(told, "appointment.no_show")
    assert (told["outcome"], told["receipt"]) == ("stored", receipt["id"])
    assert (no_show["holds"], no_show["conditions"][0]["holds"]) == (True, True)
    assert no_show["score"] >= 60
    assert [(turn["case"], turn["verb"]) for turn in told["since"]] == [
        (str(Case.objects.get()), "case.opened")
    ]


def test_an_id_may_hold_slashes_and_odd_letters(program, booked):
    program.post("signals/", booked(external_id="a/b ü/why"))

    told = program.get("signals/scheduler/a/b%20%C3%BC/why/why/").json()

    assert told["external_id"] == "a/b ü/why"


def test_a_refused_signal_says_why_it_was_refused(program, booked):
    program.post("signals/", [booked(1, source="wms")])

    told = program.get("signals/wms/apt-1/why/").json()

    assert (told["outcome"], told["rules"], told["subject"]) == ("refused", [], None)
    assert told["understood"][0].startswith("source: There is no source")


def test_a_signal_of_another_site_is_not_explained(program, stranger, booked):
    program.post("signals/", booked(1))

    assert is_problem(stranger.get("signals/scheduler/apt-1/why/"), 404, "not_found")
    subject = Subject.objects.get()
    assert is_problem(stranger.get(f"subjects/{subject.pk}/why/"), 404, "not_found")


def test_a_subject_is_asked_as_of_an_instant(program, booked, at_noon):
    program.post("signals/", booked(1))
    subject = Subject.objects.get()
    at_noon.shift(timedelta(hours=9))

    now = program.get(f"subjects/{subject.pk}/why/").json()
    then = program.get(f"subjects/{subject.pk}/why/", at=(NOON + HOUR).isoformat()).json()

    assert verdict(now, "appointment.not_checked_in")["holds"]
    assert verdict(then, "appointment.not_checked_in")["sentence"].startswith("not yet")


def test_what_was_refused_is_listed_mended_and_taken(program, booked):
    program.post("signals/", [booked(1), booked(2, occurred_at="noon")])
    (one,) = program.get("signals/refused/", source="scheduler").json()["results"]

    answer = program.post(f"signals/refused/{one['id']}/send/", {"signal": booked(2)})

    assert (one["field"], one["external_id"]) == ("occurred_at", "apt-2")
    assert answer.json()["counts"]["stored"] == 1
    assert program.get("signals/refused/").json()["results"] == []
    assert Signal.objects.count() == 2


def test_all_that_share_a_reason_are_sent_again_at_once(program, booked, north):
    program.post("signals/", [booked(n, source="wms") for n in range(3)])
    reason = RefusedSignal.objects.first().reason
    SourceFactory(slug="wms", site=north)

    answer = program.post("signals/refused/send/", {"reason": reason})

    assert answer.json()["counts"]["stored"] == 3


def test_whoever_sends_again_names_what(program):
    answer = program.post("signals/refused/send/", {})

    assert is_problem(answer, 400, "invalid")


def test_what_was_refused_is_nobody_elses(program, stranger, of_ana, program_of, booked):
    program.post("signals/", [booked(2, occurred_at="noon")])
    one = RefusedSignal.objects.get()

    assert stranger.get("signals/refused/").json()["results"] == []
    assert is_problem(stranger.post(f"signals/refused/{one.pk}/send/"), 404, "not_found")
    assert is_problem(of_ana.get("signals/refused/"), 403, "not_permitted")
    everywhere = program_of(Role.ADMINISTRATOR)
    assert len(everywhere.get("signals/refused/").json()["results"]) == 1
