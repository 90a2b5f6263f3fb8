"""Oracle's numbers of ours or its own, its codes, and notes that are not written twice."""

from dataclasses import replace

import pytest

from connectors import describing
from connectors.kit import COMMENT, CREATE, Reply
from connectors.models import SandboxNote, SandboxRecord
from connectors.platforms.oraclefusion import Config, connector, create, note
from exceptions_app.models import Delivery
from exceptions_app.vocabulary import DeliveryState
from tests.connectors.conftest import owed, perform_all
from tests.factories import NOON

CONFIG = Config.sample()


def test_an_upsert_is_asked_for_only_with_a_number_of_ours():
    case = describing.sample(CREATE, "")

    ours = create(case, CONFIG)
    theirs = create(case, replace(CONFIG, own_number=False))

    assert isinstance(ours.json, dict)
    assert isinstance(theirs.json, dict)
    assert (ours.headers["Upsert-Mode"], ours.json["SrNumber"]) == ("true", "EX-1042")
    assert "Upsert-Mode" not in theirs.headers
    assert "SrNumber" not in theirs.json


def test_a_note_that_is_there_already_is_not_written_again():
    case = replace(describing.sample(COMMENT, "EX-1042"), again=True)
    talk = note(case, CONFIG)
    next(talk)

    with pytest.raises(StopIteration):
        talk.send(Reply(200, {}, f'{{"Subject": "Flagstand {case.delivery_id}"}}'))


def test_a_note_is_found_among_many_long_ones(case, connect, sandbox):
    """Bodies and all, they would be more than we read of an answer."""
    connection = connect("oraclefusion", sandbox=True)
    owed(case, connection)
    perform_all()
    record, said = SandboxRecord.objects.get(), {"mark": "Other", "text": "x" * 20_000}
    SandboxNote.objects.bulk_create(SandboxNote(record=record, at=NOON, **said) for _ in range(50))
    owed(case, connection, COMMENT, text="The car is here.")
    perform_all()
    last = Delivery.objects.filter(operation=COMMENT)
    last.update(state=DeliveryState.SENDING, due_at=NOON, attempts=1)

    perform_all()

    assert last.get().state == DeliveryState.SENT
    assert record.notes.count() == 51


def test_a_token_comes_from_the_identity_domain():
    domain = "idcs-1a2b.identity.oraclecloud.com"
    grant = connector.grant(replace(CONFIG, sign_in="OAuth", domain=domain))

    assert connector.grant(CONFIG) is None
    assert grant is not None
    assert grant.url == "https://idcs-1a2b.identity.oraclecloud.com/oauth2/v1/token"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("ORA_SVC_RESOLVED", "resolved"), ("ORA_SVC_CLOSED", "resolved"), ("ACME_PARKED", "")],
)
def test_codes_are_read(theirs, ours):
    assert connector.status_of({"StatusCd": theirs}, CONFIG) == ours
