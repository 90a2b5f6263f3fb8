"""What each connector would send about a sample case, with its secrets struck out: for review and proof."""

from datetime import UTC, datetime
from typing import Any

from connectors import client
from connectors.kit import Config, Connector, Json, Reply, Request
from connectors.redaction import STRUCK, Redactor
from connectors.sandbox.registry import STANDS
from connectors.snapshot import Snapshot
from exceptions_app.vocabulary import Operation, Status

SAID = {
    Operation.CREATE: "Promised: Sat 21 Nov 2026 14:00 CET",
    Operation.UPDATE: "Ana Silva acknowledged the case.",
    Operation.COMMENT: "Ana Silva wrote: The transporter left at 13:40 & is <on its way>.",
    Operation.CLOSE: "Ana Silva resolved the case. Cause: carrier delay.",
    Operation.REOPEN: "Ana Silva reopened the case: the key was missing.",
}
STATUS = {
    Operation.CREATE: Status.NEW,
    Operation.UPDATE: Status.ACKNOWLEDGED,
    Operation.CLOSE: Status.RESOLVED,
}


def every_operation(connector: Connector[Any]) -> dict[str, list[Json]]:
    """Per operation its requests in order, to the vendor's own address; what reads and signs in as well."""
    config, record = connector.config.sample(), STANDS[connector.slug].example_id
    spelled = {
        operation.value: requests_of(connector, operation, sample(operation, record), config)
        for operation in connector.operations
    }
    asked = [connector.find(sample(Operation.UPDATE, record), config)] if connector.find else []
    asked += [connector.read(record, config)] if connector.read else []
    if asked:
        spelled["look_up"] = [whole(connector, request, config) for request in asked]
    return spelled


def requests_of(
    connector: Connector[Any], operation: Operation, case: Snapshot, config: Config
) -> list[Json]:
    talk, sent = connector.conversation(operation, case, config), []
    try:
        request = next(talk)
        while True:
            sent.append(whole(connector, request, config))
            answer = STANDS[connector.slug].example_answer
            request = talk.send(Reply(200, answer, "", {"x-csrf-token": "token"}))
    except StopIteration:
        return sent


def whole(connector: Connector[Any], request: Request, config: Config) -> Json:
    """A request as it travels, its secrets struck out."""
    grant = connector.grant(config)
    sign_in = grant.carried("access-token") if grant else connector.sign_in(config)
    redact = Redactor([*config.secrets(), *sign_in.secrets()])
    made = client.prepare(request, connector.base_url(config), sign_in)
    query = "".join(f"{'&' if '?' in made.url else '?'}{name}={STRUCK}" for name in sign_in.query)
    headers = made.headers | dict.fromkeys(sign_in.headers, STRUCK)
    headers = {name: redact(value) for name, value in headers.items()}
    asked = {"method": made.method, "url": redact(made.url) + query, "headers": headers}
    return {**asked, "body": redact(made.body)}


def sample(operation: Operation, external_id: str) -> Snapshot:
    """A plausible case, for golden files and captures."""
    return Snapshot(
        operation=operation,
        delivery_id="5e1f7a52-2b9c-4f0e-9c55-0d6f1f6b1042",
        number="EX-1042",
        title="Delivery of Golf GTI is late",
        headline="high: Delivery of Golf GTI is late (Northside)",
        text=SAID.get(operation, ""),
        severity="high",
        status=STATUS.get(operation, Status.IN_PROGRESS),
        exception_type="delivery_late",
        site="Northside",
        team="Dispatch",
        assignee="Ana Silva",
        assignee_email="ana.silva@example.com",
        customer="R. Okafor",
        reference="D-20417",
        opened_at=datetime(2026, 11, 21, 13, 5, tzinfo=UTC),
        said_at=datetime(2026, 11, 21, 13, 45, tzinfo=UTC),
        promised_at=datetime(2026, 11, 21, 13, 0, tzinfo=UTC),
        due_at=datetime(2026, 11, 21, 15, 5, tzinfo=UTC),
        url="https://desk.example.com/cases/42/",
        external_id="" if operation == Operation.CREATE else external_id,
        cause="carrier delay" if operation == Operation.CLOSE else "",
        evidence='{\n  "rule": "delivery_late"\n}',
    )
