"""Whoever sends or reads slowly holds no thread, and what is too large or odd is not even read."""

import asyncio
import json

import pytest
from django.db import OperationalError

from config import gate
from config.gate import Gate


def scope(path="/", query=b"", **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "path": path, "query_string": query, "headers": named}


class Caller:
    """Sends these parts and then waits, as a caller does; reads so many messages and no more."""

    def __init__(self, *parts, reads=99):
        self.parts, self.reads, self.heard = list(parts), reads, []

    async def receive(self):
        if not self.parts:
            await asyncio.sleep(60)
        part = self.parts.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(self.parts) or part == b"-"}

    async def send(self, message):
        if len(self.heard) >= self.reads:
            await asyncio.sleep(60)
        self.heard.append(message)

    @property
    def status(self):
        return self.heard[0]["status"]

    @property
    def text(self):
        return b"".join(message.get("body", b"") for message in self.heard)


def asks(caller, behind, scope):
    asyncio.run(Gate(behind)(scope, caller.receive, caller.send))
    return caller


async def echo(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    more = True
    while more:
        message = await receive()
        more = message["more_body"]
        await send({"type": "http.response.body", "body": message["body"], "more_body": True})
    await send({"type": "http.response.body", "body": b"."})


async def never(scope, receive, send):
    raise AssertionError("Nobody is asked.")


def test_what_is_said_and_answered_passes_whole():
    half = b"x" * gate.HELD

    caller = asks(Caller(half, half, b"end"), echo, scope())

    assert (caller.status, caller.text) == (200, half + half + b"end.")
    assert caller.heard[-1]["more_body"] is False


def test_nobody_is_asked_before_the_body_is_whole(monkeypatch):
    monkeypatch.setattr(gate, "PATIENCE", 0.01)

    assert asks(Caller(b"-"), never, scope()).status == 408


def test_nobody_is_asked_for_a_caller_who_went():
    assert asks(Caller(b"a", None), never, scope()).heard == []


def test_whoever_does_not_read_is_let_go(monkeypatch):
    monkeypatch.setattr(gate, "PATIENCE", 0.01)

    caller = asks(Caller(b"x" * gate.HELD, reads=2), echo, scope())

    assert len(caller.heard) == 2


def test_an_answer_that_breaks_off_is_told_as_broken():
    async def breaks(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ConnectionError

    caller = Caller(b"")
    with pytest.raises(ConnectionError):
        asks(caller, breaks, scope())

    assert caller.heard[-1] == {"type": "http.response.body", "body": b"half", "more_body": True}


@pytest.mark.parametrize(
    ("signed_in", "size", "path", "read"),
    [
        (False, gate.MOST, "/sign-in/", True),
        (False, gate.MOST + 1, "/sign-in/", False),
        (False, gate.MOST + 1, "/imports/new/", False),
        (True, gate.MOST + 1, "/imports/new/", True),
        (True, gate.MOST_OF_A_FILE + 1, "/imports/new/", False),
    ],
)
def test_what_is_too_large_is_not_read(monkeypatch, signed_in, size, path, read):
    monkeypatch.setattr(gate, "is_signed_in", lambda key: signed_in)

    caller = asks(Caller(b"body"), echo, scope(path, content_length=str(size)))

    assert caller.text == (b"body." if read else b".")


@pytest.mark.django_db
def test_a_session_is_known_by_its_cookie(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("ana"))
    known = gate.is_signed_in

    assert known(client.session.session_key)
    assert not known("made-up")
    assert not known(None)


def test_an_answer_for_which_there_is_no_room_holds_nobody_up(monkeypatch):
    class Full:
        def write(self, piece):
            raise OSError(28, "No space left on device")

        def tell(self):
            return 0

        def seek(self, at):
            pass

        def read(self, size):
            return b""

    keeping = gate.Keeping(Full())
    caller = Caller()

    async def all_of_it():
        for message in (
            {"type": "http.response.start", "status": 200},
            {"body": b"x"},
            {"body": b"y"},
        ):
            await keeping.send({"type": "http.response.body"} | message)
        await gate.told(keeping, caller.send)

    asyncio.run(all_of_it())

    assert caller.heard[-1]["more_body"] is True


def test_without_a_database_or_room_it_is_said_in_a_sentence(monkeypatch):
    async def away(*_):
        raise OperationalError

    monkeypatch.setattr(gate, "taken", away)

    assert asks(Caller(b""), never, scope()).status == 503


@pytest.mark.parametrize("more", [{}, {"content_length": "3"}])
def test_what_does_not_say_how_long_it_is_is_not_read(more):
    """With both headers the chunks count, and not the length."""
    assert asks(Caller(b""), never, scope(transfer_encoding="chunked", **more)).status == 411


@pytest.mark.parametrize("odd", [scope("/in/\0/"), scope(query=b"site=%00")])
def test_an_address_with_a_nul_is_none(odd):
    assert asks(Caller(b""), never, odd).status == 400


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (scope("/api/v1/me/", transfer_encoding="chunked"), 411, "length_required"),
        (scope("/api/v1/me/", b"q=%00"), 400, "refused"),
        (scope("/api/v1/\0/"), 400, "refused"),
        (scope("/api/v1/me/"), 408, "incomplete"),
    ],
)
def test_programs_are_refused_in_a_document(monkeypatch, asked, status, code):
    monkeypatch.setattr(gate, "PATIENCE", 0.01)

    caller = asks(Caller(b"-"), never, asked)

    told = json.loads(caller.text)
    assert dict(caller.heard[0]["headers"])[b"content-type"] == b"application/problem+json"
    assert (caller.status, told["status"]) == (status, status)
    assert told["type"] == f"urn:flagstand:problem:{code}"
    assert told["detail"]


def test_browsers_are_refused_in_words():
    caller = asks(Caller(b""), never, scope("/cases/", b"q=%00"))

    assert (b"content-type", b"text/plain") in caller.heard[0]["headers"]
    assert caller.text == b"An address has no NUL in it."
