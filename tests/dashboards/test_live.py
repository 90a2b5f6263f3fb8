"""The live line: one listener, a bounded mailbox per socket, scope, catching up, and coming back."""

import asyncio
import json

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.test import Client
from psycopg import AsyncConnection

from config.asgi import sockets
from dashboards import consumers, live
from dashboards.live import Change, Hub, Mailbox
from exceptions_app.cases import triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.models import Membership
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.timeline.entries import now_seen
from exceptions_app.vocabulary import Role
from tests.factories import NOON, SiteFactory, TeamFactory, UserFactory, open_case

later = sync_to_async
#: However much else is said meanwhile.
PATIENCE = 10


@pytest.fixture(autouse=True)
def now():
    """Sockets live in real time."""


@pytest.fixture
def brisk(monkeypatch):
    monkeypatch.setattr(consumers, "BEAT", 0.1)
    monkeypatch.setattr(live, "FIRST_PAUSE", 0.05)


@pytest.fixture
def story(transactional_db):
    """Run an async story whose database work happens in this thread, on this connection."""

    def run(tell):
        async_to_sync(tell)()

    return run


class Page:
    """An open page with its socket."""

    def __init__(self, user=None):
        headers = []
        if user is not None:
            self.client = Client()
            self.client.force_login(user)
            cookie = self.client.cookies[settings.SESSION_COOKIE_NAME].value
            headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())]
        scope = {"type": "websocket", "path": "/ws/desk/", "query_string": b"", "headers": headers}
        self.socket = ApplicationCommunicator(sockets, scope)

    async def connect(self, said=None):
        await self.socket.send_input({"type": "websocket.connect"})
        assert (await self.socket.receive_output(5))["type"] == "websocket.accept"
        if said is not None:
            await self.socket.send_input({"type": "websocket.receive", "text": said})

    async def open(self, seen=None):
        await self.connect(json.dumps({"seen": seen}))
        return await self.until("live")

    async def message(self):
        return json.loads((await self.socket.receive_output(5))["text"])

    async def until(self, name):
        """The next message that says this."""
        async with asyncio.timeout(PATIENCE):
            while name not in (message := await self.message()):
                pass
        return message

    async def cases(self):
        return set((await self.until("cases"))["cases"])

    async def silent(self):
        while not await self.socket.receive_nothing(0.3):
            assert "cases" not in await self.message()
        return True

    async def closed(self):
        async with asyncio.timeout(PATIENCE):
            while (message := await self.socket.receive_output(5))["type"] != "websocket.close":
                pass
        return message["code"]

    async def leave(self):
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.socket.wait()


def lead(site=None, team=None):
    return UserFactory(role=Role.LEAD, role__site=site, role__team=team)


def comment(case, text="Hello"):
    triage.comment(Seen(case.pk), by=SYSTEM, at=NOON, text=text)


def test_a_page_hears_of_a_change_with_the_servers_time(story):
    case = open_case()
    page = Page(lead())

    async def tell():
        first = await page.open()
        await later(comment)(case)
        heard = await page.until("cases")
        await page.leave()
        assert (first["cases"], heard["cases"]) == ([], [case.pk])
        assert heard["cursor"] >= first["cursor"]
        assert heard["now"].endswith("Z")

    story(tell)


def test_what_is_rolled_back_is_never_heard(story):
    page = Page(lead())

    def undone():
        with transaction.atomic():
            open_case()
            transaction.set_rollback(True)

    async def tell():
        await page.open()
        await later(undone)()
        assert await page.silent()
        await page.leave()

    story(tell)


