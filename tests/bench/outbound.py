"""From a signal that opens a case to the request for its ticket arriving at the sandbox, with workers running."""

import base64
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.models import SandboxRecord
from exceptions_app.models import Case, Connection, Playbook
from exceptions_app.vocabulary import Moment
from tests.bench import crowd
from tests.bench.desk import Desk, Line, desk
from tests.bench.figures import Figure, middle, timed

if TYPE_CHECKING:
    from tests.bench.__main__ import Asked

PAUSE = 0.4
PATIENCE = 20.0


def measure(asked: "Asked") -> list[Figure]:
    crowd.settle()
    with pushing(), desk(crowd.token(), "worker", "clocks") as running:
        for _ in range(3):
            arrival(running)
        seconds = []
        for _ in range(asked.rounds(50)):
            time.sleep(PAUSE)
            seconds.append(arrival(running))
        floors = {"POST to the sandbox": posted(running.port, asked.rounds(50))}
    return [timed("outbound", "signal to request at the sandbox", seconds, floors=floors)]


@contextmanager
def pushing() -> Iterator[None]:
    """Every new case becomes a ticket while this lasts."""
    zendesk = Connection.objects.get(name="Bench zendesk")
    playbook = Playbook.objects.create(
        name="Bench", moment=Moment.OPENED, connection=zendesk, enabled=True
    )
    try:
        yield
    finally:
        playbook.delete()


def arrival(running: Desk) -> float:
    """Seconds from sending a signal to its ticket's arrival, by the clock of this one machine."""
    reference = f"N-{uuid.uuid4().hex[:8]}"
    signal = missed(reference)
    began = datetime.now(UTC)
    running.send([signal])
    case = Case.objects.get(reference=reference)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        ticket = SandboxRecord.objects.filter(data__external_id=str(case)).first()
        if ticket is not None:
            # Settled behind everybody's back: the twelfth open one would be part of a mass event.
            Case.objects.filter(pk=case.pk).update(status="resolved")
            return (ticket.created_at - began).total_seconds()
        time.sleep(0.02)
    raise RuntimeError(f"The ticket of {case} did not arrive within {PATIENCE:g} s.")


def missed(reference: str) -> dict[str, Any]:
    """A signal that opens a case at once."""
    return {
        "source": "bench",
        "external_id": reference,
        "type": "appointment.no_show",
        "occurred_at": datetime.now(UTC).isoformat(),
        "subject": {"reference": reference, "customer": {"name": "José Núñez"}},
    }


def posted(port: int, tries: int) -> float:
    """The bare request, of the same kind and size, in ms."""
    settings = crowd.CONNECTIONS["zendesk"]
    pair = f"{settings['email']}/token:{settings['token']}".encode()
    ours = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    line = Line(port, ours)
    ticket = {
        "subject": "Floor",
        "comment": {"body": "x" * 300, "public": False},
        "tags": ["bench"],
    }
    body = json.dumps({"ticket": ticket}).encode()
    return middle([line.timed("/sandbox/zendesk/api/v2/tickets", body) for _ in range(tries)])
