"""What a post costs in statements: as many for a thousand signals as for ten."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions_app.intake.accept import accept
from exceptions_app.models import Signal
from exceptions_app.people.access import SYSTEM
from tests.factories import MINUTE, NOON, SourceFactory
from tests.intake.stories import booked

pytestmark = pytest.mark.django_db


def batch(size, **changes):
    return [booked(subject={"reference": f"V-{size}-{n}"}, **changes) for n in range(size)]


def statements(items, at):
    with CaptureQueriesContext(connection) as asked:
        accept(items, by=SYSTEM, at=at)
    return len(asked)


@pytest.mark.parametrize(
    "news",
    [
        {"type": "appointment.dispatched"},
        {"type": "appointment.updated", "subject": {"reference": "V-1-0"}},
        {"occurred_at": "noon"},
    ],
    ids=["each about its own", "all about one", "refused"],
)
def test_a_thousand_signals_take_as_many_statements_as_ten(news):
    SourceFactory()
    accept(batch(1), by=SYSTEM, at=NOON)  # which rules there are is read once per process
    first, later = [], []
    for size in (10, 1_000):
        first.append(statements(batch(size), NOON))
        later.append(statements([one | news for one in batch(size)], NOON + MINUTE))

    assert first[0] == first[1]
    assert later[0] == later[1]
    assert Signal.objects.count() >= 1_010
    assert max(first + later) <= 25


def test_what_was_refused_costs_those_that_mend_it_a_statement_more():
    SourceFactory()
    accept(batch(1), by=SYSTEM, at=NOON)
    costs = []
    for size, refused in ((10, 0), (11, 1), (12, 12)):
        items = batch(size)
        accept(
            [one | {"occurred_at": "noon"} for one in items[:refused]] or batch(1),
            by=SYSTEM,
            at=NOON,
        )
        costs.append(statements(items, NOON))

    assert costs == [costs[0], costs[0] + 1, costs[0] + 1]
