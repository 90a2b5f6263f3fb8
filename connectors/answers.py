"""Reading a platform's answer: taken or not, worth another try or not, in its own words."""

import json
from datetime import timedelta
from typing import Any

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from connectors.client import Prepared
from connectors.errors import Busy, Permanent, Temporary, Uncertain
from connectors.kit import Connector, Reply
from connectors.redaction import STRUCK

#: Worth another try wherever they come from.
PASSING = frozenset({408, 425, 429})
#: The same, but until somebody mends the sign-in nothing else gets through either.
DOWN = frozenset({401})
#: Said by somebody in between, who does not know whether it was done.
GATEWAYS = frozenset({502, 504})


def judge(connector: Connector[Any], reply: Reply) -> None:
    """Whether the platform has taken it, in its own words if it has not."""
    code, taken = connector.refusal(reply), 200 <= reply.status < 300
    if taken and not code:
        return
    words = "; ".join(leaves(reply.body))[:300] or " ".join(reply.text.split())[:300] or code
    sentence = f"{connector.name} answers {code if taken else reply.status}: {words}".rstrip(": ")
    if advice := connector.advice(reply):
        sentence = f"{sentence}. {advice}"
    if reply.status in GATEWAYS:
        raise Uncertain(sentence, after=wanted_pause(reply))
    after = connector.pause_of(reply) or wanted_pause(reply)
    if reply.status >= 500 or reply.status in DOWN:
        raise Temporary(sentence, after=after)
    if {code, reply.status} & (PASSING | connector.passing):
        raise Busy(sentence, after=after)
    raise Permanent(sentence)


def leaves(body: object) -> list[str]:
    """Every text in a reply, which is where platforms put their reasons."""
    match body:
        case dict():
            return [text for part in body.values() for text in leaves(part)]
        case list():
            return [text for part in body for text in leaves(part)]
    return [body] if body and isinstance(body, str) else []


def wanted_pause(reply: Reply) -> timedelta | None:
    """What Retry-After asks for, in either of its two forms."""
    wanted = reply.headers.get("retry-after", "")
    try:
        return timedelta(seconds=Retry(retry_after_max=10**6).parse_retry_after(wanted))
    except (InvalidHeader, ValueError, ArithmeticError):
        return None


def spelled(sent: Prepared) -> str:
    """A request as one reads it in the vendor's documentation."""
    headers = sent.headers | dict.fromkeys(sent.sign_in.headers, STRUCK)
    headers |= {name: STRUCK for name in headers if name.lower() in {"cookie", "x-csrf-token"}}
    lines = [f"{sent.method} {sent.url}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\n".join(lines) + f"\n\n{pretty(sent.body)}"


def pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
