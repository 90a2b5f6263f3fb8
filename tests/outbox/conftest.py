"""A case, two connections, and the least that is needed to owe and finish."""

from itertools import count

import pytest

from exceptions_app.models import Delivery
from exceptions_app.outbox import outcomes, queue
from exceptions_app.outbox.outcomes import Linked, Tried
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import Operation
from tests.factories import NOON, ConnectionFactory, open_case

NUMBERS = count()
TICKET = Linked("35436", "https://acme.zendesk.com/agent/tickets/35436", "new")


def tried(*, ok=True, verdict="Taken.", at=NOON):
    return Tried(
        at=at, ok=ok, verdict=verdict, method="POST", url="https://acme.example/", status=201
    )


@pytest.fixture
def case(db):
    return open_case()


@pytest.fixture
def zendesk(db):
    return ConnectionFactory(name="Zendesk", platform="zendesk")


@pytest.fixture
def slack(db):
    return ConnectionFactory(name="Slack", platform="slack")


def owed(case, connection, operation=Operation.CREATE, *, at=NOON, text=""):
    """Owe it, and give the row."""
    key = f"test:{next(NUMBERS)}"
    owe(case.pk, connection.pk, operation, at=at, key=key, text=text)
    return Delivery.objects.get(key=key)


def claimed(*, at=NOON):
    """Claim the one thing that is due."""
    (delivery,) = queue.claim(at=at, limit=10)
    return delivery


def created(case, connection, *, at=NOON):
    """A record over there, made by a delivery that succeeded."""
    owed(case, connection, at=at)
    outcomes.succeed(claimed(at=at), at=at, attempt=tried(), link=TICKET)


def failed(case, connection, operation=Operation.CREATE, *, at=NOON):
    """A delivery that died."""
    delivery = owed(case, connection, operation, at=at)
    refused = tried(ok=False, verdict="Zendesk answers 422: no such group")
    outcomes.bury(claimed(at=at), at=at, reason=refused.verdict, attempt=refused)
    delivery.refresh_from_db()
    return delivery
