"""A real desk on this test's database, and Chromium to look at it with."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import sync_playwright

from exceptions_app.models import User
from exceptions_app.vocabulary import Role
from tests.conftest import address_of_database
from tests.factories import (
    CalendarFactory,
    PlaybookFactory,
    SiteFactory,
    SourceFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
)  # fmt: skip

BAD = ("error", "warning")
ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)


@pytest.fixture(scope="session")
def browser(chromium):
    # Django takes Playwright's loop for async code of ours; it is only next to it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
    if before is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def people(transactional_db):
    """A site with everything that a case needs, and two people who work there."""
    site = SiteFactory(slug="north", name="Harbour North", calendar=CalendarFactory())
    TeamFactory(site=site, slug="dispatch", name="Dispatch")
    SourceFactory(site=site)
    for kind, minutes in (("acknowledge", 30), ("first_update", 120), ("resolve", 480)):
        TargetFactory(kind=kind, amount=minutes)
    PlaybookFactory(connection__name="Zendesk")
    for name in ("ana", "marek"):
        user = UserFactory(username=name, first_name=name.title(), role=Role.LEAD, role__site=site)
        user.password = PBKDF2PasswordHasher().encode("harbour", name * 4)
        user.save()
    return User.objects.in_bulk(field_name="username")


@pytest.fixture(scope="session")
def web(django_db_setup, django_db_blocker, tmp_path_factory):
    """The address of a web process that runs while the tests do."""
    home = tmp_path_factory.mktemp("desk")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "DATABASE_URL": address_of_database(),
        "PORT": str(port),
        "BASE_URL": address,
        "FLAGSTAND_HOME": str(home),
        "FLAGSTAND_KEYS": ",".join(settings.FLAGSTAND_KEYS),
    }
    log = (home / "web.log").open("wb")
    web = subprocess.Popen(
        [sys.executable, "manage.py", "web", "--port", str(port)],
        cwd=ROOT,
        env=env,
        stdout=log,
        stderr=log,
    )
    try:
        await_answer(f"{address}/sign-in/", web, home / "web.log")
        yield address
    finally:
        web.terminate()
        web.wait(timeout=20)
        log.close()


@pytest.fixture
def desk(people, web):
    return web


def await_answer(url, web, log):
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own
                return
        except OSError:
            assert web.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture
def sign_in(browser, desk):
    """Sign somebody in through the page; what the browser complains of fails the test."""
    complaints = []

    @contextmanager
    def somebody(name, **look):
        context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | look))
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{desk}/sign-in/")
        page.fill("[name=username]", name)
        page.fill("[name=password]", "harbour")
        page.keyboard.press("Enter")
        page.wait_for_url("**/board/**")
        try:
            yield page
        finally:
            context.close()

    yield somebody
    # A refusal (409, 404) is an answer; what it leads to is for the test to judge. Whoever leaves a page
    # before its socket has opened is told so.
    harmless = ("Failed to load resource", "WebSocket connection to")
    assert [said for said in complaints if not said.startswith(harmless)] == []
