"""One delivery's misfortune is not another's: a mistake of ours, a stumbling database, a dripping answer."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest
from django.db import OperationalError
from django.utils import timezone

from connectors import client, tasks
from connectors.errors import Temporary
from connectors.kit import SignIn, get
from exceptions_app.models import Delivery
from exceptions_app.outbox import outcomes, queue
from tests.connectors.conftest import owed
from tests.factories import SiteFactory, open_case

pytestmark = pytest.mark.django_db(transaction=True)
POSTS = "https://slack.com/api/chat.postMessage"
OK = {"ok": True, "channel": "C024BE91L", "ts": "1763730300.000042"}


@pytest.fixture
def three_owed(connect, vendor):
    """Three messages owed to Slack; the second is about a site that makes us stumble."""
    vendor.post(POSTS, json=OK)
    now, slack = timezone.now(), connect("slack")
    mars = SiteFactory(slug="mars", time_zone="Mars/Base")
    return [owed(open_case(at=now, site=site), slack, at=now) for site in (None, mars, None)]


def states(rows):
    found = dict(Delivery.objects.values_list("pk", "state"))
    return [found[row.pk] for row in rows]


def test_one_that_cannot_be_described_does_not_take_the_others_along(three_owed):
    tasks.drain()

    assert states(three_owed) == ["sent", "dead", "sent"]
    assert Delivery.objects.get(state="dead").reason.startswith("Flagstand made a mistake")


def test_what_was_taken_is_written_down_even_if_the_database_stumbles(
    three_owed, vendor, monkeypatch
):
    stumbles, succeed = [1, 1], outcomes.succeed

    def unsteady(*args, **given):
        if stumbles:
            stumbles.pop()
            raise OperationalError("deadlock detected")
        return succeed(*args, **given)

    monkeypatch.setattr(outcomes, "succeed_together", gone)
    monkeypatch.setattr(outcomes, "succeed", unsteady)
    monkeypatch.setattr(tasks, "PAUSE", 0.0)

    tasks.drain()

    assert states(three_owed)[::2] == ["sent", "sent"]
    assert len(vendor.calls) == 2


def test_one_that_cannot_be_written_down_leaves_the_others_their_record(three_owed, monkeypatch):
    lost, succeed = three_owed[0], outcomes.succeed

    def unsteady(delivery, **given):
        if delivery.pk == lost.pk:
            raise OperationalError("gone")
        return succeed(delivery, **given)

    monkeypatch.setattr(outcomes, "succeed_together", gone)
    monkeypatch.setattr(outcomes, "succeed", unsteady)
    monkeypatch.setattr(tasks, "PAUSE", 0.0)

    tasks.drain()

    assert states(three_owed) == ["sending", "dead", "sent"]


def gone(_):
    raise OperationalError("gone")


def test_what_is_under_way_is_finished_when_nothing_more_can_be_claimed(three_owed, monkeypatch):
    claims, claim = [1], queue.claim

    def unsteady(**given):
        if not claims:
            raise OperationalError("gone")
        claims.pop()
        return claim(**given)

    monkeypatch.setattr(queue, "claim", unsteady)
    monkeypatch.setattr(tasks, "BATCH", 1)

    tasks.drain()

    assert states(three_owed) == ["sent", "waiting", "waiting"]


@contextmanager
def dripping(*, pause):
    """Answer one connection drop by drop."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        peer, _ = listening.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            for _drop in range(100):
                try:
                    peer.sendall(b"x")
                except OSError:
                    return
                time.sleep(pause)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    thread.join()
    listening.close()


def test_an_answer_that_drips_is_left(settings, monkeypatch):
    monkeypatch.setattr(client, "WHOLE", 0.3)
    asked = client.prepare(get("/x"), "https://vendor.example", SignIn())

    with dripping(pause=0.05) as settings.SANDBOX_URL:
        begun = time.monotonic()
        with pytest.raises(Temporary, match="took longer"):
            client.send(asked, stand_in="zendesk")
        waited = time.monotonic() - begun

    assert waited < 2


@pytest.mark.parametrize("address", ["64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1"])
def test_a_private_address_behind_a_translator_is_private(address):
    assert not client._is_public(address)


def test_an_outage_of_our_own_uses_up_nobodys_patience(connect, vendor):
    vendor.post(POSTS, status=503)
    owed(open_case(), connect("slack"))

    tasks.drain()

    row = Delivery.objects.get()
    assert timezone.now() - row.owed_at > outcomes.PATIENCE
    assert row.state == "waiting"
