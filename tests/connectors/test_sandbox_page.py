"""What has arrived, as people see it over there; and only those who may see the case."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from connectors.models import SandboxFault, SandboxRecord
from connectors.sandbox.page import SHOWN
from exceptions_app.models import Connection, Link
from exceptions_app.outbox import queue
from exceptions_app.vocabulary import Operation, Role
from tests.connectors.conftest import owed, perform
from tests.factories import NOON, SiteFactory, UserFactory, open_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def arrived(connect, sandbox, case):
    """A case at every platform, with a comment."""
    for slug in ("zendesk", "slack", "pagerduty", "smtp"):
        connection = connect(slug, sandbox=True)
        owed(case, connection)
        owed(case, connection, Operation.COMMENT, text="Rain & <wind>")
    while found := queue.claim(at=NOON):
        perform(found[0], at=NOON)
    return case


def signed_in(role=Role.ADMINISTRATOR, *, site=None):
    client = Client()
    client.force_login(UserFactory(role=role, role__site=site))
    return client


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("zendesk", ["high: Delivery of Golf GTI is late", "Internal note", "new", "flagstand"]),
        ("slack", ["\N{LARGE ORANGE CIRCLE} ", "· new", "C024BE91L", "Reply"]),
        ("pagerduty", ["high: Delivery of Golf GTI is late", "triggered", "R. Okafor", "error"]),
        ("smtp", ["Delivery of Golf GTI is late", "dispatch@example.com", "Reference: D-20417"]),
    ],
)
def test_each_platform_shows_what_people_would_see_there(arrived, slug, words):
    page = signed_in().get("/sandbox/", {"platform": slug}).content.decode()

    assert [word for word in words if word not in page] == []
    assert "Rain &amp; &lt;wind&gt;" in page
    assert f'href="/cases/{arrived.pk}/"' in page
    assert page.count('class="arrived__record"') == 1


def test_a_link_of_the_case_leads_to_its_record(arrived):
    client = signed_in()

    for link in Link.objects.all():
        path, _, fragment = link.url.removeprefix("http://desk.example").partition("#")
        page = client.get(path).content.decode()
        anchors = re.findall(r'class="arrived__record" id="([^"]+)"', page)
        assert [
            fragment.replace("%3C", "&lt;").replace("%3E", "&gt;").replace("%40", "@")
        ] == anchors


def test_a_link_leads_to_its_record_however_much_has_arrived_since(arrived):
    link = Link.objects.get(connection__platform="zendesk")
    for number in range(SHOWN):
        later_than(link, str(9000 + number))
    path, _, anchor = link.url.removeprefix("http://desk.example").partition("#")

    shown = signed_in().get(path).content.decode()

    assert f'class="arrived__record" id="{anchor}"' in shown
    assert shown.count('class="arrived__record"') == SHOWN + 1
    assert f"These are the newest {SHOWN}." in shown
    without = signed_in().get("/sandbox/", {"platform": "zendesk"}).content.decode()
    assert f'id="{anchor}"' not in without
    elsewhere = signed_in(Role.STAFF, site=SiteFactory(slug="south")).get(path).content.decode()
    assert f'id="{anchor}"' not in elsewhere


def later_than(link, name):
    """Another record like that of the link, an hour younger."""
    record = SandboxRecord.objects.get(connection=link.connection, external_id=link.external_id)
    record.pk, record.external_id = None, name
    record.changed_at += timedelta(hours=1)
    record.save()


def test_without_a_choice_it_opens_where_something_arrived_last(arrived):
    newest = SandboxRecord.objects.first()

    page = signed_in().get("/sandbox/").content.decode()

    current = re.search(r'href="\?platform=(\w+)" aria-current="page"', page)
    assert newest
    assert current
    assert current[1] == newest.connection.platform


def test_an_unknown_platform_is_as_good_as_none(arrived):
    assert signed_in().get("/sandbox/", {"platform": "telex"}).status_code == 200


def test_an_empty_sandbox_says_what_to_do(sandbox):
    assert b"Nothing has arrived here" in signed_in().get("/sandbox/").content


def test_people_see_what_belongs_to_cases_of_their_site(arrived):
    teammate = signed_in(Role.STAFF, site=arrived.site)
    elsewhere = signed_in(Role.STAFF, site=SiteFactory(slug="south"))
    nobody = signed_in(None)

    assert b"arrived__record" in teammate.get("/sandbox/").content
    assert b"arrived__record" not in elsewhere.get("/sandbox/").content
    assert b"arrived__record" not in nobody.get("/sandbox/").content


def test_what_is_not_linked_yet_is_shown_to_administrators_only(arrived):
    Link.objects.all().delete()

    assert b"arrived__record" in signed_in().get("/sandbox/").content
    assert b"arrived__record" not in signed_in(Role.MANAGER).get("/sandbox/").content


def test_a_stranger_is_asked_to_sign_in(sandbox):
    answer = Client().get("/sandbox/")

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/sandbox/")


def test_the_page_costs_the_same_with_more_on_it(
    arrived, connect, sandbox, django_assert_max_num_queries
):
    client = signed_in()
    slack = SandboxRecord.objects.get(connection__platform="slack").connection
    for _ in range(5):
        owed(open_case(), slack)
    while found := queue.claim(at=NOON):
        perform(found[0], at=NOON)

    with django_assert_max_num_queries(14):
        page = client.get("/sandbox/", {"platform": "slack"}).content.decode()

    assert page.count('class="arrived__record"') == 6


@pytest.mark.parametrize(
    ("kind", "left", "words", "kept"),
    [
        ("refuse", "1", "the next thing sent there will meet “refuse it”.", ("refuse", 1)),
        ("hang", "3", "the next 3 things sent there will meet “not answer at all”.", ("hang", 3)),
        ("slow", "-1", "everything sent there will meet “do it, but answer late”.", ("slow", -1)),
        ("", "1", "what is sent there works as it should.", None),
        ("refuse", "none", "Nothing was set. Choose what is to go wrong", ("drop", 7)),
        ("refuse", "0", "Nothing was set.", ("drop", 7)),
        ("explode", "1", "Nothing was set.", ("drop", 7)),
    ],
)
def test_what_a_stand_in_is_told_to_do_wrong_is_said(arrived, kind, left, words, kept):
    zendesk = Connection.objects.get(platform="zendesk")
    SandboxFault.objects.create(connection=zendesk, kind="drop", left=7)

    given = {"kind": kind, "left": left}
    page = signed_in().post(f"/sandbox/faults/{zendesk.pk}/", given, follow=True).content.decode()

    assert words in unescape(page)
    assert SandboxFault.objects.values_list("kind", "left").first() == kept


@pytest.mark.parametrize(
    ("given", "enabled", "words"),
    [
        ({}, False, "404: {} is disconnected. Switch it on again"),
        (
            {"webhook": ""},
            True,
            "401: Signing secret is not filled in. See to it under Settings of {}",
        ),
        ({}, True, "answered 200."),
    ],
)
def test_what_our_desk_answers_is_said_with_what_to_do(arrived, hooks, given, enabled, words):
    record = SandboxRecord.objects.get(connection__platform="zendesk")
    found = record.connection
    found.settings, found.enabled = found.settings | {"webhook": "s"} | given, enabled
    found.save()

    done = {"act": "solve", "text": "Done."}
    page = (
        signed_in().post(f"/sandbox/records/{record.pk}/act/", done, follow=True).content.decode()
    )

    assert words.format(found.name) in unescape(page)
