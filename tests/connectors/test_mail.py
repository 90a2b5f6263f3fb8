"""Handing mail to a server: encryption, sign-in, and which refusals may pass."""

import re
import smtplib
from email import message_from_bytes, policy

import pytest

from connectors import client, kit, mailing
from connectors.client import Prepared
from connectors.errors import Permanent, Temporary
from connectors.platforms import smtp

HEADERS = {
    "From": "desk@example.com",
    "To": "dispatch@example.com",
    "Subject": "[EX-1042] Größe",
    "Message-ID": "<1@example.com>",
}


class Server:
    """What smtplib talks to, remembered; it fails where it is told to."""

    def __init__(self):
        self.calls, self.failures = [], {}
        self.answers = {"mail": (250, b"ok"), "rcpt": (250, b"ok")}

    def __call__(self, name):
        def called(*args, **kwargs):
            self.calls.append((name, args, kwargs))
            if name in self.failures:
                raise self.failures[name]
            return self.answers.get(name)

        return called


@pytest.fixture
def server(monkeypatch):
    server = Server()
    for cls, name in ((smtplib.SMTP, "plain"), (smtplib.SMTP_SSL, "tls")):
        monkeypatch.setattr(cls, "__init__", without_self(server(name)))
    for name in (
        "starttls",
        "login",
        "send_message",
        "ehlo_or_helo_if_needed",
        "mail",
        "rcpt",
        "rset",
        "quit",
    ):
        monkeypatch.setattr(smtplib.SMTP, name, without_self(server(name)))
    return server


def without_self(call):
    return lambda _, *args, **kwargs: call(*args, **kwargs)


def mail(scheme="smtp+starttls", sign_in=None):
    url = f"{scheme}://mail.example.com:587"
    return Prepared("MAIL", url, HEADERS, "Text", sign_in or kit.basic("desk", "pw"))


def names(server):
    return [name for name, *_ in server.calls]


@pytest.mark.parametrize(
    ("scheme", "steps"),
    [
        ("smtp+starttls", ["plain", "starttls", "login", "send_message", "quit"]),
        ("smtps", ["tls", "login", "send_message", "quit"]),
        ("smtp", ["plain", "login", "send_message", "quit"]),
    ],
)
def test_encryption_comes_before_the_sign_in(server, scheme, steps):
    reply = client.send(mail(scheme))

    assert names(server) == steps
    assert reply.body == {"message_id": "<1@example.com>"}
    assert server.calls[0][2]["timeout"] == client.MAIL_STEP


def test_without_a_user_name_nobody_signs_in(server):
    client.send(mail(sign_in=kit.SignIn()))

    assert "login" not in names(server)


def test_the_message_has_our_id_and_a_date(server):
    client.send(mail())

    (message,) = next(args for name, args, _ in server.calls if name == "send_message")
    assert message["Message-ID"] == "<1@example.com>"
    assert message["Subject"] == "[EX-1042] Größe"
    assert message["Date"]
    assert message.get_content() == "Text\n"


def test_what_names_the_first_mail_stays_whole(server):
    """Python folds it at 78 characters and garbles it; RFC 5322 allows 998."""
    name = f"<5e1f7a52-2b9c-4f0e-9c55-0d6f1f6b1042@{'a-long-name.' * 6}example.com>"
    answer = Prepared("MAIL", mail().url, HEADERS | {"In-Reply-To": name}, "Text")

    client.send(answer)

    (message,) = next(args for called, args, _ in server.calls if called == "send_message")
    assert f"In-Reply-To: {name}\n" in message.as_string()


@pytest.mark.parametrize("linesep", ["\n", "\r\n"])
def test_a_long_subject_is_encoded_in_words_of_75(linesep):
    """RFC 2047 allows no longer ones, and some readers show them as they are."""
    subject = "[EX-1042] Größe: " + "Übergabe für Škoda nicht möglich " * 6
    made = mailing.message(HEADERS | {"Subject": subject.strip()}, "Text")
    raw = made.as_bytes(policy=made.policy.clone(linesep=linesep))

    words = re.findall(rb"=\?utf-8\?[^ \r\n]+\?=", raw)
    assert len(words) > 3
    assert max(map(len, words)) <= 75
    read = message_from_bytes(raw, policy=policy.default)
    assert read["Subject"] == subject.strip()


