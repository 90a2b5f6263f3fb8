"""What was refused is kept with its reason, and sent again by the one way in."""

import json
from datetime import timedelta

import pytest

from exceptions_app.errors import NotFound, NotPermitted, Refused
from exceptions_app.intake import mending, refusing
from exceptions_app.intake.accept import accept
from exceptions_app.intake.mending import Wanted
from exceptions_app.models import RefusedSignal, Signal
from exceptions_app.people.access import SYSTEM, by_rule
from exceptions_app.vocabulary import Role
from tests.factories import HOUR, NOON, SiteFactory, SourceFactory, somebody
from tests.intake.stories import booked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scheduler(db):
    return SourceFactory()


def waiting(by=SYSTEM, **wanted):
    return mending.refused(Wanted(**wanted), by=by)


def test_a_refused_signal_is_kept_as_it_was_sent_with_the_reason():
    sent = booked(occurred_at="noon")

    receipt = accept([sent, booked()], by=SYSTEM, at=NOON)

    kept = RefusedSignal.objects.get()
    assert json.loads(kept.body) == sent
    assert (kept.source, kept.external_id, kept.type) == (
        "scheduler",
        sent["external_id"],
        "appointment.booked",
    )
    assert (kept.field, kept.outcome, kept.receipt, kept.times) == (
        "occurred_at",
        "refused",
        receipt,
        1,
    )
    assert kept.reason.startswith("Must be an ISO 8601 time")


def test_what_is_nested_too_deeply_is_refused_like_the_rest():
    deep: list[object] = []
    for _ in range(2_000):
        deep = [deep]

    receipt = accept([deep], by=SYSTEM, at=NOON)

    assert receipt.refused == 1
    assert RefusedSignal.objects.get().body == "It is nested too deeply to be shown."


def test_a_conflict_is_kept_too():
    sent = booked()
    accept([sent], by=SYSTEM, at=NOON)

    accept([sent | {"note": "other"}], by=SYSTEM, at=NOON)

    assert [(one.outcome, one.field) for one in waiting()] == [("conflict", "external_id")]


def test_the_same_sent_again_is_one_row_with_a_count():
    sent = booked(source="wms")

    accept([sent, sent], by=SYSTEM, at=NOON)
    accept([sent], by=SYSTEM, at=NOON + HOUR)

    kept = RefusedSignal.objects.get()
    assert (kept.times, kept.received_at) == (3, NOON + HOUR)


@pytest.mark.parametrize(
    "sent", ["nonsense", None, 7, {"source": 3, "type": []}, {"a\0": "\ud800"}]
)
def test_whatever_is_sent_can_be_kept(sent):
    accept([sent], by=SYSTEM, at=NOON)

    assert json.loads(RefusedSignal.objects.get().body) == sent


def test_what_is_too_large_is_named_and_not_kept():
    accept([booked(note="x" * refusing.LONGEST)], by=SYSTEM, at=NOON)

    kept = RefusedSignal.objects.get()
    assert (kept.body, kept.field) == ("", "note")


def test_after_the_source_was_added_all_that_share_the_reason_are_taken():
    accept([booked(source="wms") for _ in range(3)], by=SYSTEM, at=NOON)
    (reason,) = mending.reasons(waiting())
    SourceFactory(slug="wms")

    receipt = mending.send_again(
        waiting(source=reason.source, reason=reason.reason), by=SYSTEM, at=NOON + HOUR
    )

    assert (reason.count, receipt.stored, Signal.objects.count()) == (3, 3, 3)
    assert not waiting().exists()
    assert {one.settled_by for one in waiting(settled=True)} == {"Flagstand"}


def test_one_is_mended_and_taken():
    accept([booked(occurred_at="noon")], by=SYSTEM, at=NOON)
    kept = RefusedSignal.objects.get()
    mended = json.dumps(json.loads(kept.body) | {"occurred_at": NOON.isoformat()})

    mending.send_again(waiting(), by=SYSTEM, at=NOON, mended=mended)

    kept.refresh_from_db()
    assert (kept.settled_at, kept.outcome) == (NOON, "stored")
    assert Signal.objects.get().occurred_at == NOON


def test_whoever_mends_it_may_write_the_words_of_the_page():
    accept([booked(type="appointment.seen")], by=SYSTEM, at=NOON)
    mended = json.dumps(
        json.loads(RefusedSignal.objects.get().body) | {"type": "appointment.Checked in"}
    )

    mending.send_again(waiting(), by=SYSTEM, at=NOON, mended=mended)

    assert Signal.objects.get().type == "appointment.checked_in"


