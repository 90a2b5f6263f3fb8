"""The only module that sends: bounded in time and size, no redirects, no private addresses, typed errors."""

import ipaddress
import json
import smtplib
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.utils import formatdate
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.filepost import encode_multipart_formdata

from connectors.errors import Permanent, Temporary, Uncertain
from connectors.kit import Reply, Request, SignIn
from connectors.mailing import message

CONNECT, READ, WHOLE = 5.0, 10.0, 15.0  # seconds; three of WHOLE fit into a lease
MAIL_STEP, MAIL_TAKEN = 5.0, 16.0  # a server looks into a mail before it takes it
MOST_READ = 1_000_000
NAT64, UNICAST = ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2000::/3")
JSON_TYPE = "application/json; charset=utf-8"
#: Unlike anything that evidence says.
BOUNDARY = "flagstand-3f1c9e7a52d84b06"


@dataclass(frozen=True)
class Prepared:
    """A request with its whole address; the sign-in stays apart, so that nobody writes it down."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    sign_in: SignIn = field(default_factory=SignIn)


def prepare(request: Request, base_url: str, sign_in: SignIn) -> Prepared:
    headers, body = dict(request.headers), request.text
    if request.method != "MAIL":
        headers = {"Accept": "application/json", "User-Agent": "Flagstand"} | headers
    if request.json is not None:
        headers.setdefault("Content-Type", JSON_TYPE)
        body = json.dumps(request.json, ensure_ascii=False)
    elif request.form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(request.form)
    elif request.files is not None:
        packed, headers["Content-Type"] = encode_multipart_formdata(request.files, BOUNDARY)
        body = packed.decode()
    url = request.path if "://" in request.path else base_url + request.path
    return Prepared(request.method, url, headers, body, sign_in)


def send(prepared: Prepared, *, stand_in: str = "") -> Reply:
    """Send it to the platform, or to its stand-in in the sandbox."""
    if stand_in:
        return _send_http(_towards_sandbox(prepared, stand_in), _session("ours"))
    if prepared.method == "MAIL":
        return _send_mail(prepared)
    if not prepared.url.startswith("https://"):
        raise Permanent("Only https is spoken with platforms. Check the address.")
    return _send_http(prepared, _session("theirs"))


def call_back(prepared: Prepared) -> Reply:
    """From a stand-in to our own address, as its platform would call."""
    return _send_http(prepared, _session("ours"))


def _towards_sandbox(prepared: Prepared, slug: str) -> Prepared:
    """The vendor's path under our address; mail goes the same way as everything else."""
    base = f"{settings.SANDBOX_URL}/{slug}"
    if prepared.method == "MAIL":
        body = json.dumps({"headers": prepared.headers, "text": prepared.body})
        headers = {"Content-Type": JSON_TYPE}
        return Prepared("POST", f"{base}/messages", headers, body, prepared.sign_in)
    path = urlsplit(prepared.url)._replace(scheme="", netloc="").geturl()
    return replace(prepared, url=base + path)


# --- HTTP ------------------------------------------------------------------------------------


def _send_http(prepared: Prepared, session: requests.Session) -> Reply:
    host = ""
    try:
        host = urlsplit(prepared.url).hostname or ""
        with session.request(
            prepared.method,
            prepared.url,
            params=dict(prepared.sign_in.query),
            headers={**prepared.headers, **prepared.sign_in.headers},
            data=prepared.body.encode() or None,
            timeout=(CONNECT, READ),
            allow_redirects=False,
            stream=True,
        ) as answer:
            text = _read(answer)
            headers = dict(answer.headers.lower_items())
            return Reply(answer.status_code, _object(text), text, headers)
    except (requests.exceptions.InvalidHeader, UnicodeError):
        raise Permanent("A setting holds what no request can carry. Type it again.") from None
    except (requests.exceptions.InvalidURL, ValueError):
        raise Permanent("The address makes no sense. Check the settings.") from None
    except requests.exceptions.SSLError:
        raise Temporary(f"The certificate of {host} could not be trusted.") from None
    except requests.exceptions.ConnectTimeout:
        raise Temporary(f"{host} could not be reached within {CONNECT:g} s.") from None
    except (requests.exceptions.Timeout, ReadTimeoutError):
        raise Uncertain(f"{host} did not answer within {READ:g} s.") from None
    except (requests.exceptions.RequestException, HTTPError) as error:
        # Never its text: it holds the address, and addresses of webhooks are secret.
        lost = (Uncertain, f"{host} hung up before it answered")
        kind, said = (Temporary, f"No connection with {host}") if _never_left(error) else lost
        raise kind(f"{said} ({type(error).__name__}).") from None


