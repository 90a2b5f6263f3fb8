"""Axe on every page that the desk has, by day on a desk and by night on a phone."""

from contextvars import copy_context
from functools import cache
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse

from exceptions_app.models import Backtest, Case, Membership, Playbook, Subject
from exceptions_app.vocabulary import BacktestState, Role
from tests.dashboards.test_backtests import report
from tests.factories import UserFactory
from tests.test_access import DOORS, OK, Door, filled, world

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
__all__ = ["world"]
HERE = "http://desk.test"
SIGN_IN = "/sign-in/"
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


#: What is no door of its own: a verb by itself, and a rule that goes by what was learned.
BESIDE = (
    Door("do", (OK,) * 4, {"case_id": "case", "verb": "resolve"}),
    Door("rule", (OK,) * 4, {"slug": "order.predicted_late"}),
)


@pytest.fixture
def role():
    return Role.ADMINISTRATOR


@pytest.fixture
def get(world, role):
    """What somebody at every site is answered, asking once; each page asks for the same style."""
    client, user = Client(), UserFactory(username="ingrid", role=role)
    if role == Role.ADMINISTRATOR:
        Membership.objects.create(user=user, role=Role.INTEGRATOR)
    client.force_login(user)
    Backtest.objects.update(state=BacktestState.DONE, report=report())

    @cache
    def answered(where):
        given = (Client() if where == SIGN_IN else client).get(where)
        return {
            "status": given.status_code,
            "headers": dict(given.headers),
            "body": given.getvalue(),
        }

    return answered


@pytest.fixture
def page(browser, get, theme, width):
    """A browser whose requests reach our own views."""
    # Playwright calls from a context of its own, which would have another connection to the database.
    ours = copy_context()

    def answer(route):
        asked = urlsplit(route.request.url)
        where = f"{asked.path}?{asked.query}" if asked.query else asked.path
        route.fulfill(**ours.run(get, where))

    look = {"color_scheme": theme, "viewport": {"width": width, "height": 900}}
    with browser.new_context(reduced_motion="reduce", **look) as context:
        context.route("**/*", answer)
        yield context.new_page()


def pages(get, things):
    """The address of every page, those that refuse included; parts of pages and files are none."""
    doors = [door for door in DOORS if door.method == "get" and not door.name.startswith("api-")]
    for door in [*doors, *BESIDE]:
        where = reverse(door.name, kwargs=filled(door.where, things)) + door.query
        if get(where)["body"].lstrip()[:9].lower() == b"<!doctype":
            yield where


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing_on_any_page_and_none_is_too_wide(page, get, world):
    found, seen = {}, [*dict.fromkeys(pages(get, world[1])), SIGN_IN]
    for where in seen:
        page.goto(HERE + where)
        report = Axe().run(page)
        if report.violations_count:
            found[where] = report.generate_report()
        if page.evaluate(TOO_WIDE) > 0:
            found[where, "width"] = "It is wider than the window."

    assert sum(get(where)["status"] == OK for where in seen) > 45
    assert found == {}


@pytest.mark.parametrize(("theme", "width", "role"), [("light", 390, Role.VIEWER)])
def test_the_bar_of_one_who_may_not_flag_is_no_wider_than_a_phone(page):
    page.goto(HERE + reverse("board"))

    assert page.locator(".top__site").count()
    assert page.evaluate(TOO_WIDE) <= 0


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1440)])
def test_a_word_without_end_makes_no_page_wider_than_the_window(page, get, world):
    word = "x" * 120
    Case.objects.update(title=word, customer_name=word, waiting_for=word)
    Subject.objects.update(label=word, customer={"name": word})
    Playbook.objects.update(conditions=[{"field": "tier", "is": ["x" * 300]}])
    named = {"board", "case", "do", "subject", "subjects", "playbooks", "playbook"}
    doors = [door for door in (*DOORS, *BESIDE) if door.name in named and door.method == "get"]

    for where in {reverse(door.name, kwargs=filled(door.where, world[1])) for door in doors}:
        page.goto(HERE + where)
        assert page.evaluate(TOO_WIDE) <= 0, where