def test_each_hears_only_of_what_they_may_see(story):
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    parts, sales = (TeamFactory(site=north, slug=slug) for slug in ("parts", "sales"))
    pages = {
        name: Page(lead(*scope))
        for name, scope in (("north", (north,)), ("parts", (north, parts)), ("all", ()))
    }

    def happen():
        return {
            "south": open_case(site=south).pk,
            "sales": open_case(site=north, team_id=sales.pk).pk,
            "parts": open_case(site=north, team_id=parts.pk).pk,
            "whole": open_case(site=north).pk,
        }

    async def gather(page, wanted):
        heard: set[int] = set()
        while len(heard) < wanted:
            heard |= await page.cases()
        assert await page.silent()
        return heard

    async def tell():
        for page in pages.values():
            await page.open()
        made = await later(happen)()
        heard = {
            name: await gather(page, {"north": 3, "parts": 2, "all": 4}[name])
            for name, page in pages.items()
        }
        for page in pages.values():
            await page.leave()
        assert heard["north"] == {made["sales"], made["parts"], made["whole"]}
        assert heard["parts"] == {made["parts"], made["whole"]}
        assert heard["all"] == set(made.values())

    story(tell)


def test_what_was_missed_is_told_on_coming_back(story):
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    before = open_case(site=north)
    mark = now_seen()
    missed, _ = open_case(site=north), open_case(site=south)
    page = Page(lead(north))

    async def tell():
        told = await page.open(seen=mark)
        await page.leave()
        assert missed.pk in told["cases"]
        assert len(set(told["cases"]) - {before.pk}) == 1

    story(tell)


def test_who_comes_from_before_a_restore_reads_anew(story):
    mark = now_seen()
    page = Page(lead())

    async def tell():
        told = await page.open(seen=mark + 10_000)
        await page.leave()
        assert told["resync"] is True
        assert told["cursor"] < mark + 10_000

    story(tell)


def test_missing_too_much_means_reading_anew(story, monkeypatch):
    monkeypatch.setattr(consumers, "MOST_MISSED", 2)
    mark = now_seen()
    for _ in range(3):
        open_case()
    page = Page(lead())

    async def tell():
        told = await page.open(seen=mark)
        await page.leave()
        assert told["resync"] is True
        assert "cases" not in told

    story(tell)


def test_changes_close_together_are_told_together(story, monkeypatch):
    monkeypatch.setattr(consumers, "GATHER", 0.3)
    monkeypatch.setattr(consumers, "MOMENT", 0.3)
    cases = [open_case() for _ in range(5)]
    page = Page(lead())

    def all_of_them():
        for case in cases:
            comment(case)

    async def tell():
        await page.open()
        await later(all_of_them)()
        heard = await page.cases()
        await page.leave()
        assert heard == {case.pk for case in cases}

    story(tell)


def test_the_line_survives_losing_the_database_for_a_moment(story, brisk):
    case = open_case()
    page = Page(lead())

    def cut():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
            assert cursor.rowcount >= 1
        comment(case, "while nobody listens")

    async def tell():
        await page.open()
        await later(cut)()
        heard = await page.cases()
        await later(comment)(case, "afterwards")
        again = await page.cases()
        await page.leave()
        assert heard == again == {case.pk}

    story(tell)


def test_nobody_listens_once_the_last_page_is_gone(story):
    first, second = Page(lead()), Page(lead())

    async def tell():
        await first.open()
        await second.open()
        task = live.hub().task
        assert task
        await first.leave()
        assert not task.done()
        await second.leave()
        assert task.done()
        assert live.hub().mailboxes == set()

    story(tell)


@pytest.mark.parametrize("user", [None, "switched off"])
def test_who_is_not_signed_in_is_turned_away(story, user):
    somebody = UserFactory() if user else None
    page = Page(somebody)
    if somebody:
        somebody.is_active = False
        somebody.save()

    async def tell():
        await page.connect()
        assert await page.closed() == consumers.SIGNED_OUT

    story(tell)


def test_signing_out_ends_the_line(story, brisk):
    page = Page(lead())

    async def tell():
        await page.open()
        await later(page.client.logout)()
        assert await page.closed() == consumers.SIGNED_OUT
        await page.leave()

    story(tell)


def test_a_changed_role_is_seen_without_signing_in_again(story, brisk):
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    user = lead(north)
    page = Page(user)
    case = open_case(site=south)

    async def tell():
        await page.open()
        await later(Membership.objects.filter(user=user).update)(site=south)
        await page.until("resync")
        await later(comment)(case)
        assert await page.cases() == {case.pk}
        await page.leave()

    story(tell)


