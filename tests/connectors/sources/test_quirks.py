"""What is special about one vendor: several signatures, secrets that are normalised, published keys."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
import requests  # noqa: TID251 - its failures are the far side's
import responses
from django.test import Client
from joserfc.jwk import RSAKey

from connectors import client as our_client
from connectors.listening.proving import stamp_in
from connectors.models import HookCall
from connectors.sources.registry import BY_SLUG
from exceptions_app.models import RefusedSignal, Signal, Subject
from tests.connectors.sources.conftest import (
    OURS,
    sample,
    send,
    signed,
    take_in,
    tell,
)
from tests.factories import NOON, SiteFactory

JWKS = "https://api.shipengine.com/jwks"
SECONDS = int(NOON.timestamp())


def post(source, raw, **headers):
    return Client().post(f"/in/{source.token}/", raw, "application/json", headers=headers)


def hexed(secret, text):
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


# --- Written by hand, so that our own signing proves nothing to itself ------------------------


def test_stripe_signs_with_several_secrets_while_one_is_rotated(listening):
    source = listening("stripe", settings={"secret": "whsec_new"})
    raw = sample("stripe", "failed").raw
    right = hexed("whsec_new", f"{SECONDS}.".encode() + raw)
    old = hexed("whsec_old", f"{SECONDS}.".encode() + raw)

    answer = post(source, raw, stripe_signature=f"t={SECONDS},v1={old},v1={right},v0={old}")

    assert answer.status_code == 202
    assert Signal.objects.get().type == "payment.failed"


@pytest.mark.parametrize("scheme", ["v0", "v2", "V1"])
def test_stripe_s_other_schemes_count_for_nothing(listening, scheme):
    source = listening("stripe", settings={"secret": "whsec_new"})
    raw = sample("stripe", "failed").raw
    right = hexed("whsec_new", f"{SECONDS}.".encode() + raw)

    answer = post(source, raw, stripe_signature=f"t={SECONDS},{scheme}={right}")

    assert answer.status_code == 401


def test_a_second_time_in_the_header_does_not_make_it_fresh(listening, at_noon):
    source = listening("stripe", settings={"secret": "whsec_new"})
    raw = sample("stripe", "failed").raw
    right = hexed("whsec_new", f"{SECONDS}.".encode() + raw)
    at_noon.shift(timedelta(minutes=10))

    for header in (f"t={SECONDS},t={SECONDS + 600},v1={right}", f"t={SECONDS + 600},v1={right}"):
        assert post(source, raw, stripe_signature=header).status_code == 401


def test_easypost_normalises_the_secret(listening):
    source = listening("easypost", settings={"secret": "\u00e9\ufb01", "wait": 0})
    raw = sample("easypost", "delivered").raw
    made = hexed("e\u0301fi", raw)

    answer = post(source, raw, x_hmac_signature=f"hmac-sha256-hex={made}")

    assert answer.status_code == 202
    assert post(source, raw, x_hmac_signature=made).status_code == 401


@pytest.mark.parametrize(
    ("slug", "header"),
    [
        ("shopify", "X-Shopify-Hmac-Sha256"),
        ("aftership", "aftership-hmac-sha256"),
        ("jobber", "X-Jobber-Hmac-SHA256"),
    ],
)
def test_others_sign_the_raw_body_in_base64(listening, slug, header):
    source = listening(slug, settings={"secret": "s3cr&t"})
    one = sample(slug, {"jobber": "completed"}.get(slug, "delivered"))
    made = base64.b64encode(hmac.new(b"s3cr&t", one.raw, hashlib.sha256).digest()).decode()
    more = {name: value for name, value in one.headers.items() if name.startswith("X-")}

    answer = Client().post(
        f"/in/{source.token}/", one.raw, "application/json", headers={header: made, **more}
    )

    assert answer.status_code == 202
    assert Signal.objects.exists()


def test_standard_webhooks_takes_any_one_of_the_signatures(listening):
    key = base64.b64encode(b"k" * 24).decode()
    source = listening("standardwebhooks", settings={"secret": f"whsec_{key}"})
    raw = sample("standardwebhooks", "delivered").raw
    text = f"msg_1.{SECONDS}.".encode() + raw
    made = base64.b64encode(hmac.new(b"k" * 24, text, hashlib.sha256).digest()).decode()
    given = {"webhook-id": "msg_1", "webhook-timestamp": str(SECONDS)}

    answer = Client().post(
        f"/in/{source.token}/",
        raw,
        "application/json",
        headers=given | {"webhook-signature": f"v1,d3Jvbmc= v1a,eHg= v1,{made}"},
    )

    assert answer.status_code == 202


# --- Published keys ---------------------------------------------------------------------------


@pytest.fixture
def vendor(monkeypatch):
    monkeypatch.setattr(our_client, "public_address", lambda host, port: host)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


class Theirs:
    """The vendor's own pair, and what it publishes."""

    def __init__(self, name):
        self.key = RSAKey.generate_key(2048, {"kid": name})
        self.public = {"keys": [{**self.key.as_dict(private=False), "kid": name}]}
        self.pem = self.key.as_pem(private=True).decode()
        self.name = name

    def send(self, source, one, at=NOON):
        form = BY_SLUG["shipengine"]
        config = form.config.read({"ours": self.pem, "wait": 0})
        call = form.signed("", one.raw, {"content-type": "application/json"}, at, config)
        named = {**call.headers, "x-shipengine-rsa-sha256-key-id": self.name}
        return send(source, type("Call", (), {"raw": one.raw, "headers": named}))


