"""What every test stands on: a database of its own, fast passwords, and a browser if there is one."""

import gc
import os
import shutil
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

from config import embedded, env
from tests.factories import NOON

#: What the migrations made, and what refuses to be changed.
KEPT = {"django_content_type", "auth_permission", "django_migrations"}
GUARDED = ("exceptions_app_entry", "exceptions_app_policyversion")
NEEDS_DATABASE = {"db", "transactional_db", "live_server", "database_url", "django_db_setup"}


def pytest_addoption(parser):
    parser.addoption(
        "--golden", action="store_true", help="write the golden files anew; then read the diff"
    )
    parser.addoption(
        "--drills", action="store_true", help="print what became of every fault on every platform"
    )


def pytest_configure():
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A test client would otherwise list every static file anew.
    settings.WHITENOISE_AUTOREFRESH = True


def pytest_collection_modifyitems(items):
    for item in items:
        if not item.get_closest_marker("django_db") and not NEEDS_DATABASE & set(item.fixturenames):
            item.add_marker("pure")
        if item.get_closest_marker("browser") and not found_chromium():
            item.add_marker(pytest.mark.skip(reason="There is no Chromium here; set CHROMIUM."))


def pytest_collection_finish():
    """Thousands of tests are looked through for rubbish again and again otherwise, an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def found_chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def chromium():
    return found_chromium()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Have the embedded server for the session, and do not wait for its disk."""
    ours = connection.settings_dict
    ours["OPTIONS"] = {**ours["OPTIONS"], "options": "-c synchronous_commit=off"}
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        yield
        return
    with embedded.served() as url:
        # The port is another if somebody took the remembered one.
        ours["PORT"] = env.database(url)["PORT"]
        yield


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def database_url(transactional_db):
    """Give the address of this test's database, for processes that the test starts."""
    return address_of_database()


def address_of_database():
    of = connection.settings_dict
    who = f"{quote(of['USER'])}:{quote(of['PASSWORD'])}@" if of["USER"] else ""
    options = "&".join(f"{k}={quote(str(v))}" for k, v in of["OPTIONS"].items() if k == "sslmode")
    return f"postgres://{who}{of['HOST']}:{of['PORT']}/{of['NAME']}?{options}"


@contextmanager
def lasting(django_db_blocker):
    """Keep what is made inside for all tests of a fixture's scope, each of which undoes its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True, scope="session")
def cleaning_costs_what_there_is():
    """After a transactional test delete its rows; emptying seventy tables and asking what models there are
    takes a second. Even the table that nobody may change gives way."""
    case_class: Any = TransactionTestCase
    clean = case_class._fixture_teardown
    case_class._fixture_teardown = lambda case: without_rows()
    yield
    case_class._fixture_teardown = clean


def without_rows():
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    some = " UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(some)
        filled = [name for (name,) in cursor.fetchall()]
        for name in GUARDED:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        # Django looks at foreign keys when a transaction ends, so the order is free.
        with transaction.atomic():
            for name in filled:
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608
        for name in GUARDED:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