def test_all_that_is_wrong_with_it_is_told():
    accept(
        [booked(), booked(occurred_at="noon", subject={"reference": "J-1", "site": "nowhere"})],
        by=SYSTEM,
        at=NOON,
    )

    (kept,) = waiting()

    assert list(mending.mistakes(kept)) == ["occurred_at", "subject.site"]
    assert kept.field == "occurred_at"


def test_what_is_refused_again_stays_with_the_reason_that_holds_now():
    accept([booked(source="wms", occurred_at="noon")], by=SYSTEM, at=NOON)
    mended = json.dumps(booked(source="wms"))

    receipt = mending.send_again(waiting(), by=SYSTEM, at=NOON, mended=mended)

    (kept,) = waiting()
    assert (kept.field, kept.body) == ("source", mended)
    assert mending.left(receipt) == [
        "source: There is no source “wms”. An administrator can add it."
    ]


def test_what_is_no_json_is_refused_before_it_is_sent():
    accept([booked(source="wms")], by=SYSTEM, at=NOON)

    with pytest.raises(Refused, match="not JSON"):
        mending.send_again(waiting(), by=SYSTEM, at=NOON, mended="{")


def test_nothing_is_sent_when_nothing_waits():
    with pytest.raises(Refused, match="Nothing here"):
        mending.send_again(waiting(), by=SYSTEM, at=NOON)


def test_each_sees_what_is_theirs_to_mend():
    SourceFactory(slug="far", site=SiteFactory(slug="south"))
    by = somebody(Role.INTEGRATOR, site=SiteFactory(slug="north"))
    accept([booked(occurred_at="noon")], by=by, at=NOON)
    accept([booked(source="far", occurred_at="noon")], by=by, at=NOON)
    of_north, of_south = (
        somebody(Role.ADMINISTRATOR, site=SiteFactory(slug=slug)) for slug in ("north", "south")
    )

    assert waiting(of_north).count() == 1
    assert waiting(of_south).count() == 0
    assert waiting(by).count() == 2
    assert waiting(somebody(Role.ADMINISTRATOR)).count() == 2
    with pytest.raises(NotPermitted):
        waiting(somebody(Role.LEAD))
    with pytest.raises(NotFound):
        mending.one(RefusedSignal.objects.first().pk, by=of_south)


def test_they_are_narrowed_by_source_and_day():
    accept([booked(source="wms"), booked(occurred_at="noon")], by=SYSTEM, at=NOON)

    assert [one.source for one in waiting(source="wms", day=NOON.date())] == ["wms"]
    assert not waiting(day=(NOON + timedelta(days=1)).date()).exists()


def test_they_are_forgotten_after_a_month(monkeypatch):
    accept([booked(source="wms")], by=SYSTEM, at=NOON)
    accept([booked(source="wms")], by=SYSTEM, at=NOON + timedelta(days=10))

    assert refusing.forget_refused(NOON + timedelta(days=30, seconds=1)) == 1

    monkeypatch.setattr(refusing, "MOST_KEPT", 0)
    assert refusing.forget_refused(NOON + timedelta(days=11)) == 1


def test_keeping_many_costs_no_more_statements_than_keeping_one(django_assert_max_num_queries):
    for size in (1, 300):
        with django_assert_max_num_queries(12):
            accept([booked(source=f"wms-{size}-{n}") for n in range(size)], by=SYSTEM, at=NOON)


def test_what_is_mended_over_there_and_sent_again_waits_no_more():
    wrong, other = booked(occurred_at="noon"), booked(occurred_at="noon")
    accept([wrong, other], by=SYSTEM, at=NOON)

    accept([booked(external_id=wrong["external_id"])], by=SYSTEM, at=NOON + HOUR)

    settled = RefusedSignal.objects.get(external_id=wrong["external_id"])
    assert (settled.settled_at, settled.settled_by) == (NOON + HOUR, SYSTEM.name)
    assert (settled.outcome, settled.put_away) == ("stored", "")
    assert [row.external_id for row in waiting()] == [other["external_id"]]


def test_what_another_sender_calls_the_same_mends_nothing():
    wrong = booked(occurred_at="noon")
    accept([wrong], by=SYSTEM, at=NOON)

    accept([booked(external_id=wrong["external_id"])], by=by_rule("another"), at=NOON + HOUR)

    assert [row.external_id for row in waiting()] == [wrong["external_id"]]


def test_what_is_refused_as_another_content_waits_for_a_person():
    first = booked()
    accept([first], by=SYSTEM, at=NOON)
    accept([first | {"note": "Other"}], by=SYSTEM, at=NOON)

    accept([first], by=SYSTEM, at=NOON + HOUR)

    assert waiting().get().outcome == "conflict"