def _never_left(error: Exception) -> bool:
    """Whether it failed before anything was sent."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)


def _read(answer: requests.Response) -> str:
    until, taken = time.monotonic() + WHOLE, bytearray()
    # Not iter_content: it waits for a whole piece, however slowly its bytes drop in.
    while piece := answer.raw.read1(16_384, decode_content=True):
        taken += piece
        if time.monotonic() > until:
            raise Uncertain(f"The answer took longer than {WHOLE:g} s.")
        if len(taken) > MOST_READ:
            break
    return taken[:MOST_READ].decode(errors="replace")


def _object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    if isinstance(body, list):
        return {"items": body}
    return body if isinstance(body, dict) else {}


_sessions = threading.local()


def _session(whose: str) -> requests.Session:
    """One per thread, so that connections are used again; nothing of one account is left for the next."""
    session: requests.Session | None = getattr(_sessions, whose, None)
    if session is None:
        session = requests.Session()
        session.trust_env = False  # a .netrc would replace our sign-in
        session.headers = {"Accept-Encoding": "identity"}
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if whose == "theirs":
            session.mount("https://", _PublicOnly())
        setattr(_sessions, whose, session)
    return session


class _PublicConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        """Resolve once and connect to that very address; the certificate is still the name's."""
        name = self._dns_host
        self._dns_host = public_address(name, self.port or 443)
        try:
            return super()._new_conn()
        finally:
            self._dns_host = name


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicOnly(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}


def public_address(host: str, port: int) -> str:
    """Where a name leads, if that is outside: whoever types in a host may not reach into our network."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Temporary(f"The name {host} is not known. Check how it is written.") from None
    addresses = [str(entry[4][0]) for entry in found]
    if host not in settings.OUTBOUND_PRIVATE_HOSTS and not all(map(_is_public, addresses)):
        raise Permanent(
            f"{host} is inside a private network, where connections may not go. "
            "An operator may allow it with OUTBOUND_PRIVATE_HOSTS."
        )
    return addresses[0]


def _is_public(address: str) -> bool:
    known = ipaddress.ip_address(address.partition("%")[0])
    if known in NAT64:
        known = ipaddress.IPv4Address(int(known) & 0xFFFFFFFF)
    inner = getattr(known, "ipv4_mapped", None) or getattr(known, "sixtofour", None) or known
    return inner.is_global and not inner.is_multicast and (inner.version == 4 or inner in UNICAST)


# --- Mail ------------------------------------------------------------------------------------


class _PublicSMTP(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((public_address(host, port), port), timeout)

    def data(self, msg: Any) -> tuple[int, bytes]:
        wire: Any = self.sock
        wire.settimeout(MAIL_TAKEN)
        try:
            return super().data(msg)
        finally:
            wire.settimeout(MAIL_STEP)


class _PublicSMTPS(smtplib.SMTP_SSL, _PublicSMTP):
    """The first wraps what the second connects."""


def _send_mail(prepared: Prepared) -> Reply:
    server, headers = urlsplit(prepared.url), prepared.headers | {"Date": formatdate()}
    try:
        _hand_over(message(headers, prepared.body), server, prepared.sign_in)
        return Reply(250, {"message_id": prepared.headers.get("Message-ID", "")}, "accepted")
    except smtplib.SMTPServerDisconnected:
        raise Temporary(f"{server.hostname} hung up.") from None
    except smtplib.SMTPAuthenticationError as error:
        raise _refusal(f"{server.hostname} refuses the sign-in", error.smtp_error) from None
    except smtplib.SMTPRecipientsRefused as error:
        (code, said), *_ = error.recipients.values()
        raise _refusal(f"{server.hostname} refuses the address", said, code) from None
    except smtplib.SMTPResponseException as error:
        raise _refusal(f"{server.hostname} refuses", error.smtp_error, error.smtp_code) from None
    except (smtplib.SMTPException, UnicodeError) as error:
        raise Permanent(f"{server.hostname} cannot be used like this: {error}") from None
    except OSError as error:
        raise Temporary(f"No connection with {server.hostname} ({type(error).__name__}).") from None


def _hand_over(mail: EmailMessage, server: SplitResult, sign_in: SignIn) -> None:
    trusted = ssl.create_default_context()
    host, port = server.hostname or "", server.port or 0
    if server.scheme == "smtps":
        mailbox: smtplib.SMTP = _PublicSMTPS(host, port, timeout=MAIL_STEP, context=trusted)
    else:
        mailbox = _PublicSMTP(host, port, timeout=MAIL_STEP)
    try:
        if server.scheme == "smtp+starttls":
            mailbox.starttls(context=trusted)
        if sign_in.name:
            mailbox.login(sign_in.name, sign_in.password)
        if mail["Message-ID"]:
            mailbox.send_message(mail)
        else:
            _knock(mailbox, mail["From"], mail["To"])
    finally:
        with suppress(smtplib.SMTPException, OSError):
            mailbox.quit()


def _knock(mailbox: smtplib.SMTP, sender: str, to: str) -> None:
    """Whether it would take a mail from one to the other; none is sent."""
    mailbox.ehlo_or_helo_if_needed()
    if (told := mailbox.mail(sender))[0] != 250:
        raise smtplib.SMTPSenderRefused(*told, sender)
    if (told := mailbox.rcpt(to))[0] not in (250, 251):
        raise smtplib.SMTPRecipientsRefused({to: told})
    mailbox.rset()


def _refusal(does: str, said: bytes | str, code: int = 0) -> Temporary | Permanent:
    """From 500 on it is for good; a sign-in, which can be mended here, is told without its code."""
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    return (Temporary if code < 500 else Permanent)(f"{does}: {words}")
