"""A person says that an uncertain delivery arrived; the platform is asked for the record, if it can be."""

from datetime import datetime
from uuid import UUID

from connectors.account import Account
from connectors.errors import DeliveryError
from exceptions_app.errors import Refused
from exceptions_app.models import Delivery
from exceptions_app.outbox import deciding
from exceptions_app.outbox.outcomes import Linked
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import Operation


def arrived(delivery_id: UUID, external_id: str, *, by: Actor, at: datetime) -> Delivery:
    """Settle the doubt; a creation by the record it made."""
    doubted, record = deciding.uncertain(delivery_id, by=by), None
    if doubted.operation == Operation.CREATE:
        named = Linked(external_id.strip(), status=doubted.case.status)
        record = known_there(doubted, deciding.sound(doubted, named))
    return deciding.arrived(delivery_id, by=by, at=at, record=record)


def known_there(delivery: Delivery, record: Linked) -> Linked:
    """The record with its address; refused in the platform's own words if it does not know it."""
    try:
        account = Account(delivery.connection)
        account.standing(record.external_id)
    except DeliveryError as problem:
        raise Refused.about(
            "external_id", f"{record.external_id} was not found. {problem}"
        ) from None
    return Linked(record.external_id, account.url_of(record.external_id), record.status)
