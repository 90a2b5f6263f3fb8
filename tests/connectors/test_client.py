"""Sending: bounded, to public addresses only, with errors that say whether to try again."""

import gzip
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests  # noqa: TID251 - its failures are the far side's

from connectors import client, kit
from connectors.client import Prepared
from connectors.errors import Permanent, Temporary

URL = "https://acme.zendesk.com/api/v2/tickets"


def prepared(method="POST", url=URL, sign_in=None, **body):
    return Prepared(
        method, url, {"Content-Type": "application/json"}, json.dumps(body), sign_in or kit.SignIn()
    )


def test_a_request_is_what_the_vendor_documents():
    asked = kit.post("/tickets", {"subject": "Größe"}, headers={"Idempotency-Key": "k"})

    whole = client.prepare(asked, "https://acme.zendesk.com/api/v2", kit.bearer("t0ken"))

    assert (whole.method, whole.url) == ("POST", URL)
    assert whole.body == '{"subject": "Größe"}'
    assert whole.headers["Content-Type"] == "application/json; charset=utf-8"
    assert whole.headers["Idempotency-Key"] == "k"
    assert "Authorization" not in whole.headers
    assert "t0ken" not in repr(whole)


def test_the_sign_in_is_sent_and_nothing_of_the_machine_replaces_it(vendor, monkeypatch, tmp_path):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine acme.zendesk.com login someone password else")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    vendor.post(URL, json={"ticket": {"id": 7}})

    reply = client.send(prepared(sign_in=kit.bearer("t0ken")))

    assert vendor.calls[0].request.headers["Authorization"] == "Bearer t0ken"
    assert vendor.calls[0].request.req_kwargs["proxies"] == {}
    assert vendor.calls[0].request.req_kwargs["timeout"] == (client.CONNECT, client.READ)
    assert (reply.status, reply.body) == (200, {"ticket": {"id": 7}})


def test_a_redirect_is_not_followed(vendor):
    vendor.post(URL, status=302, headers={"Location": "https://evil.example/"})

    reply = client.send(prepared())

    assert (reply.status, len(vendor.calls)) == (302, 1)


def test_cookies_of_one_account_are_not_sent_for_the_next(vendor):
    vendor.post(URL, json={}, headers={"Set-Cookie": "session=1"})

    client.send(prepared())
    client.send(prepared())

    assert "Cookie" not in vendor.calls[1].request.headers


@pytest.mark.parametrize(
    ("answer", "body"),
    [(b"[1, 2]", {"items": [1, 2]}), (b"no JSON", {}), (b"\xff\xfe", {}), (b'{"a": 1}', {"a": 1})],
)
def test_a_body_is_an_object_or_the_items_of_an_array(vendor, answer, body):
    vendor.post(URL, body=answer)

    assert client.send(prepared()).body == body


def test_an_endless_answer_is_cut(vendor):
    vendor.post(URL, body=b"x" * (client.MOST_READ + 70_000))

    assert len(client.send(prepared()).text) == client.MOST_READ


def test_an_answer_that_drips_is_given_up(vendor, monkeypatch):
    monkeypatch.setattr(client, "WHOLE", -1.0)
    vendor.post(URL, body=b"x")

    with pytest.raises(Temporary, match="took longer"):
        client.send(prepared())


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (requests.exceptions.ConnectTimeout(), "could not be reached within 5 s"),
        (requests.exceptions.ReadTimeout(), "did not answer within 10 s"),
        (requests.exceptions.SSLError(), "certificate"),
        (requests.exceptions.ConnectionError("/services/T/B/secret"), "hung up before it answered"),
        (requests.exceptions.ChunkedEncodingError(), "hung up before it answered"),
    ],
)
def test_what_happens_on_the_way_may_pass(vendor, failure, sentence):
    vendor.post(URL, body=failure)

    with pytest.raises(Temporary, match=sentence) as raised:
        client.send(prepared())

    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_an_address_that_makes_no_sense_does_not_get_better():
    with pytest.raises(Permanent, match="makes no sense"):
        client.send(prepared(url="https://"))


