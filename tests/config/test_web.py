"""The web command: whose word about a sender's address is taken, and how several processes listen."""

import asyncio
import os
import socket
from typing import Any

import uvicorn
from django.core.management import call_command
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from config.management.commands import web


def test_only_a_proxy_of_ours_says_who_sent_it(monkeypatch, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    given = {}
    monkeypatch.setattr(uvicorn, "run", lambda *_, **options: given.update(options))

    call_command("web")

    trusted = given["forwarded_allow_ips"]
    assert sender(trusted, through="10.1.2.3") == "203.0.113.9"
    assert sender(trusted, through="198.51.100.7") == "198.51.100.7"


def test_what_several_processes_accept_answers_without_delay(monkeypatch, settings):
    settings.WEB_PROCESSES = 2
    delayed = []

    class Supervisor:
        def __init__(self, config, sockets):
            self.config, (self.listening,) = config, sockets

        def run(self):
            assert self.config.workers == 2
            self.listening.listen()
            with socket.create_connection(self.listening.getsockname()), self.listening:
                accepted, _ = self.listening.accept()
                with accepted:
                    at_once = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                    delayed.append(not at_once)

    monkeypatch.setattr(web, "Multiprocess", Supervisor)
    monkeypatch.setattr(os, "environ", dict(os.environ))

    call_command("web", port=0)

    assert delayed == [False]


def sender(trusted, *, through):
    seen: list[str] = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", b"203.0.113.9")]
    scope: Any = {"type": "http", "client": (through, 1), "headers": headers}
    nobody: Any = None
    asyncio.run(ProxyHeadersMiddleware(app, trusted)(scope, nobody, nobody))
    return seen[0]
