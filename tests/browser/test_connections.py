"""Connections in a real browser: found, set up and tried by keyboard."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import expect

from connectors.registry import CATALOGUE
from exceptions_app.models import Connection
from exceptions_app.vocabulary import Role
from tests.factories import UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ingrid(people):
    password = PBKDF2PasswordHasher().encode("harbour", "salt" * 3)
    return UserFactory(username="ingrid", role=Role.ADMINISTRATOR, password=password)


def test_a_platform_is_found_connected_and_tried_by_keyboard_alone(ingrid, sign_in):
    with sign_in("ingrid") as page:
        page.goto(page.url.replace("/board/", "/connections/"))
        page.get_by_label("Find a platform").focus()
        page.keyboard.type("zendesk")
        expect(page.locator("tr[data-narrow-text]:visible")).to_have_count(1)
        page.get_by_role("link", name="Connect Zendesk").focus()
        page.keyboard.press("Enter")
        for label, value in (("Name", "Care"), ("Subdomain", "acme"), ("E-mail", "a@b.example")):
            page.get_by_label(label, exact=True).fill(value)
        page.get_by_label("API token").fill("zd-token")
        page.get_by_label("Connect to the sandbox instead").press("Space")
        page.get_by_label("Name", exact=True).press("Enter")
        page.wait_for_url("**/connections/*/")

        page.get_by_role("button", name="Test").press("Enter")

        expect(page.get_by_text("Zendesk answers, and takes the sign-in.")).to_be_visible()
        expect(page.get_by_role("button", name="Test")).to_be_focused()
    made = Connection.objects.get(name="Care")
    assert (made.sandbox, made.settings["token"]) == (True, "zd-token")


def test_what_is_typed_narrows_the_catalogue_and_the_address_can_be_shared(ingrid, sign_in):
    with sign_in("ingrid") as page:
        page.goto(page.url.replace("/board/", "/connections/"))
        page.get_by_label("Find a platform").fill("no such thing")
        expect(page.get_by_text("No platform matches “no such thing”")).to_be_visible()
        assert "?q=no+such+thing" in page.url

        page.get_by_role("link", name=f"Show all {len(CATALOGUE)}").press("Enter")

        expect(page.locator("tr[data-narrow-text]:visible")).to_have_count(len(CATALOGUE))
