"""Signing in and out, and what a person sets for themselves."""

import pytest
from django.test import Client

from exceptions_app.errors import NotAllowedNow
from exceptions_app.models import User, WrongPassword
from exceptions_app.people import guessing
from tests.factories import MINUTE, NOON, UserFactory

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


def test_whoever_guesses_has_to_wait_and_the_right_one_does_not_help(client, password, at_noon):
    for _ in range(guessing.OF_BOTH):
        sign_in(client, "wrong")

    early = sign_in(client, password)
    at_noon.shift(guessing.WINDOW)

    assert "Too many wrong passwords." in early.content.decode()
    assert sign_in(client, password).status_code == 302


def test_a_colleague_s_mistakes_keep_nobody_else_out(client, password):
    for _ in range(guessing.OF_BOTH):
        client.post("/sign-in/", {"username": "thabo", "password": "wrong"})

    assert sign_in(client, password).status_code == 302


@pytest.mark.parametrize(
    ("tries", "names", "places"),
    [(guessing.FROM_ONE_PLACE, "who{}", "10.0.0.1"), (guessing.OF_ONE_NAME, "ana", "10.0.{}.1")],
)
def test_a_place_and_a_name_have_limits_of_their_own(db, tries, names, places):
    for n in range(tries):
        guessing.insist_may_try("ana", "10.0.0.1", at=NOON)
        guessing.note_wrong(names.format(n), places.format(n + 1), at=NOON)

    with pytest.raises(NotAllowedNow):
        guessing.insist_may_try("ana", "10.0.0.1", at=NOON)


def test_wrong_ones_are_forgotten_with_the_next(db):
    guessing.note_wrong("ana", "here", at=NOON)

    guessing.note_wrong("thabo", "here", at=NOON + guessing.WINDOW + MINUTE)

    assert WrongPassword.objects.count() == 3


def test_everybody_changes_their_own_password(client, password):
    sign_in(client, password)
    other = Client()
    sign_in(other, password)
    new = {"new_password1": "velvet-harbour-19", "new_password2": "velvet-harbour-19"}

    wrong = client.post("/me/password/", {"old_password": "no", **new})
    done = client.post("/me/password/", {"old_password": password, **new}, follow=True)

    assert "Your old password was entered incorrectly" in wrong.content.decode()
    assert "Your password is changed." in done.content.decode()
    assert other.get("/board/").status_code == 302
    assert sign_in(Client(), "velvet-harbour-19").status_code == 302


def test_an_old_password_is_not_guessed_either(client, password):
    sign_in(client, password)
    new = {"new_password1": "velvet-harbour-19", "new_password2": "velvet-harbour-19"}
    for _ in range(guessing.OF_BOTH):
        client.post("/me/password/", {"old_password": "no", **new})

    late = client.post("/me/password/", {"old_password": password, **new})

    assert "Too many wrong passwords." in late.content.decode()


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
