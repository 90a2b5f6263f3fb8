"""Webhook: a signed document about a case to any address, and the same the other way round.

Both ways it is a Standard Webhook (standardwebhooks.com): ``type``, ``timestamp`` and ``data``, and the
headers webhook-id (one per delivery, however often it is sent), webhook-timestamp and webhook-signature. An
answer may name the record that was made, ``{"external_id": "..."}``; else it goes by the case's number.

A call to us has in its ``data`` the ``external_id``, or the ``number``, of one case, and any of: ``status``
(new, acknowledged, in_progress, waiting, resolved), ``comment``, ``author``, ``assignee_email``, ``severity``
(critical, high, medium, low) and ``verb`` (acknowledge, claim, resolve). The rest stays as it is.
"""

import json
from datetime import UTC, datetime
from uuid import uuid4

from connectors import kit, proofs

WHAT = {kit.CREATE: "created", kit.UPDATE: "updated", kit.COMMENT: "commented"}
WHAT |= {kit.CLOSE: "closed", kit.REOPEN: "reopened", kit.ATTACH: "evidence"}
ONLY = {"status": kit.STATUSES, "severity": kit.SEVERITIES, "verb": tuple(kit.BUTTONS)}
EXAMPLE = "whsec_Zm9yIHRoZSBzYWtlIG9mIGFuIGV4YW1wbGU="
KIND = "whsec_ and 24 to 64 random bytes in base64; the other side needs the same"
URL = r"https://[^\s/@]+(/\S*)?"
#: Standard Webhooks asks to stay below 20 KB.
LONGEST = 10_000


class Config(kit.Config):
    """Have the other side sign as Standard Webhooks do, with the secret of calls to us, and POST
    {"type": "case.updated", "timestamp": "...", "data": {"number": "EX-1042", "status": "resolved"}}.
    """

    url: str = kit.setting("Address", "https://hooks.example.com/flagstand", pattern=URL)
    secret: str = kit.secret("Signing secret", EXAMPLE, KIND, pattern=kit.WHSEC)
    secret_of_calls: str = kit.secret(
        "Secret of calls to us", "", KIND, default="", pattern=kit.WHSEC
    )


def tell(case: kit.Snapshot, config: Config) -> kit.Conversation:
    kind = f"case.{WHAT[case.operation]}"
    reply = yield signed(config, case.delivery_id, kind, data(case))
    known = kit.text(reply.body, "external_id")[:200] or case.number
    return kit.Reply(reply.status, {"external_id": known})


def data(case: kit.Snapshot) -> kit.Json:
    return {
        "number": case.number,
        "external_id": case.external_id,
        "title": case.title,
        "text": case.text[:LONGEST],
        "url": case.url,
        "status": case.status,
        "severity": case.severity,
        "exception_type": case.exception_type,
        "site": case.site,
        "team": case.team,
        "assignee": {"name": case.assignee, "email": case.assignee_email},
        "customer": case.customer,
        "reference": case.reference,
        "waiting_for": case.waiting_for,
        "cause": case.cause,
        "opened_at": case.opened_at.isoformat(),
        "promised_at": case.promised_at.isoformat() if case.promised_at else None,
        "due_at": case.due() or None,
        "evidence": json.loads(case.evidence) if case.operation == kit.ATTACH else None,
    }


def signed(config: Config, name: str, kind: str, told: kit.Json) -> kit.Request:
    """The signature covers the time of sending, so it is made here and not with the sign-in."""
    at = datetime.now(UTC)
    body = json.dumps({"type": kind, "timestamp": at.isoformat(), "data": told})
    headers = proofs.standard_headers(config.secret, name, at, body)
    return kit.Request("POST", text=body, headers={"Content-Type": "application/json"} | headers)


def read(body: object, config: Config) -> kit.Events:
    given = kit.dig(body, "data")
    names = ("external_id", "number", "comment", "author", "assignee_email", *ONLY)
    said: kit.Json = {name: kit.text(given, name) for name in names}
    said |= {name: "" for name, words in ONLY.items() if said[name] not in words}
    yield kit.Event(**said)


PROOF = proofs.standard_webhook(lambda c: c.secret_of_calls)

connector = kit.Connector(
    slug="webhook",
    name="Webhook (signed)",
    docs="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
    config=Config,
    base_url=lambda c: c.url,
    test=lambda c: signed(c, f"test-{uuid4()}", "test", {}),
    create=tell,
    attach=tell,
    external_id=kit.in_body("external_id"),
    inbound=kit.Inbound(PROOF, read, kit.of_header("webhook-id")),
    cannot={"look_up": "A webhook tells, and cannot be asked."},
    safe=kit.EVERYTHING,
    contract=None,
)
