"""Connections for administrators: the catalogue, the connect form, the test, and how each one stands."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
import responses
import time_machine
from cryptography.fernet import Fernet
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connectors.inbound import hook_address
from connectors.models import HookCall
from connectors.registry import BY_SLUG, CATALOGUE
from exceptions_app.models import Connection, Delivery, Gate, Site
from exceptions_app.outbox import connections
from exceptions_app.outbox.owing import owe
from exceptions_app.people.access import person
from exceptions_app.sealed import LACKING
from exceptions_app.vocabulary import DeliveryState, Operation, Role
from tests.dashboards.conftest import NOW
from tests.dashboards.reading import text
from tests.factories import (
    HOUR,
    MINUTE,
    ConnectionFactory,
    PlaybookFactory,
    SiteFactory,
    UserFactory,
    open_case,
)

pytestmark = pytest.mark.django_db

TOKEN = "zd/s3cr&t=="
SETTINGS = {"subdomain": "acme", "email": "desk@acme.example", "token": TOKEN}
FILLED = {
    "name": "Help desk",
    "setting_subdomain": "acme",
    "setting_email": "desk@acme.example",
    "setting_token": TOKEN,
}


@pytest.fixture
def ingrid(db):
    return UserFactory(username="ingrid", first_name="Ingrid", role=Role.ADMINISTRATOR)


@pytest.fixture
def office(client, ingrid):
    """Ingrid's browser."""
    client.force_login(ingrid)
    return client


@pytest.fixture
def zendesk(db):
    return ConnectionFactory(name="Help desk", settings=SETTINGS, sandbox=False)


