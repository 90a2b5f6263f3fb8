"""The vendors' contracts, connections with plausible settings, and the sandbox in the same process."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import responses
from django.test import Client
from joserfc.jwk import RSAKey

from config.home import ROOT
from connectors.registry import BY_SLUG
from exceptions_app.models import Delivery
from exceptions_app.outbox import queue
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import Operation
from tests.factories import NOON, ConnectionFactory, open_case

STAND_INS = re.compile(r"http://desk\.example/sandbox/.*")
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


@pytest.fixture
def sandbox(vendor, settings):
    """The stand-ins over what looks like HTTP: the worker's requests reach our own views."""
    settings.SANDBOX = True
    settings.SANDBOX_URL = "http://desk.example/sandbox"
    settings.BASE_URL = "http://desk.example"
    client, seen = Client(), []

    def pass_on(request):
        split = urlsplit(request.url)
        headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers.items()}
        kind = request.headers.get("Content-Type", "")
        where = f"{split.path}?{split.query}" if split.query else split.path
        answer = client.generic(request.method, where, request.body or b"", kind, **headers)
        seen.append((request, answer))
        return answer.status_code, dict(answer.headers), answer.content

    for method in ("GET", "POST", "PUT", "PATCH"):
        vendor.add_callback(method, STAND_INS, callback=pass_on)
    return seen
