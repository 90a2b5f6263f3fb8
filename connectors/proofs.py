"""Proofs that a platform signs with a key of its own: we know only its public half (no network here)."""

import json

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from connectors.hooks import Hook


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
        return "The token cannot be trusted."
    return ""
