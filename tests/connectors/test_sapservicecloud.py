"""SAP Service Cloud's two versions: tokens with their cookies in one, ETags and extensions in the other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.answers import judge
from connectors.errors import Temporary
from connectors.kit import CREATE, Hook, Reply, csrf
from connectors.models import SandboxRecord
from connectors.platforms.sapservicecloud import STATUS, connector
from exceptions_app.models import Delivery
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.conftest import settings_of
from tests.connectors.test_every_stand_in import run
from tests.factories import NOON

V2 = {"version": "V2", "tenant": "my1000019.de1", "kind": "ZCAS", "statuses": "02,01,02,05"}


def test_every_operation_arrives_in_version_2(case, connect, sandbox, contract_of):
    given = {**settings_of("sapservicecloud"), **V2}
    connection = connect("sapservicecloud", sandbox=True, settings=given)
    contract, base = contract_of("sapservicecloud"), "https://my1000019.de1.crm.cloud.sap"

    for operation in (CREATE, Operation.UPDATE, Operation.COMMENT, Operation.CLOSE):
        run(case, connection, operation)

    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    record = SandboxRecord.objects.get()
    assert record.data["status"] == "05"
    assert record.data["extensions"]["Case_KUT"] == case.shown_number
    assert record.data["extensions"]["Said"].startswith("To close.")
    for request, answer in sandbox:
        url = request.url.replace("http://desk.example/sandbox/sapservicecloud", base)
        body, content = request.body or None, answer.content
        assert contract.request(request.method, url, request.headers, body) == []
        assert contract.reply(request.method, url, answer.status_code, content) == []


def test_a_token_travels_with_the_cookies_it_came_with():
    cookies = "SAP_SESSIONID_LBD_001=a%3d; path=/; secure; expires=Wed, 21 Oct 2026 07:28:00 GMT"
    headers = {
        "x-csrf-token": "t",
        "set-cookie": f"{cookies}, sap-usercontext=sap-client=001; path=/",
    }

    assert csrf(Reply(200, headers=headers)) == {
        "x-csrf-token": "t",
        "Cookie": "SAP_SESSIONID_LBD_001=a%3d; sap-usercontext=sap-client=001",
    }


def test_both_versions_name_what_to_look_at():
    config = connector.config.sample()

    (one,) = connector.inbound.read({"ObjectID": "00163E"}, config)
    (two,) = connector.inbound.read({"data": {"currentImage": {"id": "11ee"}}}, config)

    assert (one.external_id, two.external_id, one.look, two.look) == ("00163E", "11ee", True, True)


def test_a_call_that_names_a_ticket_again_is_heard_again():
    """It says the same of every change."""

    def name(at):
        return connector.inbound.event_id(Hook("https://desk.example/", b"{}", at))

    assert name(NOON) == name(NOON) != name(NOON + timedelta(seconds=1))


def test_a_ticket_that_changed_meanwhile_is_read_again():
    with pytest.raises(Temporary):
        judge(connector, Reply(412, {"error": {"message": "Precondition failed"}}))


@pytest.mark.parametrize(
    ("code", "statuses", "ours"),
    [
        ("1", "2,1,2,3", "new"),
        ("3", "2,1,2,3", "resolved"),
        ("4", "2,1,2,3", "resolved"),
        ("4", "4,1,2,5", "waiting"),
        ("4", "3,1,2,5", ""),
    ],
)
def test_a_ticket_is_completed_before_it_is_closed(code, statuses, ours):
    sample = connector.config.sample()
    assert sample.statuses == "2,1,2,3"
    body = {"d": {"results": {STATUS: code}}}

    assert connector.status_of(body, replace(sample, statuses=statuses)) == ours


def test_without_a_password_no_call_is_believed():
    hook = Hook("https://desk.example/", b"{}", NOON, headers={"authorization": ""})

    assert connector.inbound.proof.problem(hook, connector.config.sample())
