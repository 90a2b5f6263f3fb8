"""Calls that carry a JSON Web Token: it says who calls, not what, since it does not cover the body."""

import json
from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from connectors.hooks import TOLERANCE, Hook, Proof

WRONG = "The token cannot be trusted, or is over."


def problem(hook: Hook, header: str, key: Callable[[], Any], kind: str, **claims: Any) -> str:
    """Why a token is not believed, or nothing; it has to end (``exp``), and not yet."""
    given, now = hook.header(header).removeprefix("Bearer "), int(hook.at.timestamp())
    registry = jwt.JWTClaimsRegistry(now=now, exp={"essential": True}, **claims)
    try:
        registry.validate(jwt.decode(given, key(), algorithms=[kind]).claims)
    except (JoseError, ValueError, TypeError, KeyError):
        return WRONG
    return ""


def jwt_problem(hook: Hook, header: str, keys: str, *, issuer: str) -> str:
    """The same of an RS256 token; ``keys`` is the set of keys that is published."""
    wanted = {"essential": True, "value": issuer}
    return problem(
        hook, header, lambda: KeySet.import_key_set(json.loads(keys)), "RS256", iss=wanted
    )


def web_token(header: str, key: Callable[[Any], str]) -> Proof[Any]:
    """HS256 with a shared secret, and not over (``exp``) when the call arrives."""

    def make(hook: Hook, config: Any) -> dict[str, str]:
        now = int(hook.at.timestamp())
        claims = {"iat": now, "exp": now + int(TOLERANCE.total_seconds())}
        return {header: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(key(config)))}

    def check(hook: Hook, config: Any) -> str:
        if not key(config):
            return WRONG
        return problem(hook, header, lambda: OctKey.import_key(key(config)), "HS256")

    return Proof(problem=check, sign=make, covers_body=False)
