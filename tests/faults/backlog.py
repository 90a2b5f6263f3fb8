"""What is owed to every platform at once, and what became of it; needs a Django that is set up."""

import json
import math
import re
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet, Sum

from connectors.models import SandboxNote, SandboxRecord
from connectors.registry import BY_SLUG, CATALOGUE
from exceptions_app.cases.opening import Opening, open_cases
from exceptions_app.models import Case, Connection, Delivery, Link, Playbook, Site
from exceptions_app.outbox.owing import Owed, owe_many
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import (
    OWED,
    DeliveryState,
    ExceptionType,
    Operation,
    Severity,
    Status,
)
from tests.connectors.conftest import settings_of

CREATE, UPDATE, COMMENT, CLOSE = (
    Operation.CREATE,
    Operation.UPDATE,
    Operation.COMMENT,
    Operation.CLOSE,
)
STEPS = (CREATE, UPDATE, COMMENT, CLOSE)
MARK = re.compile(r"mk(create|update|comment|close)(\d+)x")
#: Two requests for most operations, within about a minute of each connection's rate.
REQUESTS, MINUTES = 2, 1.0
STATES = ("sent", "uncertain", "superseded", "dead", "waiting")


class Backlog:
    """So many deliveries, spread evenly over the platforms; a case has four of them on one connection."""

    def __init__(self, deliveries: int) -> None:
        Playbook.objects.update(enabled=False)
        Connection.objects.update(enabled=False)
        self.each = math.ceil(deliveries / len(STEPS) / len(CATALOGUE))
        self.connections = [one for each in CATALOGUE for one in self._connected(each.slug)]
        self.slug_of = {one.pk: one.platform for one in self.connections}
        self.where: dict[int, Connection] = {}
        self.usual: dict[str, Counter[str]] = defaultdict(Counter)
        self.closed: set[int] = set()

    def _connected(self, slug: str) -> list[Connection]:
        """As many accounts as let the platform's own rate be obeyed and the backlog drain."""
        rate = BY_SLUG[slug].rate
        bears = rate.requests * 60 / rate.seconds * MINUTES
        count = math.ceil(self.each * len(STEPS) * REQUESTS / bears)
        return [
            Connection.objects.create(
                name=f"Kill {slug} {n}", platform=slug, sandbox=True, settings=account(slug, n)
            )
            for n in range(count)
        ]

    def _open(self, connections: list[Connection]) -> list[Case]:
        now, site = datetime.now(UTC), Site.objects.first()
        assert site
        openings = [
            Opening(
                site_id=site.pk,
                by=SYSTEM,
                at=now,
                title="Delivery is late",
                exception_type=ExceptionType.DELIVERY_LATE,
                severity=Severity.HIGH,
            )
            for _ in connections
        ]
        cases = open_cases(openings, at=now)
        for case, connection in zip(cases, connections, strict=True):
            self.where[case.pk] = connection
            said = mark(CREATE, case.pk)
            Case.objects.filter(pk=case.pk).update(title=f"Delivery {said}", description=said)
        return cases

    def _owe(self, cases: list[int], *operations: Operation) -> None:
        """Each with a mark of its own in its text."""
        rows = [
            Owed(pk, self.where[pk].pk, each, f"kill:{pk}:{each}", f"{mark(each, pk)} was said.")
            for each in operations
            for pk in cases
        ]
        owe_many(rows, at=datetime.now(UTC))

    def calibrate(self) -> None:
        """One case per platform, undisturbed and step by step: how often a mark is there at most."""
        first = {one.platform: one for one in reversed(self.connections)}
        cases = [case.pk for case in self._open(list(first.values()))]
        for step in STEPS:
            status = Status.RESOLVED if step == CLOSE else Status.IN_PROGRESS
            Case.objects.filter(pk__in=cases).update(status=status)
            self._owe(cases, step)
            while waiting():
                time.sleep(0.5)
            for (pk, operation), count in found().items():
                usual = self.usual[self.where[pk].platform]
                usual[operation] = max(usual[operation], count)
        assert set(self._states().values()) == {DeliveryState.SENT}, self._states()
        self.closed.update(cases)

    def owe(self) -> None:
        """All at once; that a case is settled can be told only after everything else was."""
        places: list[Connection] = []
        for each in CATALOGUE:
            ours = [one for one in self.connections if one.platform == each.slug]
            places += [ours[n % len(ours)] for n in range(self.each)]
        cases = [case.pk for case in self._open(places)]
        Case.objects.filter(pk__in=cases).update(status=Status.IN_PROGRESS)
        self._owe(cases, CREATE, UPDATE, COMMENT)

    def move_on(self) -> bool:
        """Settle the cases of which everything was told; whether anything is left to do."""
        busy = set(ours().filter(state__in=OWED).values_list("case", flat=True))
        told = [pk for pk in self.where if pk not in busy and pk not in self.closed]
        self.closed.update(told)
        linked = set(Link.objects.filter(case__in=told).values_list("case", flat=True))
        Case.objects.filter(pk__in=told).update(status=Status.RESOLVED)
        self._owe([pk for pk in told if pk in linked], CLOSE)
        return bool(busy or told)

    def claims(self) -> int:
        return int(ours().aggregate(all=Sum("token"))["all"] or 0)

    def standing(self) -> str:
        states = Counter(ours().values_list("state", flat=True))
        return ", ".join(f"{count} {state}" for state, count in sorted(states.items()))

    def _states(self) -> dict[tuple[int, str], str]:
        rows = ours().values_list("case", "operation", "state")
        return {(pk, operation): state for pk, operation, state in rows}

    # --- What became of it --------------------------------------------------------------------

    def verdict(self) -> bool:
        """Print the figures of every platform; whether all claims hold."""
        states, arrived = self._states(), found()
        print(f"{'':18}{''.join(name.rjust(11) for name in (*STATES, 'doubled', 'lost'))}  bears")
        totals, wrong = Counter[str](), list[str]()
        for each in CATALOGUE:
            figures = self._figures(each.slug, states, arrived)
            totals += figures
            safe = [step for step in STEPS if each.bears_repeating(step)]
            told = " ".join(step.value for step in safe)
            print(f"{each.slug:18}{spelled(figures)}  {told}")
            wrong += [
                f"{each.slug}: {step} is uncertain, though it bears repeating"
                for (pk, step), state in states.items()
                if self.where[pk].platform == each.slug and state == "uncertain" and step in safe
            ]
        print(f"{'all':18}{spelled(totals)}\n")
        claims = {
            "nothing waits": totals["waiting"] == 0,
            "nothing is dead": totals["dead"] == 0,
            "nothing is lost": totals["lost"] == 0,
            "nothing is there twice": totals["doubled"] == 0,
            "in doubt is only what does not bear repeating": not wrong,
        }
        for claim, holds in claims.items():
            print(f"{'ok  ' if holds else 'FAIL'} {claim}")
        print("\n".join(sorted(set(wrong))))
        return all(claims.values())

    def _figures(
        self, slug: str, states: dict[tuple[int, str], str], arrived: Counter[tuple[int, str]]
    ) -> Counter[str]:
        """Lost: what counts as sent and is not there, or has no reason for not having been sent."""
        figures, usual = Counter[str](), self.usual[slug]
        silent = ours().filter(state="superseded", reason="", connection__platform=slug)
        figures["lost"] += silent.count()
        for (pk, operation), state in states.items():
            if self.where[pk].platform != slug:
                continue
            count = arrived[pk, operation]
            figures["waiting" if state in OWED else state] += 1
            figures["doubled"] += count > usual[operation]
            figures["lost"] += state == "sent" and bool(usual[operation]) and not count
        return figures


