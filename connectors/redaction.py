"""Strikes secrets out of whatever will be kept or shown, in each form that they may travel in."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

STRUCK = "[secret]"
#: Whoever has such an address of ours may act by it, or call us; wherever it stands.
SLASH = r"(?:/|\\/|%2F)"
LINK = re.compile(
    rf"({SLASH}(?:act|hooks{SLASH}\d+|in|status|received){SLASH})[\w:=%-]{{16,}}", re.IGNORECASE
)


class Redactor:
    """Called with a text, gives it without these secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # Fewer letters stand in other words; to strike them there would tell them.
        forms = {form for one in secrets if len(one) > 3 for form in disguises(one)}
        self.forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for form in self.forms:
            text = text.replace(form, STRUCK)
        return LINK.sub(rf"\1{STRUCK}", text)


def disguises(secret: str) -> Iterable[str]:
    """As it is, in a URL, in JSON, in base64, and what follows the scheme of an Authorization header."""
    yield from (secret, quote(secret, safe=""), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield b64encode(secret.encode()).decode()
    scheme, _, credentials = secret.partition(" ")
    if scheme in {"Basic", "Bearer"} and credentials:
        yield credentials