@pytest.mark.parametrize(
    "said", ["", "nonsense", "[]", '{"seen": "x"}', '{"saw": 1}', '{"seen": 1e999}', "[" * 60_000]
)
def test_a_page_that_says_nonsense_is_hung_up_on(story, said):
    page = Page(lead())

    async def tell():
        await page.connect(said)
        assert await page.closed() == consumers.UNREADABLE

    story(tell)


def test_a_silent_line_says_the_time_now_and_then(story, brisk):
    page = Page(lead())

    async def tell():
        await page.open()
        beat = await page.until("now")
        await page.leave()
        assert set(beat) == {"now", "cursor"}

    story(tell)


def test_a_failure_hangs_up_so_that_the_page_comes_back(story, monkeypatch, caplog):
    page = Page(lead())

    def broken(*_):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(consumers, "since", sync_to_async(broken))

    async def tell():
        await page.connect('{"seen": null}')
        assert await page.closed() == consumers.FAILED
        await page.leave()

    story(tell)
    assert "a socket failed" in caplog.text


@pytest.mark.parametrize("where", ["signed_in", "since"])
def test_without_a_database_it_hangs_up_with_one_line(story, monkeypatch, caplog, where):
    page = Page(lead())

    def broken(*_):
        raise OperationalError("connection refused\nIs it running?")

    monkeypatch.setattr(consumers, where, sync_to_async(broken))
    monkeypatch.setattr("channels.auth.get_user", broken)  # nobody asks before us either

    async def tell():
        await page.connect('{"seen": null}')
        assert await page.closed() == consumers.FAILED
        await page.leave()

    story(tell)
    (told,) = [one for one in caplog.records if one.name == "dashboards.consumers"]
    assert told.exc_info is None
    assert told.getMessage().endswith("closed: connection refused Is it running?")


# --- mailboxes, without a database -------------------------------------------------------------


def test_a_mailbox_keeps_each_case_once_and_the_newest_mark():
    box = Mailbox()
    box.put([Change(1, 1, None), Change(2, 1, None)], 7)
    box.put([Change(1, 1, 3)], 5)

    changes, mark, gap = box.take()

    assert ([c.case_id for c in changes], mark, gap) == ([1, 2], 7, False)
    assert changes[0].team_id == 3
    assert (box.take()[0], box.filled.is_set()) == ([], False)


def test_a_mailbox_that_overflows_forgets_and_says_so():
    box = Mailbox()

    box.put([Change(number, 1, None) for number in range(live.MOST_WAITING + 1)], 1)

    changes, _, gap = box.take()
    assert (changes, gap) == ([], True)
    assert box.take()[2] is False


@pytest.mark.parametrize(
    "payload", ["", "{}", '{"x": 1, "c": [[1]]}', '{"x": "a", "c": []}', "[1]"]
)
def test_a_notice_that_cannot_be_read_makes_everybody_read_anew(payload):
    hub, box = Hub(), Mailbox()
    hub.mailboxes.add(box)

    hub.deliver(payload)

    assert box.take()[2] is True


def test_a_listener_that_cannot_connect_tries_again(monkeypatch, caplog):
    tried = []

    async def refused(**_):
        tried.append(1)
        raise OSError("refused")

    monkeypatch.setattr(live, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(AsyncConnection, "connect", refused)
    monkeypatch.setattr(live, "dsn", dict)

    async def tell():
        hub = Hub()
        box = hub.join()
        while len(tried) < 3:
            await asyncio.sleep(0.01)
        await hub.leave(box)

    asyncio.run(tell())
    assert "cannot be heard" in caplog.text


def test_a_person_is_who_the_session_says(story):
    user = lead()
    known, key = person(user), Page(user).client.session.session_key

    async def tell():
        assert await consumers.signed_in(key) == known
        assert await consumers.signed_in(None) is None

    story(tell)