def test_only_https_is_spoken_with_platforms():
    with pytest.raises(Permanent, match="Only https"):
        client.send(prepared(url="http://acme.zendesk.com/"))


# --- Where we may go -------------------------------------------------------------------------


def resolving(monkeypatch, *addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.1.2.3",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:0a00:0001::1",
        "fec0::1",
        "::127.0.0.1",
        "64:ff9b:1::a9fe:a9fe",
    ],
)
def test_private_addresses_are_refused(monkeypatch, address):
    resolving(monkeypatch, address)

    with pytest.raises(Permanent, match="inside a private network"):
        client.public_address("metadata.example", 443)


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    resolving(monkeypatch, "93.184.216.34", "10.0.0.1")

    with pytest.raises(Permanent):
        client.public_address("rebind.example", 443)


def test_public_addresses_are_fine(monkeypatch):
    resolving(monkeypatch, "93.184.216.34")

    assert client.public_address("acme.zendesk.com", 443) == "93.184.216.34"


def test_an_operator_may_allow_a_private_host(monkeypatch, settings):
    settings.OUTBOUND_PRIVATE_HOSTS = ["relay.internal"]
    resolving(monkeypatch, "10.0.0.5")

    assert client.public_address("relay.internal", 25) == "10.0.0.5"


def test_an_address_that_is_none_is_refused():
    with pytest.raises(Permanent, match="The address makes no sense"):
        client.send(prepared(url="https://[/"))


def test_an_unknown_name_may_be_known_later(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(Temporary, match="is not known"):
        client.public_address("acme.zendesk.example", 443)


def test_a_platform_inside_our_network_is_never_connected_to():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]

        with pytest.raises(Permanent, match="inside a private network"):
            client.send(prepared(url=f"https://127.0.0.1:{port}/"))
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_checked_address_is_the_one_connected_to(monkeypatch, settings):
    """A name that resolves to something else a moment later gains nothing."""
    asked, connected = [], []

    def create(address, *_, **__):
        connected.append(address)
        raise OSError

    def resolve(host, *_, **__):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr("urllib3.util.connection.create_connection", create)

    with pytest.raises(Temporary, match=r"No connection with acme\.zendesk\.com"):
        client.send(prepared())

    assert (asked, connected) == (["acme.zendesk.com"], [("93.184.216.34", 443)])


# --- The sandbox -----------------------------------------------------------------------------


@pytest.fixture
def far_side(settings):
    """A real server on this machine, where the sandbox would be."""
    seen = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, dict(self.headers), body))
            told = (
                gzip.compress(b'{"ok": true}')
                if "gzip" in self.headers.get("Accept-Encoding", "")
                else b'{"ok": true}'
            )
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    settings.SANDBOX_URL = f"http://127.0.0.1:{server.server_port}/sandbox"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_stand_in_gets_the_vendors_path_although_it_is_on_this_machine(far_side):
    reply = client.send(
        prepared(url=f"{URL}?external_id=EX-1", sign_in=kit.bearer("t0ken")), stand_in="zendesk"
    )

    (path, headers, _), *_ = far_side
    assert path == "/sandbox/zendesk/api/v2/tickets?external_id=EX-1"
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["Accept-Encoding"] == "identity"
    assert reply.body == {"ok": True}


def test_mail_to_a_stand_in_goes_the_same_way(far_side):
    mail = Prepared(
        "MAIL",
        "smtps://mail.example.com:465",
        {"Subject": "Hello"},
        "Text",
        kit.basic("desk", "pw"),
    )

    client.send(mail, stand_in="smtp")

    (path, headers, body), *_ = far_side
    assert path == "/sandbox/smtp/messages"
    assert json.loads(body) == {"headers": {"Subject": "Hello"}, "text": "Text"}
    assert headers["Authorization"].startswith("Basic ")


def test_each_thread_has_connections_of_its_own():
    ours = client._session("theirs")

    with_others = []
    thread = threading.Thread(target=lambda: with_others.append(client._session("theirs")))
    thread.start()
    thread.join()

    assert client._session("theirs") is ours
    assert with_others != [ours]
