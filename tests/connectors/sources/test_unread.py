"""What a known source said and nobody could read: kept among the refused signals, mended, read again."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from connectors.listening import calls, taking
from connectors.models import HookCall
from exceptions_app.errors import Refused
from exceptions_app.intake import mending
from exceptions_app.intake.mending import Wanted
from exceptions_app.models import RefusedSignal, Signal, Source
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role
from tests.connectors.sources.conftest import sample, send, signed, take_in
from tests.factories import HOUR, NOON, SiteFactory, UserFactory, somebody

SHIPPED = json.dumps(
    {
        "type": "order.shipped",
        "timestamp": "2026-03-10T10:00:00Z",
        "data": {"subject": {"reference": "1"}},
    }
)
#: Of two words the second is none.
HALF = """[
    {"type": "order.shipped", "occurred_at": "2026-03-10T10:00:00Z", "subject": {"reference": "1"}},
    {"type": "order.gone", "occurred_at": "2026-03-10T10:00:00Z", "subject": {"reference": "1"}}
]"""


def say(source, raw, name="msg-1", at=NOON):
    """Signed by whoever knows the secret."""
    body = raw if isinstance(raw, bytes) else raw.encode()
    odd = type("Odd", (), {"raw": body, "headers": {"webhook-id": name}})
    return send(source, signed(source, odd, at))


def waiting(by=SYSTEM):
    return mending.refused(Wanted(), by=by)


def mend(text, by=SYSTEM):
    return mending.send_again(waiting(), by=by, at=NOON + HOUR, mended=text)


@pytest.fixture
def own(listening):
    return listening("standardwebhooks")


def test_a_call_that_is_no_json_is_kept_as_it_was_sent_with_the_reason(own):
    answer = say(own, "{not json")

    kept = RefusedSignal.objects.get()
    assert (kept.body, kept.source, kept.external_id) == ("{not json", own.slug, "msg-1")
    assert (kept.is_call, kept.site, kept.actor_name) == (True, own.site, own.name)
    assert kept.reason.startswith("This is not JSON: ")
    assert answer.status_code == 400
    assert answer.content.decode().startswith(kept.reason)
    assert "kept, to be mended at the desk" in answer.content.decode()


def test_the_same_call_again_is_one_row_and_has_the_same_answer(own, at_noon):
    say(own, "{not json")
    at_noon.shift(timedelta(minutes=1))
    retried = say(own, "{not json", at=NOON + timedelta(minutes=1))
    say(own, "{not json", "msg-2", at=NOON + timedelta(minutes=1))

    kept = RefusedSignal.objects.get()
    assert (kept.times, kept.external_id) == (2, "msg-2")
    assert retried.status_code == 400
    assert HookCall.objects.count() == 2


@pytest.mark.parametrize("name", ["evt\x00", "evt\ud800"])
def test_a_name_that_the_database_cannot_hold_is_no_fault_of_ours(listening, name, at_noon):
    stripe, odd = listening("stripe"), sample("stripe", "failed")
    odd.body["id"] = name
    raw = json.dumps(odd.body).encode()  # as a vendor writes it: escaped
    first, again = (
        send(stripe, signed(stripe, type("Odd", (), {"raw": raw, "headers": {}}), NOON + late))
        for late in (timedelta(0), timedelta(seconds=1))
    )

    assert (first.status_code, again.status_code) == (202, 202)
    assert HookCall.objects.get().state == "conflict"
    assert RefusedSignal.objects.exists()


def test_two_long_names_that_begin_alike_are_two(own):
    for number in (1, 2):
        say(own, SHIPPED.replace('"1"', f'"{number}"'), "m" * 200 + str(number))

    assert HookCall.objects.count() == 2


@pytest.mark.parametrize("huge", [10**30, -(10**20), float("inf")])
def test_a_time_that_no_calendar_has_keeps_nobody_else_waiting(listening, huge):
    stripe, odd = listening("stripe"), sample("stripe", "failed")
    odd.body["created"] = huge

    answer = send(stripe, signed(stripe, odd))
    send(stripe, signed(stripe, sample("stripe", "paid")))
    take_in()

    assert answer.status_code == 202
    assert "occurred_at: Must be an ISO 8601 time" in answer.content.decode()
    assert [call.state for call in HookCall.objects.order_by("pk")] == ["conflict", "done"]
    assert RefusedSignal.objects.get().field == "occurred_at"


def test_whatever_arithmetic_fails_in_a_call_keeps_nobody_else_waiting(own, monkeypatch):
    def overflowing(*_):
        raise OverflowError("date value out of range")

    with monkeypatch.context() as patched:
        patched.setattr(taking, "newest_first", overflowing)
        say(own, SHIPPED)

    assert "could not be read (OverflowError)" in HookCall.objects.get().outcome
    assert RefusedSignal.objects.exists()


def test_what_is_unsigned_or_wrongly_signed_is_nobodys_and_not_kept_there(own):
    good = signed(own, sample("standardwebhooks", "one"))

    send(own, good, b"{not json")
    Client().post(f"/in/{own.token}/", b"{not json", "application/json")

    assert HookCall.objects.filter(state=HookCall.State.REFUSED).count() == 2
    assert not RefusedSignal.objects.exists()


def test_mended_it_is_read_as_its_source_sends_it(own):
    say(own, "{not json")

    receipt = mend(SHIPPED)

    stored = Signal.objects.get()
    assert receipt.stored == 1
    assert (stored.source, stored.external_id, stored.type) == (own, "msg-1", "order.shipped")
    assert not waiting().exists()
    assert RefusedSignal.objects.get().settled_at == NOON + HOUR


def test_words_of_the_page_are_understood_in_a_mended_call_too(own):
    say(own, "{not json")

    mend(SHIPPED.replace("order.shipped", "order.Handed to the carrier"))

    assert Signal.objects.get().type == "order.shipped"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{still not", "not JSON"), ("7", "neither data nor"), ('{"type": "user.made"}', "neither")],
)
def test_what_still_cannot_be_read_waits_as_it_was(own, text, reason):
    say(own, "{not json")

    with pytest.raises(Refused, match=reason):
        mend(text)

    assert RefusedSignal.objects.get().body == "{not json"
    assert waiting().count() == 1


def test_of_a_mended_call_that_is_taken_in_part_the_rest_waits(own):
    say(own, "{not json")

    receipt = mend(HALF)

    (kept,) = waiting()
    assert (receipt.stored, receipt.refused) == (1, 1)
    assert (kept.field, kept.body) == ("type", HALF)
    mend(HALF.replace("gone", "delivered"))
    assert Signal.objects.count() == 2
    assert not waiting().exists()


def test_after_the_expression_was_mended_all_calls_that_it_failed_on_are_taken(listening):
    source = listening("mapped")
    Source.objects.update(settings=source.settings | {"expression": "orders"})
    for name in ("1", "2"):
        body = {"orders": [name], "id": name, "arrived": "2026-03-10T10:00Z", "number": "A"}
        say(source, json.dumps(body), name)
    (reason,) = mending.reasons(waiting())
    Source.objects.update(settings=source.settings)

    receipt = mending.send_again(waiting(), by=SYSTEM, at=NOON)

    assert (reason.count, receipt.stored) == (2, 2)
    assert not waiting().exists()


def test_those_that_can_be_read_go_and_the_others_stay_with_the_reason_that_holds_now(own):
    say(own, "{not json")
    say(own, "7", "msg-2")
    RefusedSignal.objects.filter(external_id="msg-1").update(body=SHIPPED)

    receipt = mending.send_again(waiting(), by=SYSTEM, at=NOON)

    assert receipt.stored == 1
    assert [one.reason for one in waiting()] == ["There is neither data nor a signal in it."]


def test_headers_that_said_something_are_read_with_the_mended_body(listening):
    source = listening("cloudevents", settings={"proof": "token", "secret": "t0ken"})
    headers = {
        "Authorization": "Bearer t0ken",
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-source": "/acme",
        "ce-type": "com.acme.order.delivered",
        "ce-subject": "1001",
        "ce-time": "2026-03-10T10:00:00Z",
    }
    Client().post(f"/in/{source.token}/", b"{not json", "application/json", headers=headers)

    mend("{}")

    assert Signal.objects.get().subject.reference == "1001"


def test_a_vendor_whose_call_is_kept_is_not_asked_to_send_it_again(listening):
    shop = listening("shopify")
    one = sample("shopify", "placed")
    one.body["fulfillments"] = 7

    answer = send(shop, signed(shop, one))

    kept = RefusedSignal.objects.get()
    assert answer.status_code == 202
    assert kept.reason.startswith("It could not be read (")
    mend(kept.body.replace('"fulfillments": 7', '"fulfillments": []').replace(":7", ":[]"))
    assert Signal.objects.exists()


def test_what_is_no_signal_at_all_is_kept_under_its_source(own):
    say(own, "[7]")

    kept = RefusedSignal.objects.get()
    assert (kept.source, kept.site, kept.is_call) == (own.slug, own.site, False)


def test_each_sees_the_calls_of_their_site(own):
    say(own, "{not json")

    assert waiting(somebody(Role.INTEGRATOR, site=own.site)).count() == 1
    assert waiting(somebody(Role.INTEGRATOR, site=SiteFactory(slug="south"))).count() == 0


def test_the_list_of_calls_leads_to_where_it_is_mended(own, client):
    say(own, "{not json")
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    kept = RefusedSignal.objects.get()

    (row,) = calls.newest(own)
    shown = client.get(reverse("refused-signal", args=[kept.pk])).content.decode()
    listed = client.get(reverse("refused-signals"), {"source": own.slug}).content.decode()

    assert (row.refused_id, row.refused) == (kept.pk, 1)
    assert "A call that could not be taken" in shown
    assert "{not json" in shown
    assert "This is not JSON" in listed
    client.post(reverse("refused-signal", args=[kept.pk]), {"body": SHIPPED})
    assert Signal.objects.count() == 1


@pytest.mark.parametrize("last", ["order.gone", "order.shipped"])
def test_whoever_mends_a_call_of_several_learns_of_each_that_was_not_taken(own, client, last):
    say(own, "{not json")
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    kept = RefusedSignal.objects.get()
    both = json.loads(HALF)
    both.sort(key=lambda one: one["type"] == last)

    page = reverse("refused-signal", args=[kept.pk])
    answer = client.post(page, {"body": json.dumps(both)})

    assert answer.status_code == 422
    assert "“gone” is no word" in answer.content.decode()
