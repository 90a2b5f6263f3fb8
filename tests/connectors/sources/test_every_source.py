"""What holds for every source format; a newcomer is tested by being in the registry and having samples."""

import json
import random
from datetime import timedelta
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it has no stubs of its own
import pytest
from django.core.cache import cache

from config.home import ROOT
from connectors.configuring import Config
from connectors.hooks import Hook
from connectors.listening.door import address
from connectors.listening.kit import Call, SaysNothing, Sought
from connectors.listening.proving import new_key
from connectors.listening.samples import samples
from connectors.models import HookCall
from connectors.sources.registry import BY_SLUG, CATALOGUE
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.models import Case, Receipt, RefusedSignal, Signal
from tests.connectors.conftest import CONTRACTS
from tests.connectors.sources.conftest import (
    EVERY_SAMPLE,
    MARK,
    SETTINGS,
    sample,
    send,
    signed,
    state,
    take_in,
    tell,
)
from tests.factories import MINUTE, NOON, SiteFactory
from tests.test_architecture import lines

GOLDEN = Path(__file__).parent / "golden"
EVERY = pytest.mark.parametrize("slug", BY_SLUG)
SIGNS_TIME = {
    "stripe", "calendly", "shipengine", "cloudevents", "standardwebhooks", "mapped",
}  # fmt: skip
#: Like a connector; one that speaks two shapes may be longer.
LONGEST, TWO_SHAPES = 66, 90


def config_of(slug):
    form = BY_SLUG[slug]
    given = SETTINGS.get(slug, {})
    return form.config.read({**{e.name: e.sample() for e in form.config.schema()}, **given})


def read(slug, one):
    headers = {name.lower(): value for name, value in one.headers.items()}
    call = Call("", one.raw, NOON, "POST", headers)
    try:
        return list(BY_SLUG[slug].read(call, config_of(slug)))
    except SaysNothing as reason:
        return str(reason)


def readable(value):
    if isinstance(value, Sought):
        sought = {"parcel": value.parcel, "signal": value.signal}
        return {"of": {k: v for k, v in sought.items() if v}, "alone": value.alone}
    raise TypeError


# --- The values ------------------------------------------------------------------------------


def test_every_module_is_registered():
    modules = {path.stem for path in (ROOT / "connectors/sources").glob("[!_]*.py")}

    assert modules - {"registry"} == set(BY_SLUG)
    assert len(BY_SLUG) == len(CATALOGUE)


@EVERY
def test_a_format_is_short(slug):
    longest = TWO_SHAPES if slug in ("shopify", "cloudevents") else LONGEST

    assert lines(Path(f"connectors/sources/{slug}.py")) <= longest


@EVERY
def test_it_says_what_it_tells_and_where_to_enter_the_address(slug):
    form = BY_SLUG[slug]

    assert "this address" in form.setup
    assert form.tells.endswith(".")
    assert form.docs.startswith("https://")
    assert issubclass(form.config, Config)


@EVERY
def test_no_secret_shows_in_its_settings(slug):
    secrets = config_of(slug).secrets()

    assert secrets
    assert not any(secret in repr(config_of(slug)) for secret in secrets)


@pytest.mark.parametrize(("slug", "name"), EVERY_SAMPLE)
def test_what_is_read_equals_its_golden_file(slug, name, request):
    file = GOLDEN / f"{slug}.json"
    found = json.loads(json.dumps(read(slug, sample(slug, name)), default=readable))
    known = json.loads(file.read_text()) if file.exists() else {}

    if request.config.getoption("--golden"):
        known[name] = found
        ordered = {one.name: known[one.name] for one in samples(slug) if one.name in known}
        file.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")

    assert found == known[name]


@pytest.mark.parametrize(("slug", "name"), EVERY_SAMPLE)
def test_a_sample_is_what_the_vendor_sends(slug, name):
    if not CONTRACTS.exists():
        pytest.skip(f"The vendors' contracts are not beside the project ({CONTRACTS}).")
    one = sample(slug, name)
    if one.beyond:
        pytest.skip(one.beyond)
    schema = json.loads((CONTRACTS / BY_SLUG[slug].contract_file).read_text())
    check = jsonschema.validators.validator_for(schema)(schema)

    problems = [
        error.message
        for body in (one.body if isinstance(one.body, list) else [one.body])
        for error in check.iter_errors(body)
    ]

    assert problems == []


@pytest.mark.parametrize(("slug", "name"), EVERY_SAMPLE)
def test_every_signal_is_one_that_the_intake_understands(slug, name):
    said = read(slug, sample(slug, name))
    whole = [
        {**one, "source": slug, "subject": {**one["subject"], "reference": "1001"}}
        for one in (said if isinstance(said, list) else [])
    ]

    assert [one for one in map(parse, whole) if not isinstance(one, NewSignal)] == []


@EVERY
def test_the_first_sample_leaves_nothing_open(slug):
    said = read(slug, samples(slug)[0].filled(NOON, MARK))
    ends = {"order.delivered", "payment.paid", "appointment.finished", "appointment.booked"}

    assert ends & {one["type"] for one in said}


@EVERY
@pytest.mark.parametrize("raw", [b"", b"null", b"[1]", b"nonsense", b'{"data": 1}'])
def test_nonsense_of_whoever_knows_the_secret_is_kept_with_a_reason(listening, slug, raw):
    source = listening(slug)
    first = samples(slug)[0].filled(NOON, MARK)
    call = signed(source, type("Odd", (), {"raw": raw, "headers": first.headers}))

    answer = send(source, call)

    kept = HookCall.objects.get()
    lost = kept.state == HookCall.State.CONFLICT
    assert answer.status_code == (400 if lost and BY_SLUG[slug].ours else 202)
    nothing = set() if raw in (b"", b"nonsense") else {HookCall.State.NOTHING}
    assert kept.state in {HookCall.State.CONFLICT, *nothing}
    assert kept.outcome
    assert not Signal.objects.exists()
    assert [one.source for one in RefusedSignal.objects.all()] == [slug] * lost


