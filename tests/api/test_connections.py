"""Connections by API: the catalogue, setting one up, changing it, trying it; secrets only go in."""

import pytest
import responses
from cryptography.fernet import Fernet
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connectors.registry import BY_SLUG, CATALOGUE
from exceptions_app.models import Case, Connection, Delivery, Gate
from exceptions_app.outbox import connections
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import Operation, Role, Scope, Status
from tests.api.conftest import is_problem
from tests.factories import HOUR, MINUTE, NOON, ConnectionFactory, SiteFactory, open_case

pytestmark = pytest.mark.django_db

TOKEN = "zd/s3cr&t=="
SETTINGS = {"subdomain": "acme", "email": "desk@acme.example", "token": TOKEN}
WANTED = {"platform": "zendesk", "name": "Help desk", "site": "north", "settings": SETTINGS}


@pytest.fixture
def office(program_of):
    """A program of an administrator of every site."""
    return program_of(Role.ADMINISTRATOR)


@pytest.fixture
def zendesk(north):
    return ConnectionFactory(name="Help desk", settings=SETTINGS, sandbox=False, site=north)


def test_the_catalogue_tells_what_each_platform_can_do_and_what_it_is_set_up_with(office):
    told = {one["slug"]: one for one in office.get("platforms/").json()["results"]}

    assert set(told) == {each.slug for each in CATALOGUE}
    zendesk = told["zendesk"]
    assert {"create", "reopen", "look_up", "inbound"} <= set(zendesk["can"])
    reasons = {one["ability"]: one["reason"] for one in told["slack"]["cannot"]}
    assert reasons["look_up"]
    settings = {one["name"]: one for one in zendesk["settings"]}
    assert (settings["token"]["secret"], settings["token"]["example"]) == (True, "")
    assert (settings["subdomain"]["required"], settings["subdomain"]["example"]) == (True, "acme")
    assert zendesk["rate"] == {"requests": 200, "seconds": 60}


def test_a_connection_is_made_and_its_secrets_are_never_told(office, north):
    answer = office.post("connections/", WANTED)

    made = Connection.objects.get()
    told = answer.json()
    assert answer.status_code == 201
    assert (made.settings, made.site, made.enabled) == (SETTINGS, north, True)
    assert told["settings"] == {"subdomain": "acme", "email": "desk@acme.example"}
    assert (told["sealed"], told["site"]) == (["token"], "north")
    for again in (answer, office.get("connections/"), office.get(f"connections/{made.pk}/")):
        assert TOKEN not in again.content.decode()


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"platform": "telex"}, {"platform": f"Must be one of {', '.join(BY_SLUG)}."}),
        ({"name": ""}, {"name": "This field may not be blank."}),
        ({"site": "west"}, {"site": "There is no site west."}),
        (
            {"settings": {"subdomain": "Acme Inc", "token": TOKEN, "way": 1}},
            {
                "settings.subdomain": "Subdomain should look like acme.",
                "settings.email": "E-mail is missing.",
                "settings.way": "There is no such setting.",
            },
        ),
        ({"settings": {**SETTINGS, "subdomain": 7}}, {"settings.subdomain": None}),
        ({"colour": "red"}, {"colour": None}),
    ],
)
def test_what_cannot_be_taken_is_told_field_by_field(office, north, change, errors):
    answer = office.post("connections/", {**WANTED, **change})

    assert is_problem(answer, 400, "invalid")
    told = answer.json()["errors"]
    assert set(told) == set(errors)
    assert all(told[name] == reason for name, reason in errors.items() if reason)
    assert TOKEN not in answer.content.decode()
    assert not Connection.objects.exists()


@pytest.mark.parametrize("name", ["Help desk", "HELP DESK"])
def test_a_name_is_used_once(office, zendesk, name):
    answer = office.post("connections/", {**WANTED, "name": name})

    assert is_problem(answer, 400, "invalid")
    assert set(answer.json()["errors"]) == {"name"}


def test_a_connection_is_made_once_per_key(office, north):
    first = office.post("connections/", WANTED, Idempotency_Key="one")
    again = office.post("connections/", WANTED, Idempotency_Key="one")

    assert (first.status_code, again.status_code) == (201, 201)
    assert Connection.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "worked"),
    [
        ({"sandbox": True}, None),
        ({"settings": {"token": "another-token"}}, None),
        ({"name": "Renamed"}, NOON),
    ],
)
def test_of_another_account_nothing_is_known_yet(office, zendesk, change, worked):
    Connection.objects.update(succeeded_at=NOON, failed_at=NOON, last_error="401")

    office.patch(f"connections/{zendesk.pk}/", change)

    zendesk.refresh_from_db()
    assert (zendesk.succeeded_at, zendesk.failed_at) == (worked, worked)
    assert bool(zendesk.last_error) == bool(worked)


def test_names_that_differ_in_case_from_before_can_still_be_changed(office, zendesk):
    ConnectionFactory(name="HELP DESK")

    answer = office.patch(f"connections/{zendesk.pk}/", {"enabled": False})

    assert answer.status_code == 200


