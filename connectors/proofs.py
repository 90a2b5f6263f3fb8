"""How calls prove themselves where that takes a library: Standard Webhooks, JSON Web Tokens, ECDSA."""

import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from standardwebhooks import Webhook

from connectors.hooks import MISSING, TOLERANCE, WRONG, Hook, Proof, by_content, stale

NOT_TRUSTED = "The token cannot be trusted, or is over."
ALGORITHM = ec.ECDSA(SHA256())


# --- Standard Webhooks (standardwebhooks.com), signed by us and believed by us ---------------


def standard_headers(secret: str, name: str, at: datetime, body: str) -> dict[str, str]:
    """What a Standard Webhook carries; a secret that is no base64 counts as it is written."""
    given = secret.removeprefix("whsec_").rstrip("=")
    try:
        key = b64decode(given + "=" * (-len(given) % 4), validate=True) or secret.encode()
    except ValueError:
        key = secret.encode()
    signature = Webhook(key).sign(name, at.astimezone(UTC), body)
    seconds = str(int(at.timestamp()))
    return {"webhook-id": name, "webhook-timestamp": seconds, "webhook-signature": signature}


def standard_webhook(secret: Callable[[Any], str]) -> Proof[Any]:
    """One of the signatures must be right, and the call fresh."""

    def make(hook: Hook, config: Any) -> dict[str, str]:
        at = datetime.fromtimestamp(int(hook.header("webhook-timestamp")), UTC)
        name = hook.header("webhook-id") or by_content(hook)
        return standard_headers(secret(config), name, at, hook.raw.decode(errors="replace"))

    def check(hook: Hook, config: Any) -> str:
        given = hook.header("webhook-signature").encode().split()
        if not secret(config) or not re.fullmatch(r"[0-9]{10}", hook.header("webhook-timestamp")):
            return WRONG if given else MISSING
        wanted = make(hook, config)["webhook-signature"].encode()
        if not any(hmac.compare_digest(one, wanted) for one in given):
            return WRONG if given else MISSING
        return stale(hook.header("webhook-timestamp"), hook.at)

    return Proof(problem=check, sign=make, timestamp="webhook-timestamp")


# --- JSON Web Tokens: they say who calls, not what, since they do not cover the body ---------


def token_problem(hook: Hook, header: str, key: Callable[[], Any], kind: str, **claims: Any) -> str:
    """Why a token is not believed, or nothing; it has to end (``exp``), and not yet."""
    given, now = hook.header(header).removeprefix("Bearer "), int(hook.at.timestamp())
    registry = jwt.JWTClaimsRegistry(now=now, exp={"essential": True}, **claims)
    try:
        registry.validate(jwt.decode(given, key(), algorithms=[kind]).claims)
    except (JoseError, ValueError, TypeError, KeyError):
        return NOT_TRUSTED
    return ""


def jwt_problem(hook: Hook, header: str, keys: str, *, issuer: str) -> str:
    """The same of an RS256 token; ``keys`` is the set of keys that is published."""
    wanted = {"essential": True, "value": issuer}
    return token_problem(
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
            return NOT_TRUSTED
        return token_problem(hook, header, lambda: OctKey.import_key(key(config)), "HS256")

    return Proof(problem=check, sign=make, covers_body=False)


# --- ECDSA (P-256): a platform signs with a key of its own, of which we have the public half --


def ecdsa(header: str, timestamp: str, key: Callable[[Any], str]) -> Proof[Any]:
    """Over timestamp and body. The key is the platform's public one, as it shows it.

    A text that begins with ``sandbox:`` stands for a pair that is made of it: with that the sandbox signs.
    """

    def make(hook: Hook, config: Any) -> dict[str, str]:
        return {header: b64encode(pair(key(config)).sign(said(hook), ALGORITHM)).decode()}

    def check(hook: Hook, config: Any) -> str:
        try:
            public = public_half(key(config))
            public.verify(b64decode(hook.header(header)), said(hook), ALGORITHM)
        except (ValueError, TypeError, InvalidSignature):
            return WRONG
        return stale(hook.header(timestamp), hook.at)

    def said(hook: Hook) -> bytes:
        return hook.header(timestamp).encode() + hook.raw

    return Proof(problem=check, sign=make, timestamp=timestamp)


def public_half(text: str) -> Any:
    try:
        return load_der_public_key(b64decode(text, validate=True))
    except ValueError:
        return pair(text).public_key()


def pair(text: str) -> ec.EllipticCurvePrivateKey:
    if not text.startswith("sandbox:"):
        raise ValueError("This is no key.")
    number = int.from_bytes(sha256(text.encode()).digest()[:31])
    return ec.derive_private_key(number + 1, ec.SECP256R1())
