"""What each connector would send about a sample case, with its secrets struck out: for review and proof."""

from datetime import UTC, datetime
from typing import Any

from connectors import client
from connectors.kit import Config, Connector, Json, Reply
from connectors.redaction import STRUCK, Redactor
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
    """Per operation its requests in order, to the vendor's own address."""
    config = connector.config.sample()
    return {
        operation.value: requests_of(
            connector, operation, sample(operation, connector.example_id), config
        )
        for operation in connector.operations
    }


def requests_of(
    connector: Connector[Any], operation: Operation, case: Snapshot, config: Config
) -> list[Json]:
    sign_in = connector.sign_in(config)
    redact = Redactor([*config.secrets(), *sign_in.headers.values()])
    talk, sent = connector.conversation(operation, case, config), []
    try:
        request = next(talk)
        while True:
            whole = client.prepare(request, connector.base_url(config), sign_in)
            headers = whole.headers | dict.fromkeys(sign_in.headers, STRUCK)
            asked = {"method": whole.method, "url": redact(whole.url), "headers": headers}
            sent.append({**asked, "body": redact(whole.body)})
            request = talk.send(Reply(200))
    except StopIteration:
        return sent


def sample(operation: Operation, external_id: str) -> Snapshot:
    """A plausible case, for golden files and captures."""
    return Snapshot(
        delivery_id="5e1f7a52-2b9c-4f0e-9c55-0d6f1f6b1042",
        number="EX-1042",
        title="Delivery of Golf GTI is late",
        headline="high: Delivery of Golf GTI is late (Northside)",
        text=SAID[operation],
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
        promised_at=datetime(2026, 11, 21, 13, 0, tzinfo=UTC),
        due_at=datetime(2026, 11, 21, 15, 5, tzinfo=UTC),
        url="https://desk.example.com/cases/42/",
        external_id="" if operation == Operation.CREATE else external_id,
    )
