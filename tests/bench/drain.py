"""Deliveries per second of one worker process, when every platform takes 200 ms to answer.

The floor is a bare loop of ``requests`` with as many threads that sends the very same requests.
"""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import requests  # noqa: TID251 - the floor is what it does alone
from django.db import connection as database
from django.db.models.functions import Now
from django_q.models import OrmQ, Schedule

from connectors import client, snapshot
from connectors.account import Account
from connectors.client import Prepared
from connectors.models import SandboxFault
from connectors.tasks import THREADS
from exceptions_app.cases.opening import Opening, open_cases
from exceptions_app.models import Case, Connection, Delivery, Heartbeat
from exceptions_app.outbox.owing import Owed, owe_many
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import ExceptionType, Operation, Severity
from tests.bench import crowd
from tests.bench.desk import Desk, desk, processor_time, surroundings
from tests.bench.figures import Figure
from tests.connectors.conftest import settings_of

if TYPE_CHECKING:
    from tests.bench.__main__ import Asked

#: They bear the most requests, and take one for a new record.
PLATFORMS = ("zendesk", "sendgrid", "hubspot", "quickbase", "pipedrive", "airtable")
#: Eight accounts each: 25 deliveries take the slowest, at 4 a second, half as long as all of them should.
EACH, LATE, AIM, PATIENCE = 8, 0.2, 100.0, 300.0
#: One worker process; for the stand-ins two, and threads for as many as may ask at the same time.
ALONE = {"WORKERS": "1", "WEB_THREADS": str(THREADS), "WEB_PROCESSES": "2"}
OWED = ("waiting", "sending")


def measure(asked: "Asked") -> list[Figure]:
    crowd.settle()
    connections = [account(slug, n) for slug in PLATFORMS for n in range(EACH)]
    cases = 10 if asked.quick else 25
    with surroundings(**ALONE), desk(crowd.token(), "worker") as running:
        await_idle_worker()
        floor = bare(opened(cases), connections)
        analyze()
        rate, cpu = drained(running, opened(cases), connections)
    name = f"deliveries of one worker, {len(connections)} connections, {LATE * 1000:g} ms each"
    floors = {f"requests, {THREADS} threads": floor}
    made = Figure("drain", name, rate, unit="/s", floors=floors, target=AIM, cpu=(cpu,))
    return [made]


def account(slug: str, n: int) -> Connection:
    """An account whose stand-in is always late."""
    given = settings_of(slug)
    secret = next(name for name in ("token", "api_key", "secret") if given.get(name))
    given[secret] += str(n)
    made = Connection.objects.create(
        name=f"Drain {slug} {n}", platform=slug, sandbox=True, settings=given
    )
    SandboxFault.objects.create(connection=made, kind="slow", left=-1, seconds=LATE)
    return made


def opened(count: int) -> list[Case]:
    now, place = datetime.now(UTC), crowd.settle().sites[0]
    one = Opening(
        site_id=place,
        by=SYSTEM,
        at=now,
        title="Delivery is late",
        exception_type=ExceptionType.DELIVERY_LATE,
        severity=Severity.HIGH,
    )
    return open_cases([one] * count, at=now)


def owed(cases: list[Case], connections: list[Connection]) -> list[Delivery]:
    """The creation of every case everywhere."""
    rows = [
        Owed(case.pk, where.pk, Operation.CREATE, f"drain:{case.pk}:{where.pk}")
        for case, where in itertools.product(cases, connections)
    ]
    owe_many(rows, at=datetime.now(UTC))
    return list(Delivery.objects.filter(key__in=[row.key for row in rows]))


def bare(cases: list[Case], connections: list[Connection]) -> float:
    """Per second, by nothing but ``requests``: what is asked is made before the watch is started."""
    Connection.objects.update(enabled=False)
    ready = [prepared(delivery) for delivery in owed(cases, connections)]
    Delivery.objects.filter(state__in=OWED).update(state="skipped", reason="The floor sends it.")
    Connection.objects.filter(pk__in=[one.pk for one in connections]).update(enabled=True)
    shares = [ready[n::THREADS] for n in range(THREADS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(sent, shares))
    return len(ready) / (time.perf_counter() - began)


def prepared(delivery: Delivery) -> Prepared:
    account = Account(delivery.connection)
    case = snapshot.of(delivery)
    talk = account.connector.conversation(Operation.CREATE, case, account.config)
    return client._towards_sandbox(account.prepare(next(talk)), account.stand_in)


def sent(share: list[Prepared]) -> None:
    with requests.Session() as session:
        for one in share:
            headers = {**one.headers, **one.sign_in.headers}
            answer = session.request(one.method, one.url, headers=headers, data=one.body.encode())
            answer.raise_for_status()


def analyze() -> None:
    """As autovacuum has done on any desk that is older than a minute: plans for a new table are bad."""
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")


def await_idle_worker() -> None:
    """It has begun, and has done every recurring job once; on a new desk all are due with its start."""
    until = time.monotonic() + PATIENCE
    due, jobs = Schedule.objects.filter(next_run__lte=Now()), OrmQ.objects.all()
    while not Heartbeat.objects.filter(name="worker").exists() or due.exists() or jobs.exists():
        if time.monotonic() > until:
            raise RuntimeError("The worker does not start, or never has done everything.")
        time.sleep(0.1)


def drained(running: Desk, cases: list[Case], connections: list[Connection]) -> tuple[float, float]:
    """Deliveries per second from owing them to the last answer, and ms of the worker's processor for one."""
    before = processor_time(running.pids["worker"])
    began = time.perf_counter()
    count = len(owed(cases, connections))
    until = time.monotonic() + PATIENCE
    while Delivery.objects.filter(state__in=OWED).exists():
        if time.monotonic() > until:
            raise RuntimeError("They do not drain.")
        time.sleep(0.05)
    took = time.perf_counter() - began
    return count / took, (processor_time(running.pids["worker"]) - before) / count * 1000
