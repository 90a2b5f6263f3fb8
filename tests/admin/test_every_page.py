"""Every page of the admin opens for an administrator, and costs the same however much there is."""

from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exceptions_app import models
from exceptions_app.people.models import Membership
from tests.admin.conftest import entered, one_more, working_site
from tests.conftest import lasting
from tests.factories import SiteFactory, UserFactory

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
EVERY = pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
#: Written by verbs, sources and processes; nobody edits, adds or deletes them.
RECORDS = (
    "Attempt", "Backtest", "Case", "Clock", "Complaint", "ComplaintDecision", "ComplaintFile",
    "ComplaintLesson", "Delivery", "Entry", "Gate", "Heartbeat", "Hold", "IdempotentReply",
    "ImportProblem", "Link", "MappingVersion", "Milestone", "Promise", "Receipt", "RiskAdoption",
    "RiskModel", "SavedMapping",
    "Signal", "SourceHour", "StatusVisit", "Subject", "TableImport", "Withheld", "WrongPassword",
)  # fmt: skip


def address(model, what, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


@dataclass
class Desk:
    """An administrator's browser, and the statements of every page with one of everything and with four."""

    page: Client
    ones: dict[type, str]
    few: dict[str, int]
    many: dict[str, int]


@pytest.fixture(scope="module")
def desk(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker):
        page, site = entered(UserFactory(role="administrator")), working_site()
        one_more(site)
        ones = {model: first_of(model) for model in REGISTERED}
        pages = [*map(listed, REGISTERED), *ones.values()]
        few = {url: queries(page, url) for url in pages}
        for _ in range(3):
            one_more(site)
        yield Desk(page, ones, few, {url: queries(page, url) for url in pages})


def listed(model):
    return address(model, "changelist")


def first_of(model):
    return address(model, "change", model._default_manager.order_by("pk").first().pk)


def queries(page, url):
    ContentType.objects.clear_cache()
    with CaptureQueriesContext(connection) as captured:
        answer = page.get(url)
    assert answer.status_code == 200, url
    return len(captured)


def test_every_table_of_the_domain_has_its_pages():
    ours = {getattr(models, name) for name in models.__all__}
    within_calendars = {models.CalendarVersion}

    assert ours - within_calendars <= set(REGISTERED)


def test_groups_and_the_queue_are_not_shown():
    assert {model._meta.app_label for model in REGISTERED} == {"exceptions_app", "connectors"}


@EVERY
def test_a_list_costs_the_same_however_long_it_is(db, desk, model):
    assert desk.many[listed(model)] == desk.few[listed(model)]


@EVERY
def test_the_page_of_one_opens_without_a_query_per_row_elsewhere(db, desk, model):
    assert desk.many[desk.ones[model]] == desk.few[desk.ones[model]]


@EVERY
def test_a_list_can_be_searched_with_anything(db, desk, model):
    for asked in ("EX-1", "1", "O'Brien \x00 %", "token:1 k1"):
        assert desk.page.get(listed(model), {"q": asked}).status_code == 200


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_cannot_be_added_changed_or_deleted(db, desk, name):
    model = getattr(models, name)
    change = desk.ones[model]

    assert desk.page.get(address(model, "add")).status_code == 403
    assert desk.page.post(change, {"title": "Nothing"}).status_code == 403
    assert desk.page.get(change.replace("/change/", "/delete/")).status_code == 403


@pytest.mark.parametrize("role", ["viewer", "staff", "lead", "manager", "integrator"])
def test_nobody_else_enters(db, role):
    answer = entered(UserFactory(role=role, is_staff=True)).get(reverse("admin:index"))
    inside = entered(UserFactory(role=role, is_staff=True)).get(reverse("admin:login"))

    assert answer.status_code == 302
    assert inside.status_code == 403


def test_an_administrator_of_one_site_does_not_enter(db):
    user = UserFactory(role="administrator", role__site=SiteFactory())

    assert entered(user).get(reverse("admin:index")).status_code == 302


def test_whoever_is_not_signed_in_is_sent_to_the_desks_own_sign_in(client, db):
    answer = client.get(reverse("admin:index"), follow=True)

    assert answer.redirect_chain[-1][0].startswith("/sign-in/?next=")


def test_an_administrator_who_was_switched_off_does_not_enter(administrator, page):
    Membership.objects.filter(user=administrator).delete()

    assert page.get(reverse("admin:index")).status_code == 302
