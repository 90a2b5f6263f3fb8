"""What could not be told is a case of its own, one per connection, and never one about itself (T20)."""

import pytest

from exceptions_app.detection import own
from exceptions_app.models import Case, Delivery, Entry
from exceptions_app.outbox import deciding, outcomes, queue
from exceptions_app.outbox.outcomes import Tried
from exceptions_app.outbox.owing import owe
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import DeliveryState, ExceptionType, Operation, Status
from tests.factories import HOUR, NOON, ConnectionFactory, PlaybookFactory, open_case

pytestmark = pytest.mark.django_db
SENT = Tried(at=NOON, ok=True, verdict="Taken.")
REFUSED = Tried(at=NOON, ok=False, verdict="Zendesk answers 422: no.")


@pytest.fixture
def zendesk():
    return ConnectionFactory(name="Zendesk", platform="zendesk")


def buried(connection, *, at=NOON):
    case = open_case()
    owe(case.pk, connection.pk, Operation.CREATE, at=at, key=f"{case.pk}")
    (delivery,) = queue.claim(at=at)
    outcomes.bury(delivery, at=at, reason=REFUSED.verdict, attempt=REFUSED)
    return case


def own_cases():
    return Case.objects.filter(exception_type=ExceptionType.INTEGRATION_FAILED)


def test_a_dead_delivery_opens_a_case_about_its_connection(zendesk):
    about = buried(zendesk)

    case = own_cases().get()
    assert case.title == "Zendesk could not be told"
    assert str(about) in case.description
    assert case.evidence["reason"] == REFUSED.verdict
    assert case.site == about.site


def test_the_next_joins_it(zendesk):
    buried(zendesk)
    second = buried(zendesk, at=NOON + HOUR)

    case = own_cases().get()
    assert case.repeats == 1
    assert str(second) in Entry.objects.get(case=case, verb="case.repeated").data["title"]


def test_another_connection_is_another_case(zendesk):
    buried(zendesk)
    buried(ConnectionFactory(name="Slack", platform="slack"))

    assert own_cases().count() == 2


def resent(about, *, at):
    """Sent again by a person; whether it goes this time."""
    (dead,) = Delivery.objects.filter(case=about)
    deciding.resend(dead.pk, by=SYSTEM, at=at)
    own.watch(at)
    assert own_cases().get().is_open
    (again,) = queue.claim(at=at)
    return again


def test_it_settles_itself_once_all_is_told(zendesk):
    again = resent(buried(zendesk), at=NOON + HOUR)
    outcomes.succeed(again, at=NOON + HOUR, attempt=SENT)

    own.watch(NOON + HOUR)

    case = own_cases().get()
    assert (case.status, case.cause) == (Status.RESOLVED, "Told after all")


def test_it_stays_while_anything_is_untold(zendesk):
    again, other = resent(buried(zendesk), at=NOON + HOUR), buried(zendesk, at=NOON + HOUR)
    outcomes.succeed(again, at=NOON + HOUR, attempt=SENT)

    own.watch(NOON + 2 * HOUR)
    assert own_cases().get().is_open

    (dead,) = Delivery.objects.filter(case=other)
    deciding.skip(dead.pk, by=SYSTEM, at=NOON + 2 * HOUR, reason="Told by telephone")
    own.watch(NOON + 2 * HOUR)
    assert not own_cases().get().is_open


def test_it_never_is_about_itself(zendesk):
    """The case about Zendesk is owed to Zendesk as well, and dies there."""
    PlaybookFactory(connection=zendesk, moment="case.opened")
    buried(zendesk)
    for _ in range(3):
        for delivery in queue.claim(at=NOON + HOUR, limit=9):
            outcomes.bury(delivery, at=NOON + HOUR, reason="no", attempt=REFUSED)

    assert own_cases().count() == 1
    assert set(Delivery.objects.values_list("state", flat=True)) <= {
        DeliveryState.DEAD,
        DeliveryState.SUPERSEDED,
    }
