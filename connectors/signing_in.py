"""Who we say we are: headers and queries to send along, and how a token is asked for (no network here)."""

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from exceptions_app.errors import Refused

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True)
class SignIn:
    """Headers and query parameters to send along; mail servers want name and password themselves."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    name: str = ""
    password: str = field(default="", repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    def secrets(self) -> list[str]:
        return [*self.headers.values(), *self.query.values()]


Carried = Callable[[str], SignIn]


def scheme(word: str) -> Carried:
    """For tokens that are carried after a word of the platform's own."""
    return lambda token: SignIn({"Authorization": f"{word} {token}"})


bearer = scheme("Bearer")


@dataclass(frozen=True)
class Grant:
    """How to get an access token (RFC 6749): a form sent to ``url``; ``signed`` adds what must be fresh.

    ``carried`` says how a call carries the token; ``about`` is what it is asked with beside the form.
    """

    url: str
    form: Mapping[str, str] = field(repr=False)
    signed: Callable[[], Mapping[str, str]] = dict
    about: Mapping[str, str] = field(default_factory=dict, repr=False)
    carried: Carried = bearer


def basic(name: str, password: str) -> SignIn:
    given = b64encode(f"{name}:{password}".encode()).decode()
    return SignIn({"Authorization": f"Basic {given}"}, name, password)


def as_basic(name: str, password: str) -> str:
    """As a platform repeats it in its calls; nothing without a password, so that nobody is believed."""
    return basic(name, password).headers["Authorization"] if password else ""


def header(**given: str) -> SignIn:
    """API keys in headers of their own: ``header(x_api_token=...)`` is ``x-api-token``."""
    return SignIn({name.replace("_", "-"): value for name, value in given.items()})


def client_credentials(url: str, client_id: str, client_secret: str, scope: str = "") -> Grant:
    form = {"client_id": client_id, "client_secret": client_secret}
    form |= {"scope": scope} if scope else {}
    return Grant(url, {"grant_type": "client_credentials", **form})


def refresh_token(
    url: str, client_id: str, client_secret: str, token: str, carried: Carried = bearer
) -> Grant:
    form = {"client_id": client_id, "client_secret": client_secret, "refresh_token": token}
    return Grant(url, {"grant_type": "refresh_token", **form}, carried=carried)


def jwt_bearer(url: str, key: str, **claims: str) -> Grant:
    """An assertion signed with our RSA key (RFC 7523); ``claims`` are ``iss``, ``sub`` and others."""

    def signed() -> Mapping[str, str]:
        now = int(time.time())
        try:
            private = RSAKey.import_key(key.replace("\\n", "\n"))
            given = {**claims, "iat": now, "exp": now + 240}
            return {"assertion": jwt.encode({"alg": "RS256"}, given, private)}
        except (JoseError, ValueError):
            sentence = "The private key cannot be read. Paste it whole, as PEM."
            raise Refused(sentence, {"private_key": sentence}) from None

    return Grant(url, {"grant_type": JWT_BEARER}, signed, about={**claims, "key": key})
