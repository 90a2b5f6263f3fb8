"""A line per request, and an id on everything that it caused."""

import logging
from copy import copy

import pytest
import structlog
from django.urls import reverse
from structlog.testing import capture_logs

from exceptions_app.vocabulary import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def answered(client, path, **headers):
    with capture_logs() as lines:
        answer = client.get(path, headers=headers)
    return answer, [line for line in lines if line["event"] == "answered"]


def test_a_request_is_told_by_its_route_and_never_by_its_path(client):
    _, [line] = answered(client, "/healthz?token=secret")

    assert (line["method"], line["route"], line["status"]) == ("GET", "healthz", 200)
    assert "secret" not in str(line)


@pytest.mark.parametrize("path", ["/hooks/38/{}/", "/in/{}/", "/act/{}/", "/status/{}/"])
def test_an_address_that_nobody_may_know_is_in_no_line(client, path, caplog):
    """Django names the path of what is not found."""
    secret = "tOkEn-of:0123456789"
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    (ours,) = [one for one in formatters if isinstance(one, structlog.stdlib.ProcessorFormatter)]

    client.post(path.format(secret), b"{}", "application/json")

    told = "".join(ours.format(copy(one)) for one in caplog.records if one.name == "django.request")
    assert "[secret]" in told
    assert secret not in told


def test_whoever_is_refused_leaves_no_trace_of_a_fault(client, caplog):
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    (ours,) = [one for one in formatters if isinstance(one, structlog.stdlib.ProcessorFormatter)]

    client.force_login(UserFactory(role=Role.VIEWER))
    client.get("/connections/")

    told = "".join(ours.format(copy(one)) for one in caplog.records if one.name == "django.request")
    assert "Forbidden" in told
    assert "Traceback" not in told


def test_what_was_seen_is_in_no_cache_unless_it_says_so(client):
    assert client.get("/board/").headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in client.get("/sign-in/").headers["Content-Security-Policy"]


def test_an_answer_carries_an_id(client):
    answer, _ = answered(client, "/healthz")

    assert len(answer.headers["X-Request-ID"]) == 32


def test_whoever_meets_a_fault_of_ours_is_given_its_number_and_a_way_back(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("config.health.diagnosis.database", lambda: 1 / 0)

    answer, _ = answered(client, "/readyz")

    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.content.decode()
    assert reverse("board") in answer.content.decode()


def test_the_id_of_a_proxy_is_kept(client):
    answer, _ = answered(client, "/healthz", x_request_id="proxy-42.a_b")

    assert answer.headers["X-Request-ID"] == "proxy-42.a_b"


@pytest.mark.parametrize("forged", ["short", "a" * 65, 'x"} {"event": "'])
def test_an_id_that_could_forge_a_line_is_replaced(client, forged):
    answer, _ = answered(client, "/healthz", x_request_id=forged)

    assert answer.headers["X-Request-ID"] != forged