@pytest.fixture
def vendor():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def page(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer


def row_of(answer, name):
    """Give the row of a list that names it, as words."""
    rows = re.findall(r"<tr.*?</tr>", answer.content.decode(), re.DOTALL)
    (found,) = [one for one in rows if name in unescape(one)]
    return text(found)


def gate(connection, **given):
    usual = {"budget_at": NOW - HOUR, "free_at": NOW - HOUR}
    return Gate.objects.create(connection=connection, **{**usual, **given})


def owed(connection, state, number=1):
    case = open_case()
    for _ in range(number):
        key = f"{connection.pk}:{Delivery.objects.count()}"
        owe(case.pk, connection.pk, Operation.COMMENT, at=NOW, key=key, text="Called")
        Delivery.objects.filter(key=key).update(state=state)


def test_pages_and_cases_do_without_secrets_that_cannot_be_opened(office, zendesk, settings):
    PlaybookFactory(connection=zendesk)
    settings.FLAGSTAND_KEYS = [Fernet.generate_key().decode()]
    lists = ("connections", "playbooks", "sources", "deliveries")

    case = open_case()

    assert [page(office, name).status_code for name in lists] == [200] * 4
    assert page(office, "case", case.pk).status_code == 200
    assert LACKING in text(page(office, "connection", zendesk.pk))
    assert LACKING in text(page(office, "connection-settings", zendesk.pk))


# --- What is connected -----------------------------------------------------------------------


def test_with_nothing_connected_the_page_says_how_to_begin(office):
    shown = text(page(office, "connections"))

    assert "Nothing is connected yet" in shown
    assert "tick “Connect to the sandbox instead”" in shown


def test_the_rail_leads_administrators_there_and_nobody_else(office, client, ana):
    assert b'href="/connections/"' in page(office, "board").content

    client.force_login(ana)
    assert b'href="/connections/"' not in page(client, "board").content


@pytest.mark.parametrize(
    ("given", "held", "words"),
    [
        ({}, None, "Not tried yet"),
        ({"succeeded_at": NOW - MINUTE}, None, "Works"),
        ({"succeeded_at": NOW - HOUR, "failed_at": NOW}, None, "The last try failed"),
        ({"succeeded_at": NOW, "failed_at": NOW - HOUR}, None, "Works"),
        ({"enabled": False, "succeeded_at": NOW}, None, "Disconnected"),
        (
            {"failed_at": NOW},
            {"opened_at": NOW - HOUR, "held_until": NOW + 5 * MINUTE, "failures": 7},
            "Does not answer since today 13:00; next probe today 14:05",
        ),
        (
            {"failed_at": NOW},
            {"opened_at": NOW - HOUR, "held_until": NOW - MINUTE, "failures": 7},
            "next probe with the next delivery",
        ),
        (
            {"succeeded_at": NOW},
            {"held_until": NOW + 5 * MINUTE},
            "Asked to be left alone until today 14:05",
        ),
    ],
)
def test_a_connection_says_how_it_stands(office, north, given, held, words):
    one = ConnectionFactory(name="Help desk", **given)
    if held:
        gate(one, **held)

    assert words in row_of(page(office, "connections"), "Help desk")
    assert words.casefold() in text(page(office, "connection", one.pk)).casefold()


def names_listed(answer):
    return re.findall(r'<a class="listing__link" href="[^"]+">([^<]+)</a>', answer.content.decode())


def test_connections_stand_by_name_however_it_is_written(office):
    for name in ("Zendesk", "monday.com", "PagerDuty", "salesforce"):
        ConnectionFactory(name=name)

    in_order = ["monday.com", "PagerDuty", "salesforce", "Zendesk"]
    assert names_listed(page(office, "connections")) == in_order


def test_those_that_fail_are_counted_and_the_count_leads_to_them(office):
    fails = {"failed_at": NOW, "last_error": "It answers 503"}
    dead, tried, off = (ConnectionFactory(name=name) for name in ("Dead", "Tried", "Off"))
    Connection.objects.filter(pk=tried.pk).update(**fails)
    Connection.objects.filter(pk=off.pk).update(enabled=False, **fails)
    owed(dead, DeliveryState.DEAD)

    everything = page(office, "connections")
    assert "All 3 Failing 2" in text(everything)
    assert 'href="/connections/?only=failing"' in everything.content.decode()
    assert names_listed(page(office, "connections", only="failing")) == ["Dead", "Tried"]


def test_where_none_fails_the_list_of_those_says_so(office, zendesk):
    shown = text(page(office, "connections", only="failing"))

    assert "No connection is failing" in shown
    assert "Show all 1" in shown


@pytest.mark.parametrize("connected", [0, 1])
def test_the_head_leads_to_the_platforms_to_connect(office, connected):
    ConnectionFactory.create_batch(connected)

    html = page(office, "connections").content.decode()

    head = html[html.index('<div class="board__head">') : html.index("</h2>")]
    assert re.search(r'href="#catalogue-title">.*?Connect a platform</a>', head, re.DOTALL)
    assert 'id="catalogue-title"' in html


def test_a_row_counts_what_waits_and_what_is_stuck_and_each_number_opens_it(office, zendesk):
    for state, number in (("waiting", 3), ("sending", 1), ("dead", 2), ("uncertain", 1)):
        owed(zendesk, DeliveryState(state), number)
    owed(zendesk, DeliveryState.SENT)
    owed(ConnectionFactory(), DeliveryState.DEAD)

    answer = page(office, "connections")

    told = row_of(answer, "Help desk")
    for words in ("3 waiting", "1 being sent", "2 dead", "1 uncertain", "3 deliveries need"):
        assert words in told
    way = f"{reverse('deliveries')}?connection={zendesk.pk}&state=dead"
    assert way in unescape(answer.content.decode())


def test_a_row_tells_the_last_failure_the_pace_and_when_the_next_request_may_go(office, north):
    one = ConnectionFactory(name="Help desk", failed_at=NOW, last_error="Zendesk answers 503")
    gate(one, free_at=NOW + MINUTE)

    told = row_of(page(office, "connections"), "Help desk")

    assert "today 14:00 : Zendesk answers 503" in told
    assert "200 per minute, used up until 14:01:00" in told


def test_the_list_costs_the_same_however_long_it_is(office, zendesk):
    def statements():
        with CaptureQueriesContext(database) as captured:
            page(office, "connections")
        return len(captured)

    statements()
    before = statements()
    for number in range(4):
        more = ConnectionFactory(site=SiteFactory(slug=f"site{number}"))
        gate(more)
        owed(more, DeliveryState.WAITING)
    Site.objects.exclude(slug="north").update(name="Elsewhere")

    assert statements() == before


# --- The catalogue ---------------------------------------------------------------------------


def listed(answer):
    rows = re.findall(r"<tr data-narrow-text=[^>]*>.*?</tr>", answer.content.decode(), re.DOTALL)
    shown = [row for row in rows if " hidden" not in row.split(">")[0]]
    return [unescape(re.search(r'<strong class="clip">(.*?)</strong>', row)[1]) for row in shown]


def test_every_platform_is_in_the_catalogue_with_what_it_can_do_and_why_not(office):
    answer = page(office, "connections")

    assert sorted(listed(answer)) == sorted(each.name for each in CATALOGUE)
    told = row_of(answer, 'href="/connections/new/slack/"')
    assert "can: Comment" in told
    assert "cannot: Attach" in told
    assert BY_SLUG["slack"].cannot["attach"] in told


@pytest.mark.parametrize(
    ("asked", "found"),
    [("zEnD", ["Zendesk"]), ("slack comment", ["Slack"]), ("slack attach", []), ("nothing", [])],
)
def test_the_catalogue_is_searched_without_a_script(office, asked, found):
    answer = page(office, "connections", q=asked)

    assert listed(answer) == found
    assert f"{len(found)} of {len(CATALOGUE)}" in text(answer)
    (empty,) = re.findall(r"<div[^>]*data-narrow-empty[^>]*>", answer.content.decode())
    assert ("hidden" in empty) == bool(found)


def test_what_is_connected_already_says_so_in_the_catalogue(office, zendesk):
    told = row_of(page(office, "connections"), 'href="/connections/new/zendesk/"')

    assert "connected" in told


# --- Connecting ------------------------------------------------------------------------------


def test_the_form_is_drawn_from_the_platforms_settings(office):
    html = page(office, "connect", "zendesk").content.decode()

    for each in BY_SLUG["zendesk"].config.schema():
        assert each.label in unescape(html)
        assert each.help.rstrip(".") in unescape(html)
    assert "such as desk@acme.example" in html
    assert re.search(r'<input type="password" name="setting_token"[^>]*>', html)
    assert "Connect to the sandbox instead" in html


def test_a_filled_in_form_makes_a_connection_and_leads_to_it(office, north):
    answer = office.post(
        reverse("connect", args=["zendesk"]), FILLED | {"sandbox": "on", "site": north.pk}
    )

    made = Connection.objects.get()
    assert answer["Location"] == reverse("connection", args=[made.pk])
    assert (made.platform, made.site, made.sandbox, made.enabled) == ("zendesk", north, True, True)
    assert made.settings == SETTINGS


def test_a_refused_form_keeps_what_was_typed_except_secrets_and_says_why(office):
    answer = office.post(
        reverse("connect", args=["zendesk"]), FILLED | {"setting_subdomain": "Acme Inc"}
    )

    html = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert not Connection.objects.exists()
    assert 'value="Acme Inc"' in html
    assert 'value="desk@acme.example"' in html
    assert "Subdomain should look like acme." in html
    assert TOKEN not in html
    assert "What you typed as API token is not shown again" in html


def test_a_reason_stands_beside_its_field_and_is_tied_to_it(office):
    html = office.post(reverse("connect", args=["zendesk"]), {"name": "X"}).content.decode()

    assert re.search(
        r'<p class="wrong" id="id_setting_token_error">API token is missing.</p>', html
    )
    (field,) = re.findall(r'<input[^>]*name="setting_token"[^>]*>', html)
    assert 'aria-invalid="true"' in field
    assert "id_setting_token_error" in field


def test_a_name_that_is_taken_is_refused(office, zendesk):
    answer = office.post(reverse("connect", args=["zendesk"]), FILLED)

    assert "Another connection has this name. Choose a different one." in text(answer)


def test_a_second_connection_is_offered_a_name_that_is_free(office):
    ConnectionFactory(name="Zendesk")

    assert b'value="Zendesk 2"' in page(office, "connect", "zendesk").content


def test_a_platform_that_is_not_in_the_catalogue_cannot_be_connected(office):
    assert office.get(reverse("connect", args=["telex"])).status_code == 404


def test_without_a_sandbox_it_is_not_offered(office, settings):
    settings.SANDBOX = False

    assert b'name="sandbox"' not in page(office, "connect", "zendesk").content


def test_nobodys_settings_are_undone_by_a_form_that_was_opened_before(office, zendesk):
    address = reverse("connection-settings", args=[zendesk.pk])
    (seen,) = re.findall(r'name="seen" value="(\w+)"', office.get(address).content.decode())
    typed = {"name": "Renamed", "setting_subdomain": "acme", "setting_email": "d@acme.example"}
    Connection.objects.filter(pk=zendesk.pk).update(sandbox=True)

    late = office.post(address, {**typed, "seen": seen})
    again = office.post(address, {**typed, "seen": seen})

    assert (late.status_code, again.status_code) == (422, 422)
    assert "Somebody changed it since you looked." in text(again)
    zendesk.refresh_from_db()
    assert zendesk.name == "Help desk"


def test_a_key_of_several_lines_has_room_for_them_and_is_not_shown_again(office):
    address = reverse("connect", args=["salesforce"])
    fresh = office.get(address).content.decode()
    answer = office.post(address, {"name": "", "setting_private_key": "-----BEGIN s3cret"})

    assert '<textarea name="setting_private_key"' in fresh
    assert "-----BEGIN s3cret" not in answer.content.decode()


# --- Changing --------------------------------------------------------------------------------


def test_settings_are_changed_and_a_secret_left_empty_stays(office, zendesk):
    address = reverse("connection-settings", args=[zendesk.pk])
    shown = unescape(office.get(address).content.decode())
    office.post(address, FILLED | {"name": "Care", "setting_token": "", "setting_subdomain": "b"})

    zendesk.refresh_from_db()
    assert TOKEN not in shown
    assert "Leave empty to keep the one that is sealed here." in shown
    assert (zendesk.name, zendesk.settings) == ("Care", SETTINGS | {"subdomain": "b"})


def test_saving_does_not_undo_what_workers_wrote_meanwhile(ingrid, zendesk):
    seen = connections.whole(zendesk.pk, by=person(ingrid))
    Connection.objects.update(succeeded_at=NOW)

    seen.name = "Care"
    connections.keep(seen, by=person(ingrid), at=NOW)

    zendesk.refresh_from_db()
    assert (zendesk.name, zendesk.succeeded_at) == ("Care", NOW)


def test_disconnecting_switches_off_and_keeps_everything(office, zendesk):
    owed(zendesk, DeliveryState.WAITING)
    address = reverse("connection-switch", args=[zendesk.pk])

    off = office.post(address, follow=True)
    zendesk.refresh_from_db()
    assert not zendesk.enabled
    assert "Disconnected; 1 delivery waits for it" in text(page(office, "connections"))
    assert "Switch on again" in text(off)

    office.post(address, {"on": "yes"})
    zendesk.refresh_from_db()
    assert zendesk.enabled
    assert zendesk.settings == SETTINGS
    assert zendesk.deliveries.count() == 1


def test_nothing_deletes_a_connection_and_the_page_says_why(office, zendesk):
    shown = page(office, "connection", zendesk.pk)
    admin = office.get(reverse("admin:exceptions_app_connection_delete", args=[zendesk.pk]))
    office.post(
        reverse("admin:exceptions_app_connection_changelist"),
        {"action": "delete_selected", "_selected_action": [zendesk.pk], "post": "yes"},
    )

    assert "A connection is never deleted" in text(shown)
    assert admin.status_code == 403
    assert "A connection is never deleted" in text(admin)
    assert "<h1>A connection stays</h1>" in admin.content.decode()
    assert "Not for your role" not in text(admin)
    assert Connection.objects.filter(pk=zendesk.pk).exists()


# --- Testing ---------------------------------------------------------------------------------

TICKETS = "https://acme.zendesk.com/api/v2/tickets"


def probed(client, connection, **headers):
    return client.post(reverse("connection-test", args=[connection.pk]), headers=headers)


def test_a_test_shows_verdict_request_and_answer_without_secrets(office, zendesk, vendor):
    vendor.get(TICKETS, json={"tickets": [], "echo": TOKEN})

    answer = probed(office, zendesk)

    shown = text(answer)
    assert "Zendesk answers, and takes the sign-in." in shown
    assert "GET https://acme.zendesk.com/api/v2/tickets?external_id=flagstand-test" in shown
    assert '"echo": "[secret]"' in shown
    assert TOKEN not in unescape(answer.content.decode())
    assert "Delivery log" in shown


def test_a_refused_test_says_so(office, zendesk, vendor):
    vendor.get(TICKETS, status=401, json={"error": "Couldn't authenticate you"})

    assert "Zendesk answers 401: Couldn't authenticate you" in text(probed(office, zendesk))


def test_how_a_test_went_is_remembered_until_the_next(office, zendesk, vendor):
    vendor.get(TICKETS, status=401, json={"error": "Couldn't authenticate you"})
    probed(office, zendesk)
    assert "The last try failed" in row_of(page(office, "connections"), "Help desk")

    vendor.replace("GET", TICKETS, json={"tickets": []})
    with time_machine.travel(NOW + MINUTE, tick=False):
        probed(office, zendesk)
    assert "Works" in row_of(page(office, "connections"), "Help desk")


def test_a_test_that_asks_nothing_makes_nothing_well(office):
    pager = ConnectionFactory(
        platform="pagerduty",
        name="Pager",
        settings={"routing_key": "R" * 32},
        sandbox=False,
        failed_at=NOW,
        last_error="It answers 404",
    )

    assert "nothing harmless to ask" in text(probed(office, pager))

    pager.refresh_from_db()
    assert (pager.succeeded_at, pager.last_error) == (None, "It answers 404")


def test_a_script_gets_the_panel_alone(office, zendesk, vendor):
    vendor.get(TICKETS, json={"tickets": []})

    answer = probed(office, zendesk, **{"HX-Request": "true"})

    assert answer.content.strip().startswith(b'<section class="probed')
    assert b"<html" not in answer.content


def test_with_the_panel_comes_how_it_stands_now(office, zendesk, vendor):
    vendor.get(TICKETS, status=401, json={"error": "Couldn't authenticate you"})
    before = office.get(reverse("connection", args=[zendesk.pk])).content

    answer = probed(office, zendesk, **{"HX-Request": "true"})

    for place in (b'id="health"', b'id="stands"'):
        assert place in before
        assert place + b' hx-swap-oob="true"' in answer.content
    assert "the last try failed" in text(answer)
    assert "Zendesk answers 401" in text(answer).partition("Last failure")[2]


def test_the_button_cannot_be_pressed_twice_and_says_how_long_it_takes(office, zendesk):
    answer = page(office, "connection", zendesk.pk)

    (form,) = re.findall(r"<form[^>]*data-probe[^>]*>", answer.content.decode())
    assert 'hx-sync="this:drop"' in form
    assert "This takes up to 15 seconds." in text(answer)


@pytest.mark.parametrize(("status", "closed"), [(200, True), (401, False)])
def test_a_test_that_succeeds_closes_the_circuit(office, zendesk, vendor, status, closed):
    vendor.get(TICKETS, status=status, json={})
    gate(zendesk, opened_at=NOW - HOUR, held_until=NOW + HOUR, failures=7)

    probed(office, zendesk)

    assert (Gate.objects.get().opened_at is None) == closed


# --- One connection --------------------------------------------------------------------------


def test_the_page_gives_the_address_where_the_platform_knocks(office, zendesk, settings):
    settings.BASE_URL = "https://desk.example.com"
    html = unescape(page(office, "connection", zendesk.pk).content.decode())

    (address,) = re.findall(r'id="hook-address"\s+value="([^"]+)"', html)
    assert re.fullmatch(
        rf"https://desk\.example\.com/hooks/{zendesk.pk}/[A-Za-z0-9_-]{{43}}/", address
    )
    assert BY_SLUG["zendesk"].setup in re.sub(r"\s+", " ", html)
    assert 'data-copy="hook-address"' in html


def test_a_platform_that_tells_nothing_has_no_address(office):
    mail = ConnectionFactory(name="Mail", platform="smtp")

    shown = page(office, "connection", mail.pk)
    assert b"hook-address" not in shown.content
    assert "Calls from" not in text(shown)


def test_a_call_that_is_refused_is_seen_and_what_it_lacks_is_said(office, client, zendesk):
    lacking = "Calls are refused until Signing secret is filled in under Settings"
    before = text(page(office, "connection", zendesk.pk))
    assert "Nothing was sent here yet." in before
    assert lacking in before

    Connection.objects.update(settings=SETTINGS | {"webhook": "k3bWJ0bG9uZ2VyLXRoYW4tMjQ"})
    called = client.post(urlsplit(hook_address(zendesk)).path, {}, "application/json")

    assert called.status_code == 401
    shown = page(office, "connection", zendesk.pk)
    assert "refused The signature is missing. today" in row_of(shown, "signature")
    assert lacking not in text(shown)


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        ("waiting", "", "waits A worker takes it in."),
        ("held", "Again from 2026-03-10 13:05 UTC on.", "waits Again from today 14:05 on."),
        ("done", "EX-1 is resolved.", "✓ taken in EX-1 is resolved."),
        ("nothing", "No case here is linked.", "nothing to do No case here is linked."),
        ("conflict", "The owner differs.", "! conflict The owner differs. EX-{} Settle it"),
    ],
)
def test_what_became_of_a_call_is_said_in_words(office, zendesk, state, outcome, words):
    case = open_case()
    of_it = {"case": case} if state == "conflict" else {}
    secret = '{"token": "s3cret-of-theirs"}'
    called(zendesk, state=state, outcome=outcome, body=secret, **of_it)
    called(ConnectionFactory(), state="done", outcome="Somebody else")

    shown = page(office, "connection", zendesk.pk)

    assert words.format(case.number) in text(shown)
    assert "Somebody else" not in text(shown)
    assert "s3cret-of-theirs" not in text(shown)


