"""Connecting a platform: a form drawn from its Config, in which secrets only go in."""

from html import unescape

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database
from django.urls import reverse

from connectors.forms import ConnectionForm
from connectors.models import SandboxRecord
from exceptions_app.models import Connection
from tests.connectors.conftest import SECRETS
from tests.factories import NOON

TOKEN = SECRETS["zendesk"]["token"]
FILLED = {
    "platform": "zendesk",
    "name": "Zendesk",
    "enabled": "on",
    "setting_subdomain": "acme",
    "setting_email": "desk@acme.example",
    "setting_token": TOKEN,
}

pytestmark = pytest.mark.django_db


def test_a_filled_in_form_is_a_connection():
    connection = ConnectionForm(FILLED).save()

    connection.refresh_from_db()
    assert connection.settings == {
        "subdomain": "acme",
        "email": "desk@acme.example",
        "token": TOKEN,
    }


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        (
            {"setting_subdomain": "Acme Inc"},
            "setting_subdomain",
            "Subdomain should look like acme.",
        ),
        ({"setting_token": ""}, "setting_token", "API token is missing."),
        ({"platform": "telex"}, "platform", "Select a valid choice"),
        ({"name": ""}, "name", "This field is required."),
    ],
)
def test_a_wrong_setting_is_refused_beside_its_field(change, field, problem):
    form = ConnectionForm(FILLED | change)

    assert list(form.errors) == [field]
    assert problem in form.errors[field][0]


def test_a_secret_never_comes_out_and_stays_if_left_empty(connect):
    connection = connect("zendesk")
    shown = ConnectionForm(instance=connection).as_p()

    changed = ConnectionForm(
        FILLED | {"setting_token": "", "setting_subdomain": "acme2"}, instance=connection
    )
    changed.save()

    connection.refresh_from_db()
    assert TOKEN not in unescape(shown)
    assert "Leave empty to keep the one that is sealed here." in shown
    assert (connection.settings["subdomain"], connection.settings["token"]) == ("acme2", TOKEN)


def test_what_cannot_be_opened_is_missing_until_it_is_typed_again(connect, settings):
    connection = connect("zendesk")
    settings.FLAGSTAND_KEYS = [Fernet.generate_key().decode()]
    connection.refresh_from_db()

    empty = ConnectionForm(FILLED | {"setting_token": ""}, instance=connection)
    typed = ConnectionForm(FILLED, instance=connection)

    assert empty.errors["setting_token"] == ["API token is missing."]
    assert typed.save().settings["token"] == TOKEN


def test_a_new_name_leaves_what_cannot_be_opened_as_it_is_sealed(connect, settings):
    slack, keys = connect("slack"), settings.FLAGSTAND_KEYS
    was, settings.FLAGSTAND_KEYS = slack.settings, [Fernet.generate_key().decode()]
    slack.refresh_from_db()
    drawn = {name: each.initial for name, each in ConnectionForm(instance=slack).fields.items()}

    ConnectionForm(drawn | {"platform": "slack", "name": "Chat"}, instance=slack).save()

    settings.FLAGSTAND_KEYS = keys
    slack.refresh_from_db()
    assert (slack.name, slack.settings) == ("Chat", was)


def test_a_form_that_was_refused_does_not_show_the_secret_again():
    form = ConnectionForm(FILLED | {"name": ""})

    assert not form.is_valid()
    assert "acme" in form.as_p()
    assert TOKEN not in unescape(form.as_p())


def test_the_platform_of_a_connection_does_not_change(connect):
    connection = connect("zendesk")

    ConnectionForm(FILLED | {"platform": "slack"}, instance=connection).save()

    connection.refresh_from_db()
    assert connection.platform == "zendesk"


def test_choices_numbers_and_defaults_are_drawn_as_what_they_are():
    form = ConnectionForm({"platform": "smtp"})

    assert 'type="number"' in str(form["setting_port"])
    assert "<select" in str(form["setting_security"])
    assert '<option value="slack">Slack</option>' in str(form["platform"])


def test_what_is_kept_is_sealed_in_the_table(connect, db):
    connect("zendesk")

    with database.cursor() as cursor:
        cursor.execute("SELECT settings FROM exceptions_app_connection")
        (kept,) = cursor.fetchone()

    assert TOKEN not in kept
    assert "subdomain" not in kept


def test_the_admin_connects_in_two_steps(admin_client):
    add = reverse("admin:exceptions_app_connection_add")
    first = admin_client.post(add, {"platform": "zendesk", "name": "Zendesk", "enabled": "on"})
    second = admin_client.post(add, FILLED)

    assert b"API token" in first.content
    assert b"API token is missing." in first.content
    assert second.status_code == 302
    assert Connection.objects.get().settings["token"] == TOKEN


def test_the_admin_shows_no_secret_and_can_test(admin_client, connect, vendor):
    vendor.get("https://acme.zendesk.com/api/v2/tickets", status=401, json={"error": f"no {TOKEN}"})
    connection = connect("zendesk")

    change = admin_client.get(
        reverse("admin:exceptions_app_connection_change", args=[connection.pk])
    )
    tested = admin_client.post(
        reverse("admin:exceptions_app_connection_changelist"),
        {"action": "test", "_selected_action": [connection.pk]},
        follow=True,
    )

    assert TOKEN not in unescape(change.content.decode())
    assert "Zendesk answers 401: no [secret]" in tested.content.decode()


def test_the_admin_lets_nobody_change_what_arrived(admin_client, connect, sandbox):
    record = SandboxRecord.objects.create(
        connection=connect("slack", sandbox=True),
        external_id="1.1",
        created_at=NOON,
        changed_at=NOON,
    )

    shown = admin_client.get(reverse("admin:connectors_sandboxrecord_change", args=[record.pk]))
    added = admin_client.get(reverse("admin:connectors_sandboxrecord_add"))

    assert (shown.status_code, added.status_code) == (200, 403)
    assert b'name="_save"' not in shown.content
