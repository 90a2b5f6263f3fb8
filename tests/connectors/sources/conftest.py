"""A source that listens, its vendor, and a clock that stands."""

import itertools
from contextlib import suppress

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from connectors import inbound
from connectors.listening.door import address
from connectors.listening.proving import new_key
from connectors.listening.samples import samples
from connectors.sources.registry import BY_SLUG
from exceptions_app.models import Signal, Source, Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.subjects.listening import keep
from tests.factories import NOON, SiteFactory

MARK = "c0ffee"
#: The same for all tests: making one takes longer than most of them.
OURS = new_key()
#: Settings with a mind of their own; the others are the examples.
SETTINGS: dict[str, dict[str, object]] = {
    "easypost": {"secret": "Pa\u0308ssw\u00f6rt \ufb01ve", "wait": 1},
    "shipengine": {"ours": OURS, "wait": 1},
    "shopify": {"secret": "shpss_1", "promise": "Delivery date", "gold": "VIP"},
}


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def nothing_is_known_of_keys():
    cache.clear()


@pytest.fixture
def listening(db):
    """Make a source of this format."""

    def made(form, /, **given):
        settings = SETTINGS.get(form) or {
            each.name: each.sample() for each in BY_SLUG[form].config.schema() if each.required
        }
        fields = {"slug": form, "name": form.title(), "site": SiteFactory(), "settings": settings}
        return keep(Source(format=form, **{**fields, **given}), by=SYSTEM)

    return made


def sample(slug, name, mark=MARK, at=NOON):
    return next(one for one in samples(slug) if one.name == name).filled(at, mark)


def signed(source, one, at=NOON):
    """The call that the vendor would make."""
    form = BY_SLUG[source.format]
    config = form.config.read(source.settings)
    headers = {"Content-Type": "application/json", **one.headers}
    return form.signed(address(source), one.raw, headers, at, config)


def send(source, call, raw=None):
    path = f"/in/{source.token}/"
    headers = {name: value for name, value in call.headers.items() if name != "content-type"}
    kind = call.headers["content-type"]
    return Client().post(path, call.raw if raw is None else raw, kind, headers=headers)


def tell(source, name, **more):
    return send(source, signed(source, sample(source.format, name, **more)))


def take_in():
    """As a worker does."""
    with suppress(StopIteration):
        inbound.take_in()


def state(site=None):
    """Everything known, there or anywhere, however it was learnt."""
    of = {"site": site} if site else {}
    subjects = [
        (
            subject.kind,
            subject.reference,
            subject.label,
            subject.tier,
            subject.value,
            subject.customer,
            subject.attributes,
            {word: {**said, "before": None} for word, said in subject.reports.items()},
            subject.promised_at,
            subject.ended_at,
            sorted(subject.milestones.values_list("name", "expected_at", "actual_at")),
        )
        for subject in Subject.objects.filter(**of).order_by("kind", "reference")
    ]
    there = {f"subject__{name}": value for name, value in of.items()}
    return subjects, sorted(Signal.objects.filter(**there).values_list("external_id", "type"))


#: Every format with every sample of it.
EVERY_SAMPLE = list(
    itertools.chain.from_iterable(
        ((form.slug, one.name) for one in samples(form.slug)) for form in BY_SLUG.values()
    )
)
