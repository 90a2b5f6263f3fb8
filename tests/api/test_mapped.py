"""Bodies in somebody else's JSON, posted to a mapping."""

import pytest

from exceptions_app.models import RefusedSignal, Signal
from tests.api.conftest import is_problem
from tests.factories import SavedMappingFactory

BODY = {"order": {"number": 17}, "shipped_at": "2026-03-10 12:00"}


@pytest.fixture
def address(scheduler):
    return f"mappings/{SavedMappingFactory(source=scheduler).slug}/signals/"


def test_a_foreign_body_is_taken_and_its_repetition_changes_nothing(program, address):
    first, again = program.post(address, BODY), program.post(address, BODY)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["items"][0]["outcome"] == "stored"
    assert again.json()["counts"]["duplicate"] == 1
    assert Signal.objects.get().source.slug == "scheduler"


def test_what_a_mapping_makes_is_checked_like_any_signal(program, address):
    answer = program.post(address, {"order": {"number": 17}, "shipped_at": "soon"})

    assert is_problem(answer, 400, "invalid")
    assert "occurred_at" in answer.json()["errors"]
    assert RefusedSignal.objects.count() == 1


def test_a_body_of_which_nothing_comes_is_refused(program, scheduler):
    mapping = SavedMappingFactory(source=scheduler, body="orders")

    assert is_problem(program.post(f"mappings/{mapping.slug}/signals/", {}), 400, "invalid")


def test_a_body_over_a_megabyte_is_refused(program, address):
    assert is_problem(program.post(address, {"x": "y" * 2**20}), 413, "too_large")


def test_a_mapping_of_another_site_does_not_exist(stranger, address):
    assert is_problem(stranger.post(address, BODY), 404, "not_found")


def test_a_token_needs_the_scope_to_send(program_of, north, address):
    reader = program_of(site=north, scopes=["signals:read"])

    assert is_problem(reader.post(address, BODY), 403, "not_permitted")
