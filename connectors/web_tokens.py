"""Calls that carry a JSON Web Token signed with a shared secret; it says who calls, not what."""

from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from connectors.hooks import TOLERANCE, Hook, Proof

WRONG = "The token is not signed with this secret, or over."


def web_token(header: str, key: Callable[[Any], str]) -> Proof[Any]:
    """HS256, and not over (``exp``) when the call arrives."""

    def make(hook: Hook, config: Any) -> dict[str, str]:
        now = int(hook.at.timestamp())
        claims = {"iat": now, "exp": now + int(TOLERANCE.total_seconds())}
        return {header: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(key(config)))}

    def check(hook: Hook, config: Any) -> str:
        given, now = hook.header(header).removeprefix("Bearer "), int(hook.at.timestamp())
        try:
            token = jwt.decode(given, OctKey.import_key(key(config)), algorithms=["HS256"])
            jwt.JWTClaimsRegistry(now=now, exp={"essential": True}).validate(token.claims)
        except (JoseError, ValueError):
            return WRONG
        return ""

    return Proof(check=check, make=make, covers_body=False)
