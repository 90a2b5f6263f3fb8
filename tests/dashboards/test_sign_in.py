"""Signing in and out, and what a person sets for themselves."""

import pytest

from exceptions_app.models import User
from tests.factories import UserFactory

JSON = {"Accept": "application/json"}


@pytest.fixture
def password(ana):
    ana.set_password("right horse")
    ana.save()
    return "right horse"


def sign_in(client, password, **more):
    return client.post("/sign-in/", {"username": "ana", "password": password} | more)


def test_the_right_password_leads_to_the_page_asked_for(client, password):
    assert sign_in(client, password).headers["Location"] == "/board/"
    client.logout()
    assert sign_in(client, password, next="/flag/").headers["Location"] == "/flag/"


def test_a_wrong_password_says_what_to_do(client, password):
    html = sign_in(client, "wrong").content.decode()

    assert "This name and password do not go together." in html
    assert 'value="ana"' in html


def test_nobody_is_sent_to_a_foreign_page(client, password):
    assert sign_in(client, password, next="https://evil.example/").headers["Location"] == "/board/"


def test_who_is_signed_in_need_not_sign_in_again(desk):
    assert desk.get("/sign-in/").headers["Location"] == "/board/"


def test_signing_out_is_a_press_not_a_link(desk):
    assert desk.get("/sign-out/").status_code == 405
    assert desk.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert desk.get("/board/").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "kept"), [("dark", "dark"), ("light", "light"), ("", ""), ("pink", "")]
)
def test_the_theme_is_kept(desk, wanted, kept):
    assert desk.post("/me/theme/", {"theme": wanted}, headers=JSON).status_code == 204

    html = desk.get("/board/").content.decode()
    assert User.objects.get(username="ana").theme == kept
    assert (f'data-theme="{kept}"' in html) == bool(kept)


def head(client):
    """A page, however its attributes are broken into lines."""
    return " ".join(client.get("/board/").content.decode().split())


def test_single_keys_can_be_switched_off_and_on(desk):
    back = desk.post("/me/keys/", {"single_keys": "off", "next": "/flag/"})
    off = head(desk)
    desk.post("/me/keys/", {"single_keys": "on"})

    assert back.headers["Location"] == "/flag/"
    assert 'name="desk-keys" content="off"' in off
    assert 'name="desk-keys" content="on"' in head(desk)


@pytest.mark.parametrize("path", ["/me/theme/", "/me/keys/"])
def test_settings_need_a_person_and_a_press(client, desk, path):
    assert desk.get(path).status_code == 405
    desk.logout()
    assert client.post(path).headers["Location"].startswith("/sign-in/")


def test_the_rail_has_only_pages_that_exist_for_the_person(desk, client, db):
    plain = desk.get("/board/").content.decode()
    client.force_login(UserFactory(role="administrator"))

    assert 'href="/admin/"' not in plain
    assert 'href="/admin/"' in client.get("/board/").content.decode()
    assert 'aria-current="page"' in plain


def test_no_page_has_inline_script_or_style(desk, client):
    for path in ("/board/", "/flag/", "/board/filters/"):
        html = desk.get(path).content.decode()
        assert "<style" not in html
        assert " style=" not in html
        assert "<script>" not in html
        assert " onclick" not in html
