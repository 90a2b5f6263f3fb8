"""Signals through HTTP: how many a second in batches, and how long one alone takes."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.bench import crowd, raw
from tests.bench.desk import Desk, Line, desk, floor, processor_time, surroundings
from tests.bench.figures import Figure, middle, timed

if TYPE_CHECKING:
    from tests.bench.__main__ import Asked

PATH = "/api/v1/signals/"
BATCH = 1_000
TARGET = 5_000
#: So many threads answer in turn, each with a connection to the database that starts cold.
WARM = 8
_runs = count()


def measure(asked: "Asked") -> list[Figure]:
    """One web process with one client and with two; then two web processes, as two processors allow."""
    crowd.settle()
    token, batches = crowd.token(), asked.rounds(10)
    with floor() as bare:
        with desk(token, "worker", "clocks") as one:
            post(one, new_orders(WARM, BATCH), clients=1)
            figures = [line for clients in (1, 2) for line in rates(one, bare, batches, clients)]
            figures.append(alone(one, bare, asked.rounds(200)))
        with surroundings(WEB_PROCESSES="2"), desk(token, "worker", "clocks") as two:
            post(two, new_orders(2 * WARM, BATCH), clients=2)
            return [*figures, *rates(two, bare, batches, 2, " and web processes")]


def rates(running: Desk, bare: int, batches: int, clients: int, more: str = "") -> list[Figure]:
    new = new_orders(batches * clients, BATCH)
    floors = {"SQL": copied(new), "ASGI": replied(bare, running, new, clients)}
    label = f"batches of 1,000, {clients} client{'s'[: clients - 1]}{more}"
    news = {"new orders": new, "news of known orders": shipped(new)}
    return [
        rated(f"{name}, {label}", running, signals, clients, floors)
        for name, signals in news.items()
    ]


def rated(
    name: str,
    running: Desk,
    batches: Sequence[Sequence[dict[str, Any]]],
    clients: int,
    floors: dict[str, float],
) -> Figure:
    """The processor's time is that of the web process, in ms for a thousand signals."""
    before = processor_time(running.web)
    rate = post(running, batches, clients=clients)
    cpu = (processor_time(running.web) - before) * 1000 / len(batches)
    tries = len(batches)
    return Figure(
        "intake", name, rate, unit="/s", floors=floors, target=TARGET, count=tries, cpu=(cpu,)
    )


def new_orders(batches: int, size: int) -> list[list[dict[str, Any]]]:
    """Orders that nobody knows, each promised and to be shipped; in batches."""
    return [list(orders(f"{next(_runs)}-{batch}", size)) for batch in range(batches)]


def orders(run: str, size: int) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for n in range(size):
        yield {
            "source": "bench",
            "external_id": f"{run}-{n}",
            "type": "order.placed",
            "occurred_at": now.isoformat(),
            "subject": {
                "reference": f"O-{run}-{n}",
                "site": f"bench-{n % crowd.SITES}",
                "customer": {"name": "José Núñez", "email": "jose@example.org"},
                "tier": "gold",
                "value": 129.5,
            },
            "promise": {"promised_at": (now + timedelta(days=5)).isoformat()},
            "milestones": {"shipped": {"expected_at": (now + timedelta(days=2)).isoformat()}},
        }


def shipped(placed: Sequence[Sequence[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """The next that is heard of the same orders."""
    now = datetime.now(UTC).isoformat()
    return [
        [
            {
                "source": "bench",
                "external_id": f"{order['external_id']}-shipped",
                "type": "order.shipped",
                "occurred_at": now,
                "subject": {
                    "reference": order["subject"]["reference"],
                    "site": order["subject"]["site"],
                },
            }
            for order in batch
        ]
        for batch in placed
    ]


def post(running: Desk, batches: Sequence[Sequence[dict[str, Any]]], *, clients: int) -> float:
    """Signals a second, all of which must have been stored."""
    bodies = [json.dumps(batch).encode() for batch in batches]
    answers: list[bytes] = []
    took = by_clients(
        running.line, bodies, clients, lambda line, body: answers.append(line.post(PATH, body))
    )
    stored: int = sum(json.loads(answer)["counts"]["stored"] for answer in answers)
    if stored != BATCH * len(batches):
        raise RuntimeError(f"Only {stored} of {BATCH * len(batches)} signals were stored.")
    return stored / took


def by_clients(line: Any, bodies: Sequence[bytes], clients: int, send: Any) -> float:
    """Seconds for all bodies, shared out between connections that are open beforehand."""
    lines = [line() for _ in range(clients)]
    threads = [
        threading.Thread(
            target=lambda mine, every: [send(mine, body) for body in every],
            args=(lines[n], bodies[n::clients]),
        )
        for n in range(clients)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


LIKE = "CREATE TABLE bench_signal (LIKE exceptions_app_signal INCLUDING ALL)"
COPY = "COPY bench_signal (source_id, external_id, type, subject_id, occurred_at, received_at, digest, body, position) FROM STDIN"


def copied(batches: Sequence[Sequence[dict[str, Any]]]) -> float:
    """Signals a second into a table like theirs: one COPY and one commit for each batch."""
    now = datetime.now(UTC)
    rows = [
        [
            (
                1,
                one["external_id"],
                one["type"],
                1,
                one["occurred_at"],
                now,
                "0" * 32,
                json.dumps(one),
                place,
            )
            for place, one in enumerate(batch)
        ]
        for batch in batches
    ]
    with raw.server() as server:
        server.execute("DROP TABLE IF EXISTS bench_signal")
        server.execute(LIKE)
        began = time.perf_counter()
        for batch in rows:
            with server.transaction(), server.cursor().copy(COPY) as into:
                for row in batch:
                    into.write_row(row)
        took = time.perf_counter() - began
        server.execute("DROP TABLE bench_signal")
    return BATCH * len(batches) / took


def replied(bare: int, running: Desk, batches: Sequence[Any], clients: int) -> float:
    """Signals a second that a server takes and answers without looking at them."""
    bodies = [json.dumps(batch).encode() for batch in batches]
    size = len(running.line().post(PATH, json.dumps(new_orders(1, BATCH)[0]).encode()))
    took = by_clients(
        lambda: Line(bare), bodies, clients, lambda line, body: line.post(f"/?bytes={size}", body)
    )
    return BATCH * len(batches) / took


def alone(running: Desk, bare: int, tries: int) -> Figure:
    """One signal at a time over one connection."""
    bodies = [json.dumps(batch[0]).encode() for batch in new_orders(tries, 1)]
    line, other = running.line(), Line(bare)
    size = len(line.post(PATH, json.dumps(new_orders(1, 1)[0][0]).encode()))
    seconds = [line.timed(PATH, body) for body in bodies]
    floors = {
        "SQL": inserted(bodies),
        "ASGI": middle([other.timed(f"/?bytes={size}", body) for body in bodies]),
    }
    return timed("intake", "one signal alone", seconds, floors=floors)


def inserted(bodies: Sequence[bytes]) -> float:
    """One signal's row by one INSERT and one commit."""
    row = COPY.replace("COPY", "INSERT INTO").replace(
        "FROM STDIN", "VALUES (1, %s, 'x', 1, now(), now(), %s, %s, 0)"
    )
    with raw.server() as server:
        server.execute("DROP TABLE IF EXISTS bench_signal")
        server.execute(LIKE)
        seconds = []
        for n, body in enumerate(bodies):
            began = time.perf_counter()
            server.execute(row, (str(n), "0" * 32, body.decode()))
            seconds.append(time.perf_counter() - began)
        server.execute("DROP TABLE bench_signal")
    return middle(seconds)
