"""Writes with an Idempotency-Key: done once, answered the same, and nothing is left of what failed."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from exceptions_app.cases import triage
from exceptions_app.models import Case, IdempotentReply, Signal
from exceptions_app.people import replies
from tests.api.conftest import Program, is_problem
from tests.api.test_cases import FLAGGED
from tests.factories import NOON

pytestmark = pytest.mark.django_db

KEY = "6f1c1b1e-6d5f-4c6c-9d0c-0d6f8a3f1c11"


def test_a_repeated_write_is_done_once_and_answered_the_same(program):
    first = program.post("cases/", FLAGGED, Idempotency_Key=KEY)

    again = program.post("cases/", FLAGGED, Idempotency_Key=KEY)

    assert Case.objects.count() == 1
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert {name: again[name] for name in ("ETag", "Location", "Content-Type")} == {
        name: first[name] for name in ("ETag", "Location", "Content-Type")
    }
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")


def test_without_a_key_every_write_counts(program):
    program.post("cases/", FLAGGED)
    program.post("cases/", FLAGGED)

    assert Case.objects.count() == 2


def test_the_same_key_for_another_body_is_refused(program):
    program.post("cases/", FLAGGED, Idempotency_Key=KEY)

    answer = program.post("cases/", FLAGGED | {"title": "Another"}, Idempotency_Key=KEY)

    assert is_problem(answer, 422, "key_reused")
    assert Case.objects.count() == 1


def test_the_same_key_for_another_path_is_refused(program, case):
    program.post(f"cases/{case.pk}/acknowledge/", {}, Idempotency_Key=KEY)

    answer = program.post(f"cases/{case.pk}/start/", {}, Idempotency_Key=KEY)

    assert is_problem(answer, 422, "key_reused")


def test_two_programs_may_use_the_same_key(program, of_ana):
    program.post("cases/", FLAGGED, Idempotency_Key=KEY)
    of_ana.post("cases/", FLAGGED, Idempotency_Key=KEY)

    assert Case.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "x" * 256])
def test_a_key_that_is_none_is_refused(program, key):
    answer = program.post("cases/", FLAGGED, Idempotency_Key=key)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]


def test_a_refused_write_leaves_the_key_free(program):
    refused = program.post("cases/", FLAGGED | {"site": "nowhere"}, Idempotency_Key=KEY)

    mended = program.post("cases/", FLAGGED, Idempotency_Key=KEY)

    assert (refused.status_code, mended.status_code) == (400, 201)


def test_a_write_that_breaks_half_way_leaves_nothing(program, monkeypatch):
    flag = triage.flag

    def broken(*args, **kwargs):
        flag(*args, **kwargs)
        raise RuntimeError("the process dies here")

    monkeypatch.setattr("exceptions_app.cases.triage.flag", broken)
    program.post("cases/", FLAGGED, Idempotency_Key=KEY)

    assert not Case.objects.exists()
    assert not IdempotentReply.objects.exists()


def test_a_signal_refused_alone_is_answered_the_same_again(program, booked):
    first = program.post("signals/", booked(colour="red"), Idempotency_Key=KEY)

    again = program.post("signals/", booked(colour="red"), Idempotency_Key=KEY)

    assert is_problem(again, 400, "invalid")
    assert again.json()["receipt"] == first.json()["receipt"]
    assert again["Idempotent-Replayed"] == "true"


def test_signals_are_taken_once_per_key(program, booked):
    program.post("signals/", [booked(1), booked(2)], Idempotency_Key=KEY)

    again = program.post("signals/", [booked(1), booked(2)], Idempotency_Key=KEY)

    assert again.status_code == 201
    assert Signal.objects.count() == 2


def test_a_key_is_kept_for_a_day(program, at_noon):
    program.post("cases/", FLAGGED, Idempotency_Key=KEY)

    at_noon.shift(timedelta(hours=23, minutes=59))
    program.post("cases/", FLAGGED, Idempotency_Key=KEY)
    at_noon.shift(timedelta(minutes=1))
    program.post("cases/", FLAGGED, Idempotency_Key=KEY)

    assert Case.objects.count() == 2


def test_old_replies_are_forgotten(program):
    program.post("cases/", FLAGGED, Idempotency_Key=KEY)

    kept = replies.purge(NOON + timedelta(hours=23))
    gone = replies.purge(NOON + timedelta(hours=24))

    assert (kept, gone) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_a_write_whose_first_is_still_running_is_told_to_wait(program, monkeypatch):
    begun, go_on, answers = threading.Event(), threading.Event(), []
    flag = triage.flag

    def slow(*args, **kwargs):
        begun.set()
        go_on.wait(10)
        return flag(*args, **kwargs)

    def first():
        answers.append(program.post("cases/", FLAGGED, Idempotency_Key=KEY))
        connection.close()

    monkeypatch.setattr("exceptions_app.cases.triage.flag", slow)
    thread = threading.Thread(target=first)
    thread.start()
    begun.wait(10)

    second = Program(program.signed["Authorization"].removeprefix("Bearer ")).post(
        "cases/", FLAGGED, Idempotency_Key=KEY
    )
    go_on.set()
    thread.join()

    assert is_problem(second, 409, "still_running")
    assert answers[0].status_code == 201
    assert Case.objects.count() == 1
