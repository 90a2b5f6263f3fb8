"""How vendors prove their calls where it is more than one value in one header: time beside HMAC, and RSA."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from connectors.hooks import MISSING, WRONG, Hook, Proof, stale

#: The id of the key with which we sign samples ourselves.
OURS = "flagstand-sample"


def stamped(header: str, key: Callable[[Any], str]) -> Proof[Any]:
    """``t=<seconds>,v1=<hex>``, maybe several v1 while a secret is rotated; other schemes count for
    nothing.
    """

    def signature(hook: Hook, config: Any, at: str) -> str:
        signed = f"{at}.".encode() + hook.raw
        return hmac.new(key(config).encode(), signed, sha256).hexdigest()

    def make(hook: Hook, config: Any) -> dict[str, str]:
        at = str(int(hook.at.timestamp()))
        return {header: f"t={at},v1={signature(hook, config, at)}"}

    def check(hook: Hook, config: Any) -> str:
        if not hook.header(header):
            return MISSING
        at = stamp_in(header)(hook)
        wanted = signature(hook, config, at).encode()
        given = [value for name, value in parts(hook.header(header)) if name == "v1"]
        if not key(config) or not any(hmac.compare_digest(v.encode(), wanted) for v in given):
            return WRONG
        return stale(at, hook.at)

    return Proof(problem=check, sign=make)


def stamp_in(header: str) -> Callable[[Hook], str]:
    """The time that such a signature covers."""
    return lambda hook: next((v for name, v in parts(hook.header(header)) if name == "t"), "")


def parts(header: str) -> list[tuple[str, str]]:
    split = (part.strip().partition("=") for part in header.split(","))
    return [(name, value) for name, _, value in split]


def rsa(
    prefix: str, timestamp: str, keys: Callable[[Any], str], ours: Callable[[Any], str]
) -> Proof[Any]:
    """RSA with SHA-256 (PKCS#1 v1.5) over time and body, by a key of the set that the vendor publishes.

    ``ours`` is a private key in PEM that nobody else has: with that we sign the samples we send ourselves.
    """

    def said(hook: Hook) -> bytes:
        return f"{hook.header(timestamp)}.".encode() + hook.raw

    def make(hook: Hook, config: Any) -> dict[str, str]:
        made = private(ours(config)).sign(said(hook), PKCS1v15(), SHA256())
        return {f"{prefix}-signature": b64encode(made).decode(), f"{prefix}-key-id": OURS}

    def check(hook: Hook, config: Any) -> str:
        if not hook.header(f"{prefix}-signature"):
            return MISSING
        try:
            name = hook.header(f"{prefix}-key-id")
            public = (
                private(ours(config)).public_key() if name == OURS else of_set(keys(config), name)
            )
            given = b64decode(hook.header(f"{prefix}-signature"), validate=True)
            public.verify(given, said(hook), PKCS1v15(), SHA256())
        except (ValueError, TypeError, KeyError, InvalidSignature, JoseError):
            return WRONG
        return stale(hook.header(timestamp), hook.at)

    return Proof(problem=check, sign=make, timestamp=timestamp)


def private(pem: str) -> RSAPrivateKey:
    found = load_pem_private_key(pem.encode(), None)
    if not isinstance(found, RSAPrivateKey):
        raise TypeError("This is no RSA key.")
    return found


def of_set(keys: str, name: str) -> RSAPublicKey:
    """The key of this name out of a JSON Web Key Set."""
    (found,) = [one for one in json.loads(keys)["keys"] if one.get("kid") == name]
    public = RSAKey.import_key(found).public_key
    if not isinstance(public, RSAPublicKey):
        raise TypeError("This is no RSA key.")
    return public


def names_in(keys: str) -> set[str]:
    """The names of the keys in a set."""
    try:
        return {str(one.get("kid")) for one in json.loads(keys)["keys"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()


def new_key() -> str:
    """A pair of our own, as PEM."""
    made = generate_private_key(65537, 2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