def test_the_newest_calls_come_first_and_are_few(office, zendesk):
    for number in range(14):
        called(zendesk, outcome=f"Call {number}.", at=NOW + number * MINUTE)

    told = re.findall(r"Call (\d+)\.", text(page(office, "connection", zendesk.pk)))

    assert told == [str(number) for number in range(13, 3, -1)]


def called(connection, **given):
    name = str(HookCall.objects.count())
    return HookCall.objects.create(
        connection=connection, event_id=name, **{"at": NOW, "state": "done", **given}
    )


def test_the_page_lists_its_own_deliveries_newest_first_and_leads_to_all(office, zendesk):
    owed(zendesk, DeliveryState.SENT)
    owed(ConnectionFactory(), DeliveryState.SENT)
    owed(zendesk, DeliveryState.DEAD)

    html = page(office, "connection", zendesk.pk).content.decode()

    mine = zendesk.deliveries.order_by("-position").values_list("pk", flat=True)
    assert re.findall(r'href="/deliveries/([0-9a-f-]{36})/"', html) == [str(pk) for pk in mine]
    assert f'href="/deliveries/?connection={zendesk.pk}"' in html


def test_the_page_names_the_playbooks_that_push_there(office, zendesk):
    unused = page(office, "connection", zendesk.pk)
    PlaybookFactory(name="Urgent cases", connection=zendesk)

    assert "no playbook yet" in text(unused)
    assert "Urgent cases" in text(page(office, "connection", zendesk.pk))