def test_what_somebody_changes_meanwhile_is_not_undone(office, zendesk, monkeypatch):
    """Between reading and writing, the token is rotated."""
    real = connections.facts
    rotated = {**SETTINGS, "token": "rotated-token"}

    def slow(connection):
        seen = real(connection)
        monkeypatch.setattr(connections, "facts", real)
        row = Connection.objects.get(pk=connection.pk)
        row.settings = rotated
        row.save(update_fields=["settings"])
        return seen

    monkeypatch.setattr(connections, "facts", slow)
    answer = office.patch(f"connections/{zendesk.pk}/", {"settings": {"subdomain": "acme2"}})

    zendesk.refresh_from_db()
    assert is_problem(answer, 409, "stale")
    assert zendesk.settings == rotated


def test_a_weak_secret_that_is_sealed_does_not_stand_in_the_way(office, zendesk):
    Connection.objects.filter(pk=zendesk.pk).update(settings={**SETTINGS, "token": "t1"})

    answer = office.patch(f"connections/{zendesk.pk}/", {"settings": {"subdomain": "acme2"}})

    zendesk.refresh_from_db()
    assert answer.status_code == 200
    assert (zendesk.settings["subdomain"], zendesk.settings["token"]) == ("acme2", "t1")


def test_what_was_settled_while_it_was_off_is_not_told_any_more(office, zendesk):
    office.patch(f"connections/{zendesk.pk}/", {"enabled": False})
    settled, still = (open_case(site=zendesk.site) for _ in range(2))
    for case in (settled, still):
        for operation in (Operation.CREATE, Operation.UPDATE):
            owe(case.pk, zendesk.pk, operation, at=NOON, key=f"{case.pk}:{operation}")
    Case.objects.filter(pk=settled.pk).update(status=Status.RESOLVED)

    office.patch(f"connections/{zendesk.pk}/", {"enabled": True})

    states = dict(Delivery.objects.values_list("key", "state"))
    assert {key: state for key, state in states.items() if key.startswith(f"{settled.pk}:")} == {
        f"{settled.pk}:create": "superseded",
        f"{settled.pk}:update": "superseded",
    }
    assert {state for key, state in states.items() if key.startswith(f"{still.pk}:")} == {"waiting"}


def test_what_is_not_asked_for_stays_as_it_is(office, zendesk):
    answer = office.patch(f"connections/{zendesk.pk}/", {"settings": {"subdomain": "acme2"}})

    zendesk.refresh_from_db()
    assert answer.status_code == 200
    assert zendesk.settings == {**SETTINGS, "subdomain": "acme2"}
    assert (zendesk.name, zendesk.site.slug, zendesk.enabled) == ("Help desk", "north", True)


def test_a_connection_is_disconnected_renamed_and_moved_to_every_site(office, zendesk):
    office.patch(f"connections/{zendesk.pk}/", {"enabled": False, "name": "Care", "site": None})

    zendesk.refresh_from_db()
    assert (zendesk.enabled, zendesk.name, zendesk.site) == (False, "Care", None)


@pytest.mark.parametrize(
    ("more", "status"),
    [({}, 400), ({"password": "another"}, 200), ({"password": None, "username": None}, 200)],
)
def test_a_password_goes_to_no_other_server_than_it_was_typed_for(office, more, status):
    mail = {"host": "mail.example.com", "sender": "a@b.example", "to": "c@d.example"}
    login = {"username": "desk", "password": "pass"}
    one = ConnectionFactory(platform="smtp", settings={**mail, **login})

    there = {"sender": "c@b.example"}
    assert office.patch(f"connections/{one.pk}/", {"settings": there}).status_code == 200
    away = office.patch(f"connections/{one.pk}/", {"settings": {"host": "mail.evil.com"} | more})

    assert away.status_code == status
    assert ("Type it again" in away.content.decode()) is (status == 400)


def test_null_takes_a_setting_out_unless_it_is_needed(office):
    mail = {"host": "mail.example.com", "sender": "a@b.example", "to": "c@d.example"}
    login = {"username": "desk", "password": "pass"}
    one = ConnectionFactory(platform="smtp", settings={**mail, **login})

    gone = office.patch(
        f"connections/{one.pk}/", {"settings": {"password": None, "username": None}}
    )
    needed = office.patch(f"connections/{one.pk}/", {"settings": {"host": None}})

    one.refresh_from_db()
    assert gone.status_code == 200
    assert one.settings == mail
    assert set(needed.json()["errors"]) == {"settings.host"}


def test_a_setting_that_the_platform_no_longer_takes_is_dropped_with_the_next_change(office):
    one = ConnectionFactory(settings={**SETTINGS, "fax": "1"})

    office.patch(f"connections/{one.pk}/", {"settings": {"subdomain": "b"}})

    one.refresh_from_db()
    assert one.settings == {**SETTINGS, "subdomain": "b"}


def test_the_platform_of_a_connection_does_not_change(office, zendesk):
    answer = office.patch(f"connections/{zendesk.pk}/", {"platform": "slack"})

    assert is_problem(answer, 400, "invalid")


