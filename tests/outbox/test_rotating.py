"""A new key takes over: what was sealed with the old one is sealed anew, and the old one can go (X3)."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from exceptions_app.models import Connection
from exceptions_app.sealed import LACKING, unreadable

pytestmark = pytest.mark.django_db


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT settings FROM exceptions_app_connection")
        return [row[0] for row in cursor.fetchall()]


def test_after_rotating_only_the_newest_key_is_needed(zendesk, settings, capsys):
    old, new = settings.FLAGSTAND_KEYS, Fernet.generate_key().decode()
    secret, before = Connection.objects.get().settings, stored()
    settings.FLAGSTAND_KEYS = [new, *old]

    call_command("rotate_secrets")

    settings.FLAGSTAND_KEYS = [new]
    assert Connection.objects.get().settings == secret
    assert stored() != before
    assert "1 connections sealed" in capsys.readouterr().out


def test_without_rotating_the_old_key_is_still_needed(zendesk, settings):
    settings.FLAGSTAND_KEYS = [Fernet.generate_key().decode()]

    assert unreadable(Connection.objects.get().settings) == LACKING


def test_what_no_key_opens_is_told_and_stays_as_it_is(zendesk, settings):
    before, settings.FLAGSTAND_KEYS = stored(), [Fernet.generate_key().decode()]

    with pytest.raises(
        CommandError, match=r"^1 connections are sealed with a key that FLAGSTAND_KEYS"
    ):
        call_command("rotate_secrets")

    assert stored() == before


def test_saving_a_row_loses_nothing_of_what_cannot_be_opened(zendesk, settings):
    old, secret = settings.FLAGSTAND_KEYS, Connection.objects.get().settings
    settings.FLAGSTAND_KEYS = [Fernet.generate_key().decode()]

    Connection.objects.get().save()

    settings.FLAGSTAND_KEYS = old
    assert Connection.objects.get().settings == secret
