"""What tells the content of one signal from another's, in whatever order its fields were sent; pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from exceptions_app.intake.fields import Wrong

#: A NUL character as JSON writes it, and not the text of its escape.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def digest(item: Mapping[str, Any]) -> str:
    """What tells one content from another; text that PostgreSQL cannot keep is refused here."""
    try:
        canonical = orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        canonical = slowly(item)
    if b"\\u0000" in canonical and NUL.search(canonical):
        raise Wrong("", "Text must not contain a NUL character.")
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()


def slowly(item: Mapping[str, Any]) -> bytes:
    """The same by Python, of what orjson does not take: numbers beyond 64 bits, text that is no Unicode."""
    canonical = json.dumps(
        item, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False
    )
    try:
        return canonical.encode()
    except UnicodeEncodeError:
        raise Wrong("", "Text must not contain half of a surrogate pair.") from None
