"""Mappings on their pages: tried beside a sample, saved, looked back at."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from exceptions_app.models import MappingVersion, Receipt, SavedMapping, Signal
from exceptions_app.vocabulary import Role
from tests.factories import SavedMappingFactory, SourceFactory, UserFactory

EXPRESSION = (
    "orders[*].{type: kind, external_id: id, occurred_at: at, subject: {reference: id, site: site}}"
)
BODY = {
    "orders": [
        {"id": 17, "kind": "order.shipped", "at": "2026-03-10 12:00"},
        {"id": 18, "kind": "order.eaten", "at": "2026-03-10 12:00"},
        {"id": 19, "kind": "order.shipped", "at": "soon", "site": 7},
        {"id": 20, "kind": "order.shipped", "at": "2026-03-10 12:00", "site": "moon"},
    ]
}


@pytest.fixture
def page(north):
    client = Client()
    client.force_login(UserFactory(role=Role.INTEGRATOR, role__site=north))
    return client


@pytest.fixture
def shop(north):
    return SourceFactory(slug="shop", name="Shop", site=north)


def typed(shop, **changes):
    return {
        "name": "Our shop",
        "source": shop.pk,
        "zone": "Europe/Berlin",
        "body": EXPRESSION,
        "sample": json.dumps(BODY),
        **changes,
    }


def tried(page, fields, kind="json"):
    address = f"{reverse('mapping-new')}?kind={kind}"
    return page.post(address, fields | {"press": "try"}, headers={"HX-Request": "true"})


def test_a_trial_shows_field_by_field_what_was_read_and_understood_and_stores_nothing(page, shop):
    answer = tried(page, typed(shop))

    told = answer.content.decode()
    assert "1 would be taken" in told
    assert "3 would be refused" in told
    assert "order: handed to the carrier (a milestone)" in told
    assert "Tue 2026-03-10 12:00:00 CET" in told
    assert "“eaten” is no word for a signal about an order" in told
    assert "Must be an ISO 8601 time" in told
    assert "“moon” is no site of yours" in told
    assert "Must be text" in told  # the carrier of the order whose time is wrong as well
    assert not Signal.objects.exists()
    assert not Receipt.objects.exists()
    assert not SavedMapping.objects.exists()


def test_a_trial_without_script_is_the_whole_page_with_what_was_typed(page, shop):
    answer = page.post(reverse("mapping-new"), typed(shop, press="try"))

    told = answer.content.decode()
    assert answer.status_code == 200
    assert "1 would be taken" in told
    assert "kind, external_id: id" in told


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body": "orders["}, "This is no JMESPath expression"),
        ({"sample": "{"}, "This is no JSON"),
        ({"sample": ""}, "Paste a sample first"),
        ({"body": ""}, "Write what makes signals"),
        ({"source": ""}, "Choose the source"),
        ({"body": "nothing"}, "No signal comes out"),
    ],
)
def test_what_cannot_be_tried_is_said_in_plain_words(page, shop, changes, said):
    assert said in tried(page, typed(shop, **changes)).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sample": "{"}, "The sample cannot be used. This is no JSON: "),
        ({"body": "orders["}, "The expression cannot be used. This is no JMESPath expression."),
    ],
)
def test_what_cannot_be_tried_is_said_once_and_by_no_name_of_the_code(page, shop, changes, said):
    told = tried(page, typed(shop, **changes)).content.decode()

    assert told.count("This is no J") == 1
    assert said in told
    assert "tried__reasons" not in told


def test_an_expression_that_cannot_be_saved_is_blamed_in_plain_words(page, shop):
    answer = page.post(reverse("mapping-new"), typed(shop, body="orders["))

    told = answer.content.decode()
    assert told.count("This is no JMESPath expression.") == 1
    assert "expression: This is no" not in told


def test_a_mapping_for_files_is_tried_on_pasted_rows(page, shop):
    document = {"reference": "n", "signals": [{"type": "order.paid", "occurred_at": "at"}]}
    sample = "n,at\n1,2026-03-10 12:00\n2,soon\n,2026-03-10 12:00\n"

    told = tried(
        page, typed(shop, body=json.dumps(document), sample=sample), "csv"
    ).content.decode()

    assert "1 would be taken" in told
    assert "Row 3" in told
    assert "Must not be empty" in told


def test_a_mapping_is_saved_and_listed_with_its_history_and_address(page, shop):
    answer = page.post(reverse("mapping-new"), typed(shop, press="save"), follow=True)

    assert answer.redirect_chain == [(reverse("mapping", args=["our-shop"]), 302)]
    told = answer.content.decode()
    assert "http://testserver/api/v1/mappings/our-shop/signals/" in told
    assert "Version 1" in told
    assert "Our shop" in page.get(reverse("mappings")).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Name it"),
        ({"body": "foo["}, "This is no JMESPath expression"),
        ({"name": "olist"}, "This name is taken"),
    ],
)
def test_what_cannot_be_saved_is_said_beside_its_field(page, shop, changes, said):
    answer = page.post(reverse("mapping-new"), typed(shop, press="save", **changes))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not SavedMapping.objects.exists()


def test_a_change_of_an_old_version_is_refused(page, shop):
    page.post(reverse("mapping-new"), typed(shop, press="save"))
    address = reverse("mapping", args=["our-shop"])
    page.post(address, typed(shop, press="save", seen=1, body="orders[*]"))

    answer = page.post(address, typed(shop, press="save", seen=1, body="items[*]"))

    assert answer.status_code == 422
    assert "changed it since you looked" in answer.content.decode()
    assert SavedMapping.objects.get().body == "orders[*]"


def test_an_earlier_version_is_restored(page, shop):
    page.post(reverse("mapping-new"), typed(shop, press="save"))
    page.post(reverse("mapping", args=["our-shop"]), typed(shop, press="save", body="orders[*]"))

    page.post(reverse("mapping-restore", args=["our-shop", 1]))

    assert SavedMapping.objects.get().body == EXPRESSION
    assert MappingVersion.objects.count() == 3


def test_a_mapping_that_comes_along_is_a_beginning(page, shop):
    told = page.get(f"{reverse('mapping-new')}?kind=csv&from=olist").content.decode()

    assert "Olist orders" in told
    assert "ship_limit_max" in told


def test_a_list_costs_the_same_however_long_it_is(page, shop, django_assert_max_num_queries):
    for _ in range(5):
        SavedMappingFactory(source=shop)

    with django_assert_max_num_queries(8):
        page.get(reverse("mappings"))
