"""The web command: whose word about a sender's address is taken."""

import asyncio
from typing import Any

import uvicorn
from django.core.management import call_command
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


def test_only_a_proxy_of_ours_says_who_sent_it(monkeypatch, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    given = {}
    monkeypatch.setattr(uvicorn, "run", lambda *_, **options: given.update(options))

    call_command("web")

    trusted = given["forwarded_allow_ips"]
    assert sender(trusted, through="10.1.2.3") == "203.0.113.9"
    assert sender(trusted, through="198.51.100.7") == "198.51.100.7"


def sender(trusted, *, through):
    seen: list[str] = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", b"203.0.113.9")]
    scope: Any = {"type": "http", "client": (through, 1), "headers": headers}
    nobody: Any = None
    asyncio.run(ProxyHeadersMiddleware(app, trusted)(scope, nobody, nobody))
    return seen[0]
