"""What a connection lacks before a call of its platform can be believed."""

import pytest

from connectors.hooks import Hook
from connectors.listening.platforms import lacking
from connectors.registry import BY_SLUG, CATALOGUE
from exceptions_app.models import Connection
from tests.factories import NOON

TELLING = [each for each in CATALOGUE if each.inbound]
#: They prove calls with what sending needs as well, so that it is never missing.
SENDS_WITH_IT = {"twilio"}


def settings_of(connector):
    return {each.name: each.sample() for each in connector.config.schema()}


@pytest.mark.parametrize("connector", TELLING, ids=lambda one: one.slug)
def test_the_secret_that_calls_are_proven_with_is_named_until_it_is_there(connector):
    made = Connection(platform=connector.slug, settings=settings_of(connector))

    label = lacking(made)

    assert bool(label) == (connector.slug not in SENDS_WITH_IT)
    for each in connector.config.schema():
        if each.label == label:
            assert each.secret
            made.settings[each.name] = each.example or "of-theirs"
    assert lacking(made) == ""


def test_who_proves_itself_by_another_way_lacks_nothing():
    zoho = BY_SLUG["zohodesk"]
    given = settings_of(zoho) | {"keys": '{"keys": []}'}

    assert lacking(Connection(platform="zohodesk", settings=given)) == ""
    assert zoho.inbound
    assert zoho.inbound.proof.problem(Hook("", b"", NOON), zoho.config.read(given))


@pytest.mark.parametrize("platform", ["smtp", "telex"])
def test_who_tells_nothing_lacks_nothing(platform):
    assert lacking(Connection(platform=platform)) == ""


def test_settings_that_cannot_be_read_are_not_asked():
    assert lacking(Connection(platform="zendesk", settings={"subdomain": "acme"})) == ""