def test_a_sandbox_connection_and_the_sandbox_lead_to_each_other(office, client, ana):
    one = ConnectionFactory(name="Help desk", sandbox=True)
    sandbox = f"{reverse('sandbox')}?platform=zendesk"

    assert f'href="{sandbox}"' in page(office, "connection", one.pk).content.decode()
    assert f'href="/connections/{one.pk}/"' in office.get(sandbox).content.decode()
    client.force_login(ana)
    assert f'href="/connections/{one.pk}/"' not in client.get(sandbox).content.decode()


def test_a_connection_of_a_platform_that_is_gone_can_still_be_seen_and_disconnected(office):
    old = ConnectionFactory(name="Telex", platform="telex")

    assert "Disconnect" in text(page(office, "connection", old.pk))
    assert "telex" in row_of(page(office, "connections"), "Telex")
    assert office.get(reverse("connection-settings", args=[old.pk])).status_code == 404


def test_no_page_of_connections_shows_a_secret(office, zendesk):
    for name in ("connections", "connection", "connection-settings"):
        args = [] if name == "connections" else [zendesk.pk]
        assert TOKEN not in unescape(page(office, name, *args).content.decode())


def test_the_page_costs_the_same_however_much_was_sent(office, zendesk):
    def statements():
        with CaptureQueriesContext(database) as captured:
            page(office, "connection", zendesk.pk)
        return len(captured)

    owed(zendesk, DeliveryState.SENT)
    statements()
    before = statements()
    for state in DeliveryState:
        owed(zendesk, state, 3)
    PlaybookFactory(connection=zendesk)
    for _ in range(3):
        called(zendesk, case=open_case())

    assert statements() == before