def account(slug: str, n: int) -> dict[str, Any]:
    """An account of its own wherever a secret may be any text."""
    given: dict[str, Any] = settings_of(slug)
    if slug == "gmail":
        given |= {
            "access": "refresh_token",
            "client_id": "desk",
            "client_secret": "s",
            "token": "t",
        }
    for each in BY_SLUG[slug].config.schema():
        if each.secret and given.get(each.name) and not each.pattern and "key" not in each.name:
            given[each.name] = f"{given[each.name]}{n or ''}"
    return given


def mark(operation: Operation, pk: int) -> str:
    return f"mk{operation.value}{pk}x"


def ours() -> QuerySet[Delivery]:
    """What was owed here; the demo's own is left where it is."""
    return Delivery.objects.filter(key__startswith="kill:")


def waiting() -> bool:
    return ours().filter(state__in=OWED).exists()


def found() -> Counter[tuple[int, str]]:
    """How often each mark is there; PagerDuty writes down every event, and makes nothing of it again."""
    data = SandboxRecord.objects.values_list("data", flat=True)
    rows = SandboxNote.objects.values_list("record__connection__platform", "record", "what", "text")
    logged = {row for row in rows if row[0] == "pagerduty"}
    texts = [json.dumps(one) for one in data]
    texts += [row[3] for row in (*logged, *(row for row in rows if row[0] != "pagerduty"))]
    return Counter((int(pk), kind) for text in texts for kind, pk in MARK.findall(text))


def spelled(figures: Counter[str]) -> str:
    return "".join(str(figures[name]).rjust(11) for name in (*STATES, "doubled", "lost"))
