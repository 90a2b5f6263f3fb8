"""Calls that carry a JSON Web Token: it says who calls, not what, since it does not cover the body."""

import json
from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from connectors.hooks import TOLERANCE, Hook, Proof

WRONG = "The token cannot be trusted, or is over."


def jwt_problem(hook: Hook, header: str, keys: str, *, issuer: str) -> str:
    """Why an RS256 token is not believed, or nothing; ``keys`` is the set of keys that is published."""
    registry = jwt.JWTClaimsRegistry(
        now=int(hook.at.timestamp()),
        iss={"essential": True, "value": issuer},
        exp={"essential": True},
    )
    try:
        keyset = KeySet.import_key_set(json.loads(keys))
        registry.validate(jwt.decode(hook.header(header), keyset, algorithms=["RS256"]).claims)
    except (JoseError, ValueError, TypeError, KeyError):
        return WRONG
    return ""


def web_token(header: str, key: Callable[[Any], str]) -> Proof[Any]:
    """HS256 with a shared secret, and not over (``exp``) when the call arrives."""

    def make(hook: Hook, config: Any) -> dict[str, str]:
        now = int(hook.at.timestamp())
        claims = {"iat": now, "exp": now + int(TOLERANCE.total_seconds())}
        return {header: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(key(config)))}

    def check(hook: Hook, config: Any) -> str:
        given, now = hook.header(header).removeprefix("Bearer "), int(hook.at.timestamp())
        if not key(config):
            return WRONG
        try:
            token = jwt.decode(given, OctKey.import_key(key(config)), algorithms=["HS256"])
            jwt.JWTClaimsRegistry(now=now, exp={"essential": True}).validate(token.claims)
        except (JoseError, ValueError):
            return WRONG
        return ""

    return Proof(problem=check, sign=make, covers_body=False)
