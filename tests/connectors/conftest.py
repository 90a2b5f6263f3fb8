"""The vendors' contracts, connections with plausible settings, and the sandbox in the same process."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests  # noqa: TID251 - its failures are the far side's
import responses
from django.test import Client
from django.utils import timezone
from joserfc.jwk import RSAKey
from urllib3.exceptions import ProtocolError

from config.home import ROOT
from connectors import client as our_client
from connectors import worker
from connectors.models import SandboxFault
from connectors.registry import BY_SLUG
from connectors.sandbox import faults
from exceptions_app.models import Delivery
from exceptions_app.outbox import queue
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import Operation
from tests.factories import NOON, ConnectionFactory, open_case


def perform(delivery, *, at):
    """Tell the platform, and write down what became of it."""
    worker.Try(delivery, at=at).perform().settle()


def perform_all():
    while found := queue.claim(at=timezone.now()):
        perform(found[0], at=timezone.now())


STAND_INS = re.compile(r"http://desk\.example/sandbox/.*")
HOOKS = re.compile(r"http://desk\.example/hooks/.*")
CONTRACTS = ROOT.parent / "shared" / "contracts"
SECRETS = {
    "bamboohr": {"private_key": "bamboohr-private-key"},
    "gmail": {"private_key": RSAKey.generate_key(2048).as_pem(private=True).decode()},
    "zendesk": {"token": "zd/s3cr&t=="},
    "slack": {"token": 'xoxb-"quoted"-1'},
    "pagerduty": {"routing_key": "pd0integration0key00000000000000"},
    "trello": {"token": "ATTA-trello-1", "secret": "trello-s3cr&t"},
    "clickup": {"secret": "clickup-s3cr&t"},
    "asana": {"token": "1/asana-1", "secret": "asana-s3cr&t"},
    "sendgrid": {"verification_key": "sandbox: a pair of keys is made of this"},
    "monday": {"secret": "monday-signing-s3cr&t"},
    "airtable": {"token": "pat-airtable.1", "secret": "airtable-s3cr&t"},
    "quickbase": {"token": "b3qb_quickbase-1", "secret": "quickbase-s3cr&t"},
    "smtp": {"username": "desk", "password": "p\u00e4ssw\u00f6rd"},
    "webhook": {"secret_of_calls": "whsec_dGhlIHdheSBiYWNrIGFzIHdlbGw="},
}


@pytest.fixture(scope="session")
def contract_of():
    """The vendor's contract as an object that checks requests and replies; skips where there is none."""
    if not CONTRACTS.exists():
        pytest.skip(f"The vendors' contracts are not beside the project ({CONTRACTS}).")
    spec = importlib.util.spec_from_file_location("vendor_check", CONTRACTS / "check.py")
    assert spec
    assert spec.loader
    check = sys.modules["vendor_check"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    return check.contract_of


def settings_of(slug):
    """What must be filled in, and the secrets with which platforms call us."""
    schema = BY_SLUG[slug].config.schema()
    given = {
        each.name: each.example
        for each in schema
        if each.required or each.when or (each.secret and each.example)
    }
    return given | SECRETS.get(slug, {})


@pytest.fixture
def connect(db):
    def connected(slug, **given):
        fields = {"name": slug.title(), "platform": slug, "settings": settings_of(slug)}
        return ConnectionFactory(**{"sandbox": False, **fields, **given})

    return connected


@pytest.fixture
def case(db):
    return open_case(reference="D-20417", customer_name="R. Okafor")


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    """A shift ends when nothing is due, instead of waiting for what soon will be."""
    monkeypatch.setattr("connectors.tasks.pause", lambda until: False)


def owed(case, connection, operation=Operation.CREATE, *, text="", at=NOON):
    key = f"{case.pk}:{connection.pk}:{operation}:{text}:{Delivery.objects.count()}"
    owe(case.pk, connection.pk, operation, at=at, key=key, text=text)
    return Delivery.objects.get(key=key)


def claimed(at=NOON):
    (delivery,) = queue.claim(at=at)
    return delivery


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    """The far side of HTTP."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


class Hung(Exception):
    """A stand-in does not answer, for longer than our client waits."""


def no_real_pause(seconds):
    if seconds > our_client.READ:
        raise Hung


@pytest.fixture
def sandbox(vendor, settings, monkeypatch):
    """The stand-ins over what looks like HTTP: the worker's requests reach our own views.

    Who hangs has timed out at once, and who hangs up breaks the connection after the request was sent.
    """
    settings.SANDBOX = True
    settings.SANDBOX_URL = "http://desk.example/sandbox"
    settings.BASE_URL = "http://desk.example"
    monkeypatch.setattr(faults, "pause", no_real_pause)
    client, seen = Client(), []

    def pass_on(request):
        split = urlsplit(request.url)
        headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers.items()}
        kind = request.headers.get("Content-Type", "")
        where = f"{split.path}?{split.query}" if split.query else split.path
        try:
            answer: Any = client.generic(
                request.method, where, request.body or b"", kind, **headers
            )
        except Hung:
            raise requests.exceptions.ReadTimeout from None
        seen.append((request, answer))
        if isinstance(answer, faults.Dropped):
            with suppress(ConnectionAbortedError):
                answer.getvalue()
            raise requests.exceptions.ConnectionError(ProtocolError("Connection aborted."))
        return answer.status_code, dict(answer.headers), answer.content

    for method in ("GET", "POST", "PUT", "PATCH"):
        vendor.add_callback(method, STAND_INS, callback=pass_on)
    return seen


@pytest.fixture
def hooks(vendor, sandbox):
    """Calls to our own address, answered by our own view."""

    def pass_on(request):
        split = urlsplit(request.url)
        headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers.items()}
        kind, where = request.headers["Content-Type"], f"{split.path}?{split.query}"
        answer = Client().post(where, request.body, kind, **headers)
        return answer.status_code, {}, answer.content

    vendor.add_callback("POST", HOOKS, callback=pass_on)


# --- The table of drills ---------------------------------------------------------------------

#: What an operation that met a fault became; with several requests the worst that any of them led to.
LETTERS = {"dead": "D", "uncertain": "u", "superseded": "-", "sent": "s"}
DRILLED = pytest.StashKey[dict[tuple[str, str], dict[str, set[str]]]]()


@pytest.fixture
def drilled(request):
    """Keep what became of an operation that met a fault."""
    kept = request.config.stash.setdefault(DRILLED, {})

    def note(slug, fault, operation, state):
        kept.setdefault((slug, str(fault)), {}).setdefault(operation, set()).add(str(state))

    return note


def pytest_terminal_summary(terminalreporter, config):
    if not config.getoption("--drills"):
        return
    if config.getoption("numprocesses", None):
        terminalreporter.line(
            "Each process keeps its own outcomes; run it without -n for the table."
        )
        return
    kept = config.stash.get(DRILLED, {})
    columns = [*SandboxFault.Kind.values, "duplicate", "reordered"]
    terminalreporter.section("Drills: create, update, comment, close after they met a fault")
    terminalreporter.line("s sent, u left to a person as uncertain, D dead, . no such operation\n")
    terminalreporter.line(laid_out("", *columns))
    for slug in sorted({slug for slug, _ in kept}):
        cells = (spelled(kept.get((slug, column), {})) for column in columns)
        terminalreporter.line(laid_out(slug, *cells))


def laid_out(first, *cells):
    return first.ljust(17) + "".join(cell.ljust(11) for cell in cells).rstrip()


def spelled(outcomes):
    order = ("create", "update", "comment", "close")
    found = [outcomes.get(operation, set()) for operation in order]
    return " ".join(next((L for name, L in LETTERS.items() if name in one), ".") for one in found)
