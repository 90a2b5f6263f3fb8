"""What trackers tell of a parcel, and how carriers write it: zones of their own, and much or nothing."""

from datetime import UTC, datetime

import pytest

from connectors.listening import kit
from exceptions_app.models import RefusedSignal, Signal, Subject
from tests.connectors.sources.conftest import SETTINGS, sample, send, signed
from tests.factories import HOUR, NOON, SiteFactory

#: Where each tracker keeps its scans, and what it calls their time.
SCANS = {
    "aftership": ("msg", "checkpoints", "checkpoint_time"),
    "easypost": ("result", "tracking_details", "datetime"),
    "shipengine": ("data", "events", "occurred_at"),
}
EVERY = pytest.mark.parametrize("slug", SCANS)
#: Two o'clock in the morning in Berlin is before ten the evening before in New York.
BERLIN, NEW_YORK = "2026-03-10T02:00:00+01:00", "2026-03-09T22:00:00-04:00"


def told_with(listening, slug, change):
    """The call about a delivered parcel, with its scans changed."""
    source = listening(slug)
    source.settings = {**source.settings, "wait": 0}
    source.save()
    one = sample(slug, "delivered")
    body, name, at = SCANS[slug]
    scans = sorted(one.body[body][name], key=lambda scan: scan[at])
    one.body[body][name] = change(scans, at)
    return send(source, signed(source, one))


def shipped_at():
    return Subject.objects.get().milestones.get(name="shipped").actual_at


@EVERY
def test_the_first_scan_is_the_first_whatever_zone_it_is_written_in(listening, slug):
    def abroad(scans, at):
        first, second = {**scans[-3], at: BERLIN}, {**scans[-2], at: NEW_YORK}
        return [second, first, scans[-1]]

    told_with(listening, slug, abroad)

    assert shipped_at() == NOON.replace(hour=1)


@EVERY
@pytest.mark.parametrize("lost", ["null", "missing", "nonsense"])
def test_a_scan_without_a_time_is_refused_by_itself(listening, slug, lost):
    def dated(scans, at):
        odd = {name: value for name, value in scans[-3].items() if name not in (at, "created_at")}
        if lost != "missing":
            odd[at] = {"null": None, "nonsense": "yesterday"}[lost]
        return [odd, *scans[-2:]]

    answer = told_with(listening, slug, dated)

    assert "1 refused" in answer.content.decode()
    assert RefusedSignal.objects.get().type == "order.scanned"
    assert Signal.objects.filter(type="order.delivered").exists()
    assert shipped_at() == NOON - 30 * HOUR


@EVERY
def test_a_parcel_left_when_it_was_seen_first_however_often_it_was_seen(listening, slug):
    def many(scans, at):
        times = ((NOON - 40 * HOUR + number * HOUR / 10) for number in range(150))
        return [*({**scans[-2], at: time.isoformat()} for time in times), scans[-1]]

    told_with(listening, slug, many)

    assert shipped_at() == NOON - 40 * HOUR


@pytest.mark.parametrize(
    ("slug", "parcel", "name"), [("aftership", "msg", "event_id"), ("easypost", "result", "id")]
)
def test_two_parcels_without_ids_are_two_and_neither_loses_anything(listening, slug, parcel, name):
    source = listening(slug)
    source.settings = {**source.settings, "wait": 0}
    source.save()
    for mark in ("aa", "bb"):
        one = sample(slug, "in_transit", mark=mark)
        del one.body[name], one.body[parcel]["id"]
        send(source, signed(source, one))

    assert not RefusedSignal.objects.exists()
    first, second = Subject.objects.all()
    assert first.signals.count() == second.signals.count() > 2
    assert [one.milestones.filter(name="delivered").count() for one in (first, second)] == [1, 1]


def test_an_order_in_two_parcels_is_there_when_both_are(listening):
    source = listening("aftership")

    def tell_of(number, name):
        one = sample("aftership", name)
        one.body["event_id"] = one.body["msg"]["id"] = number + name
        one.body["msg"] |= {"tracking_number": number, "order_number": "O-9"}
        send(source, signed(source, one))

    for number, name in (("1", "in_transit"), ("2", "in_transit"), ("1", "delivered")):
        tell_of(number, name)
    order = Subject.objects.get()
    assert (order.ended_at, sorted(order.particulars["parcels"])) == (None, ["1", "2"])

    tell_of("2", "delivered")

    order.refresh_from_db()
    assert order.ended_at is not None


def test_the_second_version_of_shipstation_s_api_tells_the_same_under_another_name(listening):
    source = listening("shipengine", settings={**SETTINGS["shipengine"], "wait": 0})
    one = sample("shipengine", "delivered")
    one.body["resource_type"] = "TRACK_EVENT_V2"

    send(source, signed(source, one))

    assert Signal.objects.filter(type="order.delivered").exists()


@EVERY
@pytest.mark.parametrize(
    ("written", "ends"),
    [
        ("2026-03-12", "2026-03-13T06:59:59+00:00"),
        ("2026-03-12T00:00:00Z", "2026-03-13T06:59:59+00:00"),
        ("2026-03-12T00:00:00", "2026-03-13T06:59:59+00:00"),
        ("2026-03-12T00:00:00+01:00", "2026-03-12T22:59:59+00:00"),
        ("2026-03-12T20:00:00Z", "2026-03-12T20:00:00+00:00"),
    ],
)
def test_a_day_ends_where_the_site_is_unless_it_names_a_zone(listening, slug, written, ends):
    site = SiteFactory(time_zone="America/Los_Angeles")
    source = listening(slug, site=site)
    source.settings = {**source.settings, "wait": 0}
    source.save()
    one = sample(slug, "in_transit")
    body, name = {
        "aftership": ("msg", "latest_estimated_delivery"),
        "easypost": ("result", "est_delivery_date"),
        "shipengine": ("data", "estimated_delivery_date"),
    }[slug]
    one.body[body][name] = {"datetime": written} if slug == "aftership" else written

    send(source, signed(source, one))

    expected = Subject.objects.get().milestones.get(name="delivered").expected_at
    assert expected == datetime.fromisoformat(ends)


def test_what_was_promised_for_a_day_is_kept_until_it_is_over_where_the_site_is(listening):
    source = listening("aftership", site=SiteFactory(time_zone="America/New_York"))
    one = sample("aftership", "in_transit")
    one.body["msg"]["order_promised_delivery_date"] = "2026-03-12"

    send(source, signed(source, one))

    assert Subject.objects.get().promised_at == datetime(2026, 3, 13, 3, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("slug", "refused"),
    [
        ("aftership", {"tag": "Exception", "subtag": "Exception_003"}),
        ("easypost", {"status": "failure", "status_detail": "refused"}),
        ("shipengine", {"status_code": "EX", "status_detail_code": "REFUSED_BY_CUSTOMER"}),
    ],
)
def test_what_the_customer_would_not_take_goes_back(listening, slug, refused):
    told_with(listening, slug, lambda scans, _: [*scans[:-1], {**scans[-1], **refused}])

    assert "returned_to_sender" in Subject.objects.get().reports


@pytest.mark.parametrize("day", ["2026-02-30T00:00:00Z", "2026-11-21T00:00:00 UTC", "soon"])
def test_a_day_that_no_calendar_has_stays_as_it_is_for_the_intake_to_refuse(day):
    assert kit.by_end_of_day(day, UTC) == day
