"""Every page of the admin opens for an administrator, and costs the same however much there is."""

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exceptions_app import models
from exceptions_app.people.models import Membership
from tests.admin.conftest import entered
from tests.factories import UserFactory

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
EVERY = pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
#: Written by verbs, sources and processes; nobody edits, adds or deletes them.
RECORDS = (
    "Attempt", "Backtest", "Case", "Clock", "Complaint", "ComplaintDecision", "ComplaintFile",
    "ComplaintLesson", "Delivery", "Entry", "Gate", "Heartbeat", "Hold", "IdempotentReply",
    "ImportProblem", "Link", "MappingVersion", "Milestone", "Promise", "Receipt", "RiskModel", "SavedMapping",
    "Signal", "SourceHour", "StatusVisit", "Subject", "TableImport", "Withheld",
)  # fmt: skip


def address(model, what, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


def queries(page, url):
    ContentType.objects.clear_cache()
    with CaptureQueriesContext(
        connection,
    ) as captured:
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
def test_a_list_costs_the_same_however_long_it_is(page, fill, model):
    fill()
    page.get(address(model, "changelist"))
    before = queries(page, address(model, "changelist"))
    for _ in range(3):
        fill()

    assert queries(page, address(model, "changelist")) == before


@EVERY
def test_the_page_of_one_opens_without_a_query_per_row_elsewhere(page, fill, model):
    fill()
    first = model._default_manager.order_by("pk").first()
    page.get(address(model, "change", first.pk))
    before = queries(page, address(model, "change", first.pk))
    for _ in range(3):
        fill()

    assert queries(page, address(model, "change", first.pk)) == before


@EVERY
def test_a_list_can_be_searched_with_anything(page, fill, model):
    fill()

    for asked in ("EX-1", "1", "O'Brien \x00 %", "token:1 k1"):
        assert page.get(address(model, "changelist"), {"q": asked}).status_code == 200


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_cannot_be_added_changed_or_deleted(page, fill, name):
    fill()
    model = getattr(models, name)
    row = model.objects.order_by("pk").first()

    assert page.get(address(model, "add")).status_code == 403
    assert page.post(address(model, "change", row.pk), {"title": "Nothing"}).status_code == 403
    assert page.get(address(model, "delete", row.pk)).status_code == 403


@pytest.mark.parametrize("role", ["viewer", "staff", "lead", "manager", "integrator"])
def test_nobody_else_enters(db, role):
    answer = entered(UserFactory(role=role, is_staff=True)).get(reverse("admin:index"))
    inside = entered(UserFactory(role=role, is_staff=True)).get(reverse("admin:login"))

    assert answer.status_code == 302
    assert inside.status_code == 403


def test_an_administrator_of_one_site_does_not_enter(site):
    user = UserFactory(role="administrator", role__site=site)

    assert entered(user).get(reverse("admin:index")).status_code == 302


def test_whoever_is_not_signed_in_is_sent_to_the_desks_own_sign_in(client, db):
    answer = client.get(reverse("admin:index"), follow=True)

    assert answer.redirect_chain[-1][0].startswith("/sign-in/?next=")


def test_an_administrator_who_was_switched_off_does_not_enter(administrator, page):
    Membership.objects.filter(user=administrator).delete()

    assert page.get(reverse("admin:index")).status_code == 302
