"""A line per request, and an id on everything that it caused."""

import pytest
from structlog.testing import capture_logs

pytestmark = pytest.mark.django_db


def answered(client, path, **headers):
    with capture_logs() as lines:
        answer = client.get(path, headers=headers)
    return answer, [line for line in lines if line["event"] == "answered"]


def test_a_request_is_told_by_its_route_and_never_by_its_path(client):
    _, [line] = answered(client, "/healthz?token=secret")

    assert (line["method"], line["route"], line["status"]) == ("GET", "healthz", 200)
    assert "secret" not in str(line)


def test_an_answer_carries_an_id(client):
    answer, _ = answered(client, "/healthz")

    assert len(answer.headers["X-Request-ID"]) == 32


def test_the_id_of_a_proxy_is_kept(client):
    answer, _ = answered(client, "/healthz", x_request_id="proxy-42.a_b")

    assert answer.headers["X-Request-ID"] == "proxy-42.a_b"


@pytest.mark.parametrize("forged", ["short", "a" * 65, 'x"} {"event": "'])
def test_an_id_that_could_forge_a_line_is_replaced(client, forged):
    answer, _ = answered(client, "/healthz", x_request_id=forged)

    assert answer.headers["X-Request-ID"] != forged
