"""Signatures that are more than an HMAC of the body: Standard Webhooks, and ECDSA with the platform's key."""

import hmac
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
from standardwebhooks import Webhook

from connectors.hooks import Hook, Proof, by_content, stale

ALGORITHM = ec.ECDSA(SHA256())
WRONG = "The signature is wrong."


def standard_headers(secret: str, name: str, at: datetime, body: str) -> dict[str, str]:
    """What a Standard Webhook carries; a secret that is no base64 counts as it is written."""
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True) or secret.encode()
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
        if not secret(config) or not re.fullmatch(r"\d{10}", hook.header("webhook-timestamp")):
            return WRONG
        wanted = make(hook, config)["webhook-signature"].encode()
        if not any(hmac.compare_digest(one, wanted) for one in given):
            return WRONG
        return stale(hook.header("webhook-timestamp"), hook.at)

    return Proof(check=check, make=make, timestamp="webhook-timestamp")


def ecdsa(header: str, timestamp: str, key: Callable[[Any], str]) -> Proof[Any]:
    """P-256 over timestamp and body. The key is the platform's public one, as it shows it.

    Any other text stands for a pair of keys made of it: with that the sandbox signs.
    """

    def pair(config: Any) -> ec.EllipticCurvePrivateKey:
        number = int.from_bytes(sha256(key(config).encode()).digest()[:31])
        return ec.derive_private_key(number + 1, ec.SECP256R1())

    def public(config: Any) -> Any:
        try:
            return load_der_public_key(b64decode(key(config), validate=True))
        except ValueError:
            return pair(config).public_key()

    def said(hook: Hook) -> bytes:
        return hook.header(timestamp).encode() + hook.raw

    def make(hook: Hook, config: Any) -> dict[str, str]:
        return {header: b64encode(pair(config).sign(said(hook), ALGORITHM)).decode()}

    def check(hook: Hook, config: Any) -> str:
        try:
            public(config).verify(b64decode(hook.header(header)), said(hook), ALGORITHM)
        except (ValueError, TypeError, InvalidSignature):
            return WRONG
        return stale(hook.header(timestamp), hook.at) if key(config) else WRONG

    return Proof(check=check, make=make, timestamp=timestamp)
