"""Sending a source a sample, as its vendor would: over HTTP, to its own address, signed with its secret."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from connectors import client
from connectors.client import Prepared
from connectors.errors import DeliveryError
from connectors.hooks import Hook
from connectors.listening.calls import CallRow, rows_of
from connectors.listening.door import address
from connectors.listening.samples import samples
from connectors.models import HookCall, name_of
from connectors.redaction import Redactor
from connectors.sources.registry import BY_SLUG
from exceptions_app.errors import Refused
from exceptions_app.models import Source


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was sent, what it was answered, and what became of it."""

    request: str
    answer: str
    ok: bool
    call: CallRow | None


def send_sample(source: Source, name: str, at: datetime) -> Sampled:
    """Each sending is another event; whatever it opens is real."""
    form = BY_SLUG[source.format]
    found = next((one for one in samples(source.format) if one.name == name), None)
    if found is None:
        raise Refused.about("sample", "There is no such sample.")
    config = form.config.read(source.settings)
    sample = found.filled(at, secrets.token_hex(4))
    headers = {"Content-Type": "application/json", **sample.headers}
    call = form.signed(address(source), sample.raw, headers, at, config)
    told = shown(call, Redactor([*config.secrets(), str(source.token)]))
    try:
        body = call.raw.decode()
        status = client.call_back(Prepared("POST", call.url, dict(call.headers), body)).status
    except DeliveryError as failure:
        return Sampled(told, str(failure), ok=False, call=None)
    mine = HookCall.objects.filter(source=source, event_id=name_of(form.event_id(call)))
    kept = mine.exclude(state=HookCall.State.REFUSED).select_related("receipt")
    became = next(iter(rows_of(kept)), None)
    taken = status == 202 and became is not None and became.mood != "dead"
    return Sampled(told, f"{status}", ok=taken, call=became)


def shown(call: Hook, redact: Redactor) -> str:
    """The request as it went, without what must not be seen."""
    lines = [f"POST {call.url}", *(f"{name}: {value}" for name, value in call.headers.items())]
    body = json.dumps(json.loads(call.raw), indent=2, ensure_ascii=False)
    return redact("\n".join([*lines, "", body]))