@pytest.fixture(scope="module")
def theirs():
    return Theirs("2026-a")


def test_shipengine_s_published_keys_are_fetched_once_and_kept(listening, vendor, theirs):
    vendor.get(JWKS, json=theirs.public)
    source = listening("shipengine")

    answers = [
        theirs.send(source, sample("shipengine", n)).status_code for n in ("delivered", "lost")
    ]

    assert answers == [202, 202]
    assert len(vendor.calls) == 1


def test_an_unknown_key_has_them_fetched_again_but_not_more_than_once_a_minute(
    listening, vendor, theirs, at_noon
):
    vendor.get(JWKS, json={"keys": []})
    source, one = listening("shipengine"), sample("shipengine", "delivered")

    unknown = [theirs.send(source, one).status_code for _ in range(3)]
    vendor.replace(responses.GET, JWKS, json=theirs.public)
    at_noon.shift(timedelta(seconds=61))
    known = theirs.send(source, one, NOON + timedelta(seconds=61)).status_code

    assert (unknown, known, len(vendor.calls)) == ([401, 401, 401], 202, 2)


@pytest.mark.parametrize("fault", [requests.exceptions.ConnectionError(), 500])
def test_without_keys_the_vendor_is_asked_to_come_again(listening, vendor, theirs, fault, at_noon):
    if isinstance(fault, int):
        vendor.get(JWKS, status=fault)
    else:
        vendor.get(JWKS, body=fault)
    source = listening("shipengine")

    asked = []
    for _ in range(4):
        answer = theirs.send(source, sample("shipengine", "delivered"))
        asked.append((answer.status_code, len(vendor.calls)))
        at_noon.shift(timedelta(seconds=25))

    assert asked == [(503, 1), (503, 1), (503, 1), (503, 2)]
    assert not HookCall.objects.exists()


def test_keys_that_are_kept_serve_while_the_vendor_is_away(listening, vendor, theirs, at_noon):
    vendor.get(JWKS, json=theirs.public)
    source, later = listening("shipengine"), NOON + timedelta(hours=2)
    theirs.send(source, sample("shipengine", "delivered"))
    vendor.replace(responses.GET, JWKS, body=requests.exceptions.ConnectionError())
    at_noon.move_to(later)

    answer = theirs.send(source, sample("shipengine", "lost"), later)

    assert answer.status_code == 202


def test_nobody_signs_with_the_key_of_samples_but_us(listening, theirs):
    source = listening("shipengine")
    one = sample("shipengine", "delivered")
    form = BY_SLUG["shipengine"]
    forged = form.signed(
        "",
        one.raw,
        {"content-type": "application/json"},
        NOON,
        form.config.read({"ours": theirs.pem}),
    )

    assert send(source, forged).status_code == 401
    assert source.settings["ours"] == OURS


@pytest.mark.parametrize(
    "keys", ["", "{", "[]", '{"keys": [{"kid": "2026-a", "kty": "oct", "k": "AA"}]}']
)
def test_keys_that_are_none_prove_nothing(listening, theirs, keys):
    source = listening("shipengine", settings={"ours": OURS, "keys": keys or "nothing"})

    assert theirs.send(source, sample("shipengine", "delivered")).status_code == 401


# --- CloudEvents ------------------------------------------------------------------------------


def test_cloudevents_greet_before_they_send(listening):
    source = listening("cloudevents")

    answer = Client().options(
        f"/in/{source.token}/", headers={"WebHook-Request-Origin": "eventemitter.example.com"}
    )

    assert answer.status_code == 200
    assert answer.headers["WebHook-Allowed-Origin"] == "eventemitter.example.com"


BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/acme",
    "ce-type": "com.acme.order.delivered",
    "ce-subject": "Bestellung%20M%C3%BCller",
    "ce-time": "2026-03-10T10:00:00Z",
}


def test_binary_mode_is_taken_with_a_token(listening):
    source = listening("cloudevents", settings={"proof": "token", "secret": "t0ken"})
    headers = {"Authorization": "Bearer t0ken", **BINARY}

    answer = Client().post(f"/in/{source.token}/", b"{}", "application/json", headers=headers)

    assert answer.status_code == 202
    assert Subject.objects.get().reference == "Bestellung Müller"
    assert (
        Client().post(f"/in/{source.token}/", b"{}", "application/json", headers=BINARY).status_code
        == 401
    )


