"""Tokens: only a hash is kept, and expiry, revocation and scopes hold."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext

from exceptions_app.errors import NotPermitted, Refused
from exceptions_app.models import ApiToken
from exceptions_app.people import tokens
from exceptions_app.people.access import may
from exceptions_app.vocabulary import ActorKind, Role, Scope
from tests.factories import HOUR, MINUTE, NOON, SiteFactory, UserFactory

pytestmark = pytest.mark.django_db

READ = [Scope.CASES_READ]


def test_a_token_is_shown_once_and_kept_as_a_hash():
    token, plain = tokens.issue(UserFactory(), "Story-teller", READ, NOON)

    kept = ApiToken.objects.values().get()
    assert plain.startswith("fs_")
    assert len(plain) >= 43
    assert plain not in str(kept)
    assert kept["start"] == plain[:10]
    assert token.digest != plain


def test_two_tokens_differ():
    user = UserFactory()

    assert tokens.issue(user, "A", READ, NOON)[1] != tokens.issue(user, "A", READ, NOON)[1]


def test_the_token_behind_a_text_is_found():
    token, plain = tokens.issue(UserFactory(), "A", READ, NOON)

    assert tokens.behind(plain, NOON) == token
    assert tokens.behind(plain[:-1], NOON) is None
    assert tokens.behind("", NOON) is None


def test_a_token_ends_when_it_expires():
    _, plain = tokens.issue(UserFactory(), "A", READ, NOON, NOON + HOUR)

    assert tokens.behind(plain, NOON + HOUR - MINUTE) is not None
    assert tokens.behind(plain, NOON + HOUR) is None


def test_a_revoked_token_lets_nobody_in():
    token, plain = tokens.issue(UserFactory(), "A", READ, NOON)

    tokens.revoke(token, NOON)
    tokens.revoke(token, NOON + HOUR)

    assert tokens.behind(plain, NOON + MINUTE) is None
    assert token.revoked_at == NOON


def test_a_token_of_somebody_switched_off_lets_nobody_in():
    user = UserFactory(is_active=False)
    _, plain = tokens.issue(user, "A", READ, NOON)

    assert tokens.behind(plain, NOON) is None


def test_use_is_noted_at_most_once_a_minute():
    token, plain = tokens.issue(UserFactory(), "A", READ, NOON)
    tokens.behind(plain, NOON)

    with CaptureQueriesContext(connection) as statements:
        tokens.behind(plain, NOON + MINUTE - timedelta(seconds=1))
    tokens.behind(plain, NOON + MINUTE)

    token.refresh_from_db()
    assert len(statements) == 1
    assert token.used_at == NOON + MINUTE


def test_a_token_acts_with_the_roles_of_its_person():
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    user = UserFactory(role=Role.STAFF, role__site=north)

    actor = tokens.actor_of(tokens.issue(user, "Script", READ, NOON)[0])

    assert (actor.kind, actor.name, actor.user_id) == (ActorKind.TOKEN, "Script", user.pk)
    assert may(actor, "acknowledge", site_id=north.pk)
    assert not may(actor, "acknowledge", site_id=south.pk)


def test_a_missing_scope_is_named():
    token, _ = tokens.issue(UserFactory(), "Script", READ, NOON)

    tokens.insist_scope(token, Scope.CASES_READ)
    with pytest.raises(NotPermitted, match="cases:write"):
        tokens.insist_scope(token, Scope.CASES_WRITE)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["cases:eat"]}, "scopes"),
        ({"expires_at": NOON}, "expires_at"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(given, field):
    asked = {"name": "A", "scopes": READ, "at": NOON, **given}

    with pytest.raises(Refused) as refusal:
        tokens.issue(UserFactory(), **asked)

    assert list(refusal.value.fields) == [field]
    assert not ApiToken.objects.exists()


def test_the_command_prints_the_token_and_nothing_else():
    UserFactory(username="ana")
    out, told = StringIO(), StringIO()

    call_command("make_token", "ana", "--name", "Import", "--scope", "all", stdout=out, stderr=told)

    token = ApiToken.objects.get()
    assert tokens.behind(out.getvalue().strip(), token.created_at) == token
    assert token.scopes == Scope.values
    assert token.expires_at == token.created_at + timedelta(days=365)
    assert "only a hash stays" in told.getvalue()


def test_the_command_makes_tokens_that_last():
    UserFactory(username="ana")

    call_command(
        "make_token",
        "ana",
        "--name=A",
        "--scope=cases:read",
        "--days=0",
        stdout=StringIO(),
        stderr=StringIO(),
    )

    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize("given", [("eve", "--name=A"), ("ana", "--name= ")])
def test_the_command_says_what_is_wrong(given):
    UserFactory(username="ana")

    with pytest.raises(CommandError):
        call_command("make_token", *given, "--scope=cases:read")


@pytest.mark.django_db
def test_an_empty_desk_is_said_and_no_traceback(monkeypatch):
    def nothing_there(*_, **__):
        raise ProgrammingError('relation "exceptions_app_user" does not exist')

    monkeypatch.setattr(tokens, "issue", nothing_there)
    UserFactory(username="ana")

    with pytest.raises(CommandError, match="Run make demo first"):
        call_command("make_token", "ana", "--name", "Import", "--scope", "all")
