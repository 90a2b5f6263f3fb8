"""Doing something on a stand-in as its people would: the record changes, and we are called (PX2, Y1)."""

import json
from datetime import datetime
from http import HTTPStatus

from django.db import transaction

from connectors import client
from connectors.account import Account
from connectors.client import Prepared
from connectors.hooks import Hook, InAddress
from connectors.inbound import hook_address
from connectors.listening.platforms import lacking
from connectors.models import SandboxNote, SandboxRecord
from connectors.sandbox.registry import STANDS
from exceptions_app.errors import Refused
from exceptions_app.models import Connection

WORDS = {
    "solve": "Solve it there",
    "reopen": "Open it again there",
    "comment": "Comment there",
    "wait": "Set it to waiting there",
    "acknowledge": "Acknowledge it there",
    "claim": "Claim it there",
    "resolve": "Resolve it there",
    "close": "Close it there",
    "snooze": "Snooze it there",
    "bounce": "Let the mail bounce",
    "drop": "Let the mail be dropped",
}


def act_there(record: SandboxRecord, act: str, text: str, *, at: datetime) -> int:
    """Change the record, send the webhook, and give the status it was answered with."""
    stand = STANDS[record.connection.platform]
    account = Account(record.connection)
    inbound = account.connector.inbound
    if stand.event is None or inbound is None or act not in stand.does_there:
        raise Refused.about("act", f"{account.connector.name} has no way to do this.")
    with transaction.atomic():
        record.changed_at = at
        body = stand.event(record, act, text)
        record.save()
        SandboxNote.objects.create(record=record, at=at, what=f"There: {act}", text=text)
    raw = body if isinstance(body, str) else json.dumps(body)
    kind = "application/x-www-form-urlencoded" if isinstance(body, str) else "application/json"
    stamp = {inbound.proof.timestamp: inbound.stamp(at)} if inbound.proof.timestamp else {}
    lower = {name.lower(): value for name, value in stamp.items()}
    url = hook_address(record.connection)
    if isinstance(inbound.proof, InAddress):
        url = inbound.proof.address(url, account.config)
    call = Hook(url, raw.encode(), at, "POST", lower)
    headers = {"Content-Type": kind, **stamp, **inbound.proof.sign(call, account.config)}
    return client.call_back(Prepared("POST", call.url, headers, raw)).status


def answered(connection: Connection, status: int) -> str:
    """What the answer of our desk means, and what to do about it."""
    told = f"our desk was called and answered {status}"
    if status == HTTPStatus.NOT_FOUND and not connection.enabled:
        return f"{told}: {connection.name} is disconnected. Switch it on again, so that it listens."
    if status == HTTPStatus.UNAUTHORIZED:
        secret = lacking(connection)
        why = f"{secret} is not filled in" if secret else "the call did not prove itself"
        return f"{told}: {why}. See to it under Settings of {connection.name}."
    return f"{told}."