def test_two_events_in_binary_mode_are_two_though_their_data_are_alike(listening):
    source = listening("cloudevents", settings={"proof": "token", "secret": "t0ken"})
    headers = {"Authorization": "Bearer t0ken", **BINARY}
    other = {**headers, "ce-id": "2", "ce-type": "com.acme.order.shipped"}

    for each in (headers, other, headers):
        Client().post(f"/in/{source.token}/", b"{}", "application/json", headers=each)

    assert Signal.objects.count() == HookCall.objects.count() == 2


def test_binary_mode_is_not_believed_under_a_signature_that_does_not_cover_it(listening):
    source = listening("cloudevents")
    call = signed(source, sample("cloudevents", "delivered"))
    call.headers.update(BINARY)

    send(source, call)

    assert "No signature covers" in HookCall.objects.get().outcome
    assert not Subject.objects.exists()


def event(number, **more):
    """One of a batch, whole as its system writes it."""
    whole = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/acme",
        "type": "com.acme.order.shipped",
        "subject": str(number),
        "time": "2026-03-10T10:00:00Z",
    }
    return {name: value for name, value in (whole | more).items() if value is not None}


def say(source, *events):
    raw = json.dumps(events).encode()
    return send(
        source, signed(source, type("Odd", (), {"raw": raw, "headers": {"webhook-id": "m"}}))
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"data": {"subject": "1001"}}, "subject"), ({"id": None}, "external_id")],
)
def test_an_event_that_is_wrong_loses_no_other_of_its_batch(listening, wrong, field):
    answer = say(listening("cloudevents"), event(1), event(2, **wrong), event(3, **wrong), event(4))

    assert answer.status_code == 202
    assert [one.reference for one in Subject.objects.order_by("reference")] == ["1", "4"]
    assert {one.field for one in RefusedSignal.objects.all()} == {field}
    assert sum(one.times for one in RefusedSignal.objects.all()) == 2


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        ([event(1, specversion="0.3")], "It is of CloudEvents “0.3”; 1.0 is read."),
        ([event(1, type="nope")], "“nope” ends in none of our types."),
        ([], "It is empty."),
    ],
)
def test_a_batch_of_which_nothing_is_read_says_why(listening, batch, said):
    assert say(listening("cloudevents"), *batch).content.decode().strip() == said


def test_data_that_an_sdk_wrote_in_base64_are_read(listening):
    data = base64.b64encode(b'{"note": "By rail"}').decode()

    say(listening("cloudevents"), event(1, data_base64=data), event(2, data_base64="\u00e9"))

    assert [one.body.get("note") for one in Signal.objects.order_by("external_id")] == [
        "By rail",
        None,
    ]


def test_an_event_in_binary_mode_may_carry_nothing(listening):
    source = listening("cloudevents", settings={"proof": "token", "secret": "t0ken"})
    headers = {"Authorization": "Bearer t0ken", **BINARY}

    answer = Client().post(f"/in/{source.token}/", b"", "application/json", headers=headers)

    assert answer.status_code == 202
    assert Signal.objects.get().type == "order.delivered"


# --- Others -----------------------------------------------------------------------------------


def test_a_topic_that_nobody_signs_makes_no_order_paid(listening):
    source = listening("shopify")

    tell(source, "forged")

    assert not Signal.objects.filter(type="order.paid").exists()


def test_what_standard_webhooks_say_is_of_this_source_whatever_they_claim(listening):
    source = listening("standardwebhooks")
    listening("stripe")
    one = sample("standardwebhooks", "one")
    one.body["source"] = "stripe"

    send(source, signed(source, one))

    assert Signal.objects.get().source == source


def test_a_source_of_one_site_tells_nothing_about_another(listening):
    source = listening("standardwebhooks")
    listening("stripe", site=SiteFactory(slug="south"))
    one = sample("standardwebhooks", "one")
    one.body["subject"]["site"] = "south"

    send(source, signed(source, one))

    assert "no site of yours" in HookCall.objects.get().outcome
    assert not Signal.objects.exists()


def test_the_time_that_is_signed_is_found_among_the_parts():
    call = type("Call", (), {"header": lambda self, name: "v1=aa, t=17 ,v0=bb"})()

    assert stamp_in("Stripe-Signature")(call) == "17"


def test_json_may_be_deep_without_hurting_anybody(listening):
    source = listening("standardwebhooks")
    raw = b"[" * 200_000
    call = signed(source, type("Odd", (), {"raw": raw, "headers": {"webhook-id": "1"}}))

    assert send(source, call).status_code == 202
    take_in()

    assert RefusedSignal.objects.get().body == raw.decode()


def test_a_signal_of_ours_that_says_too_little_is_refused_and_kept(listening):
    source = listening("standardwebhooks")
    raw = b'{"type": "order.shipped", "timestamp": "2026-03-10T10:00:00Z"}'

    answer = send(
        source, signed(source, type("Odd", (), {"raw": raw, "headers": {"webhook-id": "1"}}))
    )

    assert answer.status_code == 400
    assert answer.content.decode().startswith("1 refused. ")
    assert "What was refused is kept, to be mended at the desk." in answer.content.decode()
    assert RefusedSignal.objects.get().external_id == "1"
