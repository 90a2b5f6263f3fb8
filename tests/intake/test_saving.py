"""Mappings that staff write: who may, what every version keeps, and what a body becomes by one."""

import pytest

from exceptions_app.errors import NotFound, NotPermitted, Refused, Stale
from exceptions_app.intake import saving
from exceptions_app.models import MappingVersion, SavedMapping, Signal
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role
from tests.factories import HOUR, NOON, SavedMappingFactory, SiteFactory, SourceFactory, somebody

pytestmark = pytest.mark.django_db

DOCUMENT = '{"reference": "n", "signals": [{"type": "order.paid", "occurred_at": "at"}]}'


def new(**given):
    fields = {"name": "Our shop", "kind": "json", "source": SourceFactory(), "body": "orders[*]"}
    return SavedMapping(**(fields | given))


def test_a_mapping_is_saved_with_who_and_when_and_every_version_is_kept():
    made = saving.keep(new(), by=SYSTEM, at=NOON)
    made.body = "items[*]"
    saving.keep(made, seen=1, by=somebody(Role.ADMINISTRATOR, first_name="Ingrid"), at=NOON + HOUR)

    found = saving.one("our-shop", by=SYSTEM)
    assert (found.version, found.body, found.changed_at) == (2, "items[*]", NOON + HOUR)
    told = MappingVersion.objects.order_by("number").values_list("number", "body", "at")
    assert list(told) == [(1, "orders[*]", NOON), (2, "items[*]", NOON + HOUR)]
    assert found.changed_by.startswith("Ingrid")


def test_an_earlier_version_holds_again_as_a_new_one():
    made = saving.keep(new(), by=SYSTEM, at=NOON)
    made.body, made.zone = "items[*]", "Asia/Tokyo"
    saving.keep(made, by=SYSTEM, at=NOON)

    restored = saving.restore("our-shop", 1, by=SYSTEM, at=NOON + HOUR)

    assert (restored.version, restored.body, restored.zone) == (3, "orders[*]", "UTC")
    with pytest.raises(NotFound):
        saving.restore("our-shop", 9, by=SYSTEM, at=NOON)


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused():
    made = saving.keep(new(), by=SYSTEM, at=NOON)
    saving.keep(made, seen=1, by=SYSTEM, at=NOON)

    with pytest.raises(Stale):
        saving.keep(made, seen=1, by=SYSTEM, at=NOON)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"body": "foo["}, "expression"),
        ({"kind": "csv", "body": "{}"}, "reference"),
        ({"kind": "csv", "body": "no"}, ""),
        ({"name": "olist"}, "name"),
        ({"name": "New"}, "name"),
    ],
)
def test_what_could_not_be_used_is_not_saved(given, field):
    with pytest.raises(Refused) as refusal:
        saving.keep(new(**given), by=SYSTEM, at=NOON)

    assert field in refusal.value.fields
    assert not SavedMapping.objects.exists()


def test_two_mappings_cannot_have_one_name():
    saving.keep(new(), by=SYSTEM, at=NOON)

    with pytest.raises(Refused, match="already"):
        saving.keep(new(), by=SYSTEM, at=NOON)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF, Role.LEAD, Role.MANAGER])
def test_only_integrators_and_administrators_write_mappings(role):
    with pytest.raises(NotPermitted):
        saving.listed(somebody(role))
    with pytest.raises(NotPermitted):
        saving.keep(new(), by=somebody(role), at=NOON)


def test_a_mapping_belongs_to_the_site_of_its_source():
    mapping = SavedMappingFactory()
    here = somebody(Role.INTEGRATOR, site=mapping.source.site)
    there = somebody(Role.INTEGRATOR, site=SiteFactory(slug="south"))

    assert saving.listed(here) == [mapping]
    assert saving.listed(there) == []
    with pytest.raises(NotFound):
        saving.one(mapping.slug, by=there)
    with pytest.raises(NotPermitted):
        saving.keep(new(), by=there, at=NOON)


def test_a_mapping_cannot_be_moved_to_a_source_of_another_site():
    mapping = SavedMappingFactory()
    here = somebody(Role.INTEGRATOR, site=mapping.source.site)
    mapping.source = SourceFactory(slug="theirs", site=SiteFactory(slug="south"))

    with pytest.raises(NotPermitted):
        saving.keep(mapping, by=here, at=NOON)


def test_a_body_is_taken_in_by_its_mapping_and_once_however_often_it_comes():
    mapping = SavedMappingFactory()
    body = {"order": {"number": 17}, "shipped_at": "2026-03-10 12:00"}

    first = saving.accept_mapped(mapping.slug, body, by=SYSTEM, at=NOON)
    again = saving.accept_mapped(mapping.slug, body, by=SYSTEM, at=NOON)

    assert (first.stored, again.stored, again.duplicate) == (1, 0, 1)
    signal = Signal.objects.get()
    assert (signal.external_id, signal.occurred_at) == ("17", NOON - HOUR)


def test_a_body_of_which_nothing_comes_is_refused():
    mapping = SavedMappingFactory(body="orders")

    with pytest.raises(Refused, match="makes no signal"):
        saving.accept_mapped(mapping.slug, {}, by=SYSTEM, at=NOON)


def test_a_mapping_for_files_takes_no_bodies():
    mapping = SavedMappingFactory(kind="csv", body=DOCUMENT)

    with pytest.raises(Refused, match="reads CSV files"):
        saving.accept_mapped(mapping.slug, {}, by=SYSTEM, at=NOON)


def test_columns_of_a_saved_mapping_are_found_for_those_who_may_see_it():
    mapping = SavedMappingFactory(kind="csv", body=DOCUMENT)
    there = somebody(Role.INTEGRATOR, site=SiteFactory(slug="south"))

    assert saving.columns_of(mapping.slug, by=SYSTEM).source == "scheduler"
    assert saving.columns_of("olist", by=there).source == "olist"
    for name, by in ((mapping.slug, there), ("nothing", SYSTEM)):
        with pytest.raises(NotFound):
            saving.columns_of(name, by=by)
