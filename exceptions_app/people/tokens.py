"""Tokens that programs sign in with: shown once, kept as a hash, and never more than their scopes (A2)."""

import hashlib
import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q

from exceptions_app.asking import asked
from exceptions_app.errors import NotPermitted, Refused
from exceptions_app.people.access import Actor, grants_of
from exceptions_app.people.models import ApiToken, User
from exceptions_app.vocabulary import ActorKind, Scope

#: So that people and scanners of leaked secrets know one when they see it.
PREFIX = "fs_"
#: Enough of it to tell one from another in a list.
START = 10
NOTED_EVERY = timedelta(minutes=1)
TOKEN, USER = ([field.attname for field in kind._meta.concrete_fields] for kind in (ApiToken, User))
#: Every call of a program asks this first; making the statement anew took longer than its answer.
BEHIND = f"""
    SELECT {", ".join(f"t.{name}" for name in TOKEN)}, {", ".join(f"u.{name}" for name in USER)}
    FROM exceptions_app_apitoken t JOIN exceptions_app_user u ON u.id = t.user_id
    WHERE t.digest = %s AND t.revoked_at IS NULL AND u.is_active
        AND (t.expires_at IS NULL OR t.expires_at > %s)
"""  # noqa: S608 - names of ours


def issue(
    user: User, name: str, scopes: Iterable[str], at: datetime, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token for this person; its text is given here and never again."""
    if not name.strip():
        raise Refused("Name the token.", {"name": "Say which program will use it."})
    if expires_at is not None and expires_at <= at:
        raise Refused(
            "The token would be expired.", {"expires_at": "Choose a time that is to come."}
        )
    plain = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip(),
        start=plain[:START],
        digest=digest(plain),
        scopes=known(scopes),
        created_at=at,
        expires_at=expires_at,
    )
    return token, plain


def known(scopes: Iterable[str]) -> list[str]:
    """The scopes in the order of the vocabulary, each once."""
    wanted = set(scopes)
    strange = sorted(wanted - set(Scope.values))
    if strange or not wanted:
        found = f"There is no scope “{strange[0]}”." if strange else "A token needs a scope."
        raise Refused(found, {"scopes": f"Use one or more of {', '.join(Scope.values)}."})
    return [scope for scope in Scope.values if scope in wanted]


def digest(plain: str) -> str:
    # A fast hash is right here: the text has 256 random bits, there is nothing to guess.
    return hashlib.sha256(plain.encode()).hexdigest()


def behind(plain: str, at: datetime) -> ApiToken | None:
    """The token with this text, unless it is expired or revoked or its person may not sign in."""
    rows = asked(BEHIND, [digest(plain), at])
    if not rows:
        return None
    of_token, of_user = rows[0][: len(TOKEN)], rows[0][len(TOKEN) :]
    token = ApiToken.from_db(DEFAULT_DB_ALIAS, TOKEN, of_token)
    token.scopes = json.loads(of_token[TOKEN.index("scopes")])
    token.user = User.from_db(DEFAULT_DB_ALIAS, USER, of_user)
    note_use(token, at)
    return token


def note_use(token: ApiToken, at: datetime) -> None:
    """Remember when it was last used; once a minute is enough, and spares a write per request."""
    long_ago = at - NOTED_EVERY
    if token.used_at is None or token.used_at <= long_ago:
        idle = Q(used_at=None) | Q(used_at__lte=long_ago)
        ApiToken.objects.filter(idle, pk=token.pk).update(used_at=at)
        token.used_at = at


def revoke(token: ApiToken, at: datetime) -> None:
    """Let nobody sign in with it any more."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)
    token.refresh_from_db(fields=["revoked_at"])


def actor_of(token: ApiToken) -> Actor:
    """The token as whoever acts: it sees and may do what its person does, as far as its scopes go."""
    return Actor(
        ActorKind.TOKEN, str(token.pk), token.name, grants_of(token.user), user_id=token.user_id
    )


def insist_scope(token: ApiToken, scope: Scope) -> None:
    if scope not in token.scopes:
        raise NotPermitted(
            f"The token “{token.name}” lacks the scope {scope.value}. Use one that has it.",
            scope=scope.value,
        )
