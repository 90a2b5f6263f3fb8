"""Calls that a platform signs with a key of its own, of which we have the public half (ECDSA, P-256)."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from connectors.hooks import WRONG, Hook, Proof, stale

ALGORITHM = ec.ECDSA(SHA256())


def signature(header: str, timestamp: str, key: Callable[[Any], str]) -> Proof[Any]:
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