def asked(sign_in):
    """What Test sends."""
    test = smtp.connector.test
    assert test
    request = test(smtp.Config.sample())
    assert request
    return client.prepare(request, "smtps://mail.example.com:465", sign_in)


def test_a_test_asks_whether_it_would_be_taken_and_sends_nothing(server):
    assert client.send(asked(kit.basic("desk", "pw"))).status == 250
    assert names(server) == [
        "tls",
        "login",
        "ehlo_or_helo_if_needed",
        "mail",
        "rcpt",
        "rset",
        "quit",
    ]


@pytest.mark.parametrize(
    ("step", "answer", "kind", "sentence"),
    [
        ("mail", (553, b"not yours"), Permanent, "refuses: not yours"),
        ("rcpt", (550, b"unknown"), Permanent, "refuses the address: unknown"),
        ("rcpt", (450, b"greylisted"), Temporary, "refuses the address: greylisted"),
    ],
)
def test_a_test_says_why_it_would_not_be(server, step, answer, kind, sentence):
    server.answers[step] = answer

    with pytest.raises(kind, match=sentence):
        client.send(asked(kit.SignIn()))
    assert names(server)[-1] == "quit"


def test_an_address_that_no_mail_takes_is_said_so(server):
    server.failures["mail"] = UnicodeEncodeError("ascii", "jürgen", 1, 2, "ordinal not in range")

    with pytest.raises(Permanent, match="cannot be used like this"):
        client.send(asked(kit.SignIn()))


def test_a_server_may_look_into_a_mail_before_it_takes_it(monkeypatch):
    """Whoever gives up meanwhile sends it twice."""
    waits = []
    monkeypatch.setattr(smtplib.SMTP, "data", lambda self, msg: (250, b"OK"))
    mailbox = object.__new__(client._PublicSMTP)
    mailbox.sock = type("Wire", (), {"settimeout": lambda self, length: waits.append(length)})()

    mailbox.data(b"")

    assert waits == [client.MAIL_TAKEN, client.MAIL_STEP]
    assert client.MAIL_TAKEN > 3 * client.MAIL_STEP


def test_a_server_that_stumbles_over_goodbye_has_taken_it(server):
    server.failures["quit"] = smtplib.SMTPServerDisconnected("gone")

    assert client.send(mail()).status == 250


@pytest.mark.parametrize(
    ("step", "failure", "kind", "sentence"),
    [
        ("plain", OSError(), Temporary, "No connection with mail.example.com"),
        ("starttls", smtplib.SMTPNotSupportedError("no STARTTLS"), Permanent, "no STARTTLS"),
        (
            "login",
            smtplib.SMTPAuthenticationError(535, b"bad"),
            Temporary,
            "refuses the sign-in: bad",
        ),
        (
            "send_message",
            smtplib.SMTPSenderRefused(550, b"who?", "desk"),
            Permanent,
            "refuses: who?",
        ),
        ("send_message", smtplib.SMTPDataError(451, b"later"), Temporary, "refuses: later"),
        ("send_message", smtplib.SMTPServerDisconnected("x"), Temporary, "hung up"),
        (
            "send_message",
            smtplib.SMTPRecipientsRefused({"a@b": (550, b"unknown")}),
            Permanent,
            "refuses the address: unknown",
        ),
        (
            "send_message",
            smtplib.SMTPRecipientsRefused({"a@b": (450, b"greylisted")}),
            Temporary,
            "greylisted",
        ),
    ],
)
def test_refusals_say_whether_they_may_pass(server, step, failure, kind, sentence):
    server.failures[step] = failure

    with pytest.raises(kind, match=sentence):
        client.send(mail())


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_server_inside_our_network_is_not_connected_to(scheme):
    inside = Prepared("MAIL", f"{scheme}://127.0.0.1:25", HEADERS, "Text")

    with pytest.raises(Permanent, match="inside a private network"):
        client.send(inside)
