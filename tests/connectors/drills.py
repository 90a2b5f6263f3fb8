"""One connector through one misfortune: performed as a worker would, and counted what arrived of it."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.utils import timezone

from connectors import describing, tasks
from connectors.kit import Connector
from connectors.models import SandboxFault, SandboxNote, SandboxRecord
from connectors.sandbox import faults
from connectors.worker import Try
from exceptions_app.models import Case, Delivery
from exceptions_app.outbox import queue
from exceptions_app.vocabulary import OWED, Operation, Status
from tests.connectors.conftest import owed

OPERATIONS = (Operation.CREATE, Operation.UPDATE, Operation.COMMENT, Operation.CLOSE)
MARKS = {operation: f"mark{operation.value}42" for operation in OPERATIONS}
#: Far more steps than the longest drill takes.
MOST = 200
A_LITTLE, A_SECOND = timedelta(milliseconds=10), timedelta(seconds=1)


class Drill:
    """One case on one connection, everything owed at once.

    ``most`` is how much of each effect was ever there at the same time; ``order`` is what was tried.
    """

    def __init__(self, connector: Connector[Any], case, connection, clock):
        self.connector, self.case, self.connection, self.clock = connector, case, connection, clock
        self.most, self.order = Counter[str](), list[str]()
        mark = MARKS[Operation.CREATE]
        self._now_is(title=f"Delivery of {mark} is late", description=mark)
        self.operations = [each for each in OPERATIONS if connector.describing(each)]
        for operation in self.operations:
            owed(case, connection, operation, text=f"{MARKS[operation]} was said.")

    def _now_is(self, **fields):
        Case.objects.filter(pk=self.case.pk).update(**fields)

    # --- As a worker would --------------------------------------------------------------------

    def perform_all(self) -> "Drill":
        while self.head():
            self.step()
        return self

    def perform(self, operation: Operation) -> None:
        """This one, to its end."""
        while self.head() == operation:
            self.step()

    def perform_before(self, operation: Operation) -> None:
        """All that is in line before this one."""
        while self.head() != operation:
            self.step()

    def step(self) -> None:
        self.planned().perform().settle()
        self.most |= arrived()

    def planned(self) -> Try:
        """The next in line as a worker has it in hand, as soon as one may."""
        for _ in range(MOST):
            self._stand()
            now = timezone.now()
            for tried in tasks.admitted(queue.claim(at=now), now):
                self.order.append(tried.delivery.operation)
                return tried
            due = queue.next_due(now)
            assert due, f"nobody would ever perform what is left: {self.states()}"
            self.clock.move_to(max(due, now + A_SECOND))
        raise AssertionError(f"it never ends: {self.states()}")

    def _stand(self) -> None:
        """Have the case stand as it stood when the next in line was owed."""
        head = Operation(self.head())
        self._now_is(status=describing.STATUS.get(head, Status.IN_PROGRESS))

    def head(self) -> str:
        row = Delivery.objects.filter(state__in=OWED).first()
        return row.operation if row else ""

    def states(self) -> dict[str, str]:
        return dict(Delivery.objects.values_list("operation", "state"))

    # --- Misfortunes --------------------------------------------------------------------------

    def meets(self, operation: Operation, kind: str, nth: int) -> bool:
        """Let the fault meet one request of this operation; whether there was such a request."""
        fault = SandboxFault.objects.create(connection=self.connection, kind=kind)
        with only(nth):
            self.perform(operation)
        fault.refresh_from_db()
        fault.delete()
        return fault.left == 0

    def is_done_twice(self, operation: Operation) -> None:
        """A lease ends before its worker has written anything down; it comes late with its result."""
        late = self.planned().perform()
        self.clock.shift(queue.LEASE + A_LITTLE)
        self.perform(operation)
        before = self.states()
        late.settle()
        assert self.states() == before, "who had lost the lease has written nevertheless"


def arrived() -> Counter[str]:
    """How often each mark is found over there now, in how many records and notes.

    PagerDuty writes down every event it is sent; what it makes of the same event again is nothing.
    """
    said = [json.dumps(data) for data in SandboxRecord.objects.values_list("data", flat=True)]
    rows = SandboxNote.objects.values_list("record__connection__platform", "what", "text")
    logged = {row for row in rows if row[0] == "pagerduty"}
    notes = [text for *_, text in (*logged, *(row for row in rows if row not in logged))]
    found = Counter({"records": len(said), "notes": len(notes)})
    for mark in MARKS.values():
        found[mark] = sum(text.count(mark) for text in said + notes)
    return found


@contextmanager
def only(nth: int) -> Iterator[None]:
    """The fault meets this request of those that follow, counted from one."""
    found, count = faults.next_fault, 0

    def at_its_turn(call, stand):
        nonlocal count
        count += call.method != "GET"
        return found(call, stand) if count == nth else None

    with patch.object(faults, "next_fault", at_its_turn):
        yield


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens meanwhile has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
