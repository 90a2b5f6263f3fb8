"""Standard Webhooks (standardwebhooks.com), signed by us and believed by us."""

import hmac
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from connectors.hooks import MISSING, WRONG, Hook, Proof, by_content, stale


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