def test_a_connection_tells_how_it_stands(office, zendesk):
    case = open_case()
    owe(case.pk, zendesk.pk, Operation.CREATE, at=NOON, key="create")
    Connection.objects.update(failed_at=NOON, last_error="Zendesk answers 503")
    Gate.objects.create(
        connection=zendesk,
        budget_at=NOON,
        free_at=NOON + MINUTE,
        opened_at=NOON - HOUR,
        held_until=NOON + 2 * MINUTE,
        failures=6,
    )

    (told,) = office.get("connections/").json()["results"]

    assert (told["waiting"], told["sending"], told["dead"], told["uncertain"]) == (1, 0, 0, 0)
    assert told["last_error"] == "Zendesk answers 503"
    assert told["free_at"] == "2026-03-10T12:01:00Z"
    assert told["circuit"] == {
        "open": True,
        "opened_at": "2026-03-10T11:00:00Z",
        "next_probe_at": "2026-03-10T12:02:00Z",
    }


def test_the_hook_address_is_told_where_there_is_one(office, zendesk, settings):
    mail = ConnectionFactory(platform="smtp", settings={})
    settings.BASE_URL = "https://desk.example.com"

    address = office.get(f"connections/{zendesk.pk}/").json()["hook_address"]

    assert address.startswith(f"https://desk.example.com/hooks/{zendesk.pk}/")
    assert office.get(f"connections/{mail.pk}/").json()["hook_address"] is None


@pytest.mark.parametrize(("status", "ok"), [(200, True), (401, False)])
def test_a_connection_is_tried_and_what_was_said_is_redacted(office, zendesk, status, ok):
    with responses.RequestsMock() as vendor:
        vendor.get("https://acme.zendesk.com/api/v2/tickets", status=status, json={"echo": TOKEN})
        answer = office.post(f"connections/{zendesk.pk}/test/")

    told = answer.json()
    assert (answer.status_code, told["ok"]) == (200, ok)
    assert told["verdict"].startswith("Zendesk answers")
    assert told["request"].startswith("GET https://acme.zendesk.com/")
    assert "[secret]" in told["answer"]
    assert TOKEN not in answer.content.decode()


def test_a_connection_is_never_deleted_and_the_refusal_says_what_to_do(office, zendesk):
    answer = office.client.delete(f"/api/v1/connections/{zendesk.pk}/", headers=office.signed)

    assert is_problem(answer, 405, "method_not_allowed")
    assert "Disconnect it instead" in answer.json()["detail"]
    assert Connection.objects.exists()


def test_what_does_not_exist_is_not_found(office):
    assert is_problem(office.get("connections/999/"), 404, "not_found")
    assert is_problem(office.patch("connections/999/", {"name": "A"}), 404, "not_found")
    assert is_problem(office.post("connections/999/test/"), 404, "not_found")


PATHS = ("platforms/", "connections/", "connections/{pk}/")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("role", "site"),
    [(Role.MANAGER, None), (Role.INTEGRATOR, None), (Role.ADMINISTRATOR, "north")],
)
def test_nobody_but_an_administrator_of_every_site_is_let_in(program_of, zendesk, path, role, site):
    program = program_of(role, site=SiteFactory(slug=site) if site else None)

    assert is_problem(program.get(path.format(pk=zendesk.pk)), 403, "not_permitted")


@pytest.mark.parametrize("scope", [Scope.CONNECTIONS_READ, Scope.CASES_WRITE])
def test_changing_and_trying_need_the_scope_to_write(program_of, zendesk, scope):
    program = program_of(Role.ADMINISTRATOR, scopes=[scope])

    refused = [
        program.post("connections/", WANTED),
        program.patch(f"connections/{zendesk.pk}/", {"name": "B"}),
        program.post(f"connections/{zendesk.pk}/test/"),
    ]

    assert all(is_problem(one, 403, "not_permitted") for one in refused)
    reads = program.get("connections/").status_code
    assert reads == (200 if scope == Scope.CONNECTIONS_READ else 403)


def test_the_list_takes_as_many_statements_at_any_length(office, zendesk):
    office.get("connections/")
    with CaptureQueriesContext(database) as few:
        office.get("connections/")
    for number in range(4):
        more = ConnectionFactory(site=SiteFactory(slug=f"site{number}"))
        Gate.objects.create(connection=more, budget_at=NOON, free_at=NOON)

    with CaptureQueriesContext(database) as many:
        told = office.get("connections/").json()["results"]

    assert len(told) == 5
    assert len(many) == len(few)


def test_what_cannot_be_opened_is_left_alone_until_it_is_asked_for_anew(office, settings):
    chat, keys = (
        ConnectionFactory(platform="slack", settings={"token": "xoxb-1"}),
        settings.FLAGSTAND_KEYS,
    )
    settings.FLAGSTAND_KEYS = [Fernet.generate_key().decode()]

    answer = office.patch(f"connections/{chat.pk}/", {"name": "Chat", "settings": {}})

    settings.FLAGSTAND_KEYS = keys
    chat.refresh_from_db()
    assert (answer.status_code, chat.name, chat.settings) == (200, "Chat", {"token": "xoxb-1"})