# --- At the door -----------------------------------------------------------------------------


@pytest.mark.parametrize(("slug", "name"), EVERY_SAMPLE)
def test_what_is_proven_is_stored_before_it_is_answered_and_taken_in(listening, slug, name):
    source = listening(slug)

    answer = tell(source, name)

    kept = HookCall.objects.get()
    assert (answer.status_code, answer.content.decode()) == (202, f"{kept.outcome}\n")
    assert kept.source == source
    assert kept.state in ("done", "nothing", "held")
    assert kept.outcome
    assert Receipt.objects.filter(refused__gt=0).count() == 0


@EVERY
def test_what_was_tampered_with_has_no_effect(listening, slug):
    source = listening(slug)
    call = signed(source, sample(slug, samples(slug)[0].name))

    answer = send(source, call, call.raw + b" ")
    take_in()

    assert (answer.status_code, answer.content) == (401, b"The signature is wrong.\n")
    assert HookCall.objects.get().state == HookCall.State.REFUSED
    assert not Signal.objects.exists()


@EVERY
def test_what_is_not_signed_at_all_has_no_effect(listening, slug):
    source = listening(slug)
    one = sample(slug, samples(slug)[0].name)
    bare = Hook("", one.raw, NOON, "POST", {"content-type": "application/json"})

    answer = send(source, bare)
    assert (answer.status_code, answer.content) == (401, b"The signature is missing.\n")
    assert not Signal.objects.exists()


@EVERY
@pytest.mark.parametrize(
    "odd", ["", "x", "\xe9", "t=,v1=", ",,,", "v1,", "nan", "1e400", "9" * 400]
)
def test_odd_proofs_are_refused_and_break_nothing(listening, slug, odd):
    source, one = listening(slug), sample(slug, samples(slug)[0].name)
    whole, published = signed(source, one), BY_SLUG[slug].published
    if published:
        cache.set(published.url, ('{"keys": []}', NOON.timestamp()))
    proof = set(whole.headers) - {"content-type", *map(str.lower, one.headers)}

    for name in sorted(proof):
        forged = Hook("", one.raw, NOON, "POST", {**whole.headers, name: odd})
        assert send(source, forged).status_code == 401

    assert not Signal.objects.exists()


@EVERY
def test_another_source_s_signature_is_none_here(listening, slug):
    source = listening(slug)
    other = listening(slug, slug="other", settings=other_settings(slug, source.settings))

    answer = send(source, signed(other, sample(slug, samples(slug)[0].name)))

    assert answer.status_code == 401


def other_settings(slug, settings):
    if slug == "shipengine":
        return settings | {"ours": new_key()}
    return settings | {"secret": "whsec_" + "b3RoZXI" * 4}


@EVERY
@pytest.mark.parametrize("off", [-6 * MINUTE, 6 * MINUTE])
def test_what_is_stale_is_refused_where_the_time_is_signed(listening, slug, off):
    source = listening(slug)
    one = sample(slug, samples(slug)[0].name)

    answer = send(source, signed(source, one, NOON + off))

    assert answer.status_code == (401 if slug in SIGNS_TIME else 202)
    if slug in SIGNS_TIME:
        assert "too old" in HookCall.objects.get().outcome
        assert not Signal.objects.exists()


@EVERY
def test_what_is_replayed_is_refused_where_it_can_be_told_and_has_no_effect_anywhere(
    listening, slug
):
    source = listening(slug)
    call = signed(source, sample(slug, samples(slug)[0].name))
    send(source, call)
    before = state()

    answer = send(source, call)
    take_in()

    assert answer.status_code == (401 if slug in SIGNS_TIME else 202)
    assert state() == before
    refused = HookCall.objects.filter(state=HookCall.State.REFUSED)
    assert refused.count() == (slug in SIGNS_TIME)


@EVERY
def test_a_vendor_s_own_retry_is_known_and_changes_nothing(listening, slug, at_noon):
    source = listening(slug)
    one = sample(slug, samples(slug)[0].name)
    send(source, signed(source, one))
    before = state()
    at_noon.shift(timedelta(hours=2))

    answers = [
        send(source, signed(source, one, NOON + timedelta(hours=2, seconds=late))).status_code
        for late in (0, 30, 30 if slug not in SIGNS_TIME else 60)
    ]

    assert answers == [202, 202, 202]
    assert state() == before
    assert HookCall.objects.count() == 1


@EVERY
def test_order_of_arrival_does_not_matter(listening, slug):
    names = [one.name for one in samples(slug)]
    ordered = listening(slug, slug="one", site=SiteFactory(slug="one"))
    shuffled = listening(slug, slug="two", site=SiteFactory(slug="two"))
    mixed = names * 2
    random.shuffle(mixed)

    for name in names:
        tell(ordered, name)
    for name in mixed:
        tell(shuffled, name)
    take_in()

    assert state(shuffled.site) == state(ordered.site)


@EVERY
def test_its_address_cannot_be_guessed_and_can_be_changed(listening, slug):
    source = listening(slug)

    assert len(source.token) == 43
    assert address(source).endswith(f"/in/{source.token}/")


@EVERY
def test_what_the_first_sample_tells_is_over_and_opens_nothing(listening, slug):
    tell(listening(slug), samples(slug)[0].name)

    assert not Case.objects.exists()
