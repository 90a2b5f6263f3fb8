"""A connection opened up: its connector, its settings, its sign-in, and what must never be written down."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connectors import client
from connectors.answers import judge
from connectors.client import Prepared
from connectors.errors import Permanent, Temporary
from connectors.kit import Config, Connector, Grant, Reply, Request, SignIn
from connectors.models import AccessToken
from connectors.redaction import Redactor
from connectors.registry import BY_SLUG
from connectors.sandbox.place import seen_at
from exceptions_app.errors import Refused
from exceptions_app.models import Connection
from exceptions_app.sealed import unreadable

#: A token this close to its end may be over before it arrives; one without an end lasts an hour.
MARGIN, USUAL_LIFE = timedelta(seconds=60), 3600


class Account:
    """Made where there is a database; it needs one again only to ask for a new token."""

    def __init__(self, connection: Connection) -> None:
        if connection.platform not in BY_SLUG:
            raise Permanent(f"There is no platform {connection.platform}.")
        self.connector: Connector[Any] = BY_SLUG[connection.platform]
        self.connection_id = connection.pk
        if why := unreadable(connection.settings):
            raise Temporary(why)
        try:
            self.config: Config = self.connector.config.read(connection.settings, sealed=True)
            self.base_url = self.connector.base_url(self.config)
            self.grant = self.connector.grant(self.config)
            self.sign_in = self.connector.sign_in(self.config)
        except Refused as refusal:
            raise Temporary(f"The settings of {connection} are not complete: {refusal}") from None
        self.stand_in = self.connector.slug if connection.sandbox else ""
        self.struck = [*self.config.secrets(), *self.sign_in.secrets()]
        self.token = ""
        if self.grant and (token := kept(connection.pk, self.grant)):
            self._carry(token)

    @property
    def redact(self) -> Redactor:
        return Redactor(self.struck)

    def prepare(self, request: Request) -> Prepared:
        if self.grant and not self.token:
            self.renew()
        self.struck.append(request.hidden)
        return client.prepare(request, self.base_url, self.sign_in)

    def send(self, prepared: Prepared) -> Reply:
        return client.send(prepared, stand_in=self.stand_in)

    def ask(self, request: Request, prepared: Prepared | None = None) -> tuple[Prepared, Reply]:
        """Send it; a token that is refused is replaced once."""
        prepared = prepared or self.prepare(request)
        reply = self.send(prepared)
        if reply.status == 401 and self.renew():
            prepared = self.prepare(request)
            reply = self.send(prepared)
        return prepared, reply

    def standing(self, external_id: str) -> str:
        """How the record stands now, in our words; empty where it cannot be asked or that says nothing."""
        if self.connector.read is None:
            return ""
        _, reply = self.ask(self.connector.read(external_id, self.config))
        judge(self.connector, reply)
        return self.connector.status_of(reply.body, self.config)

    def renew(self) -> bool:
        """Have a token other than the one we hold, if tokens are what this platform takes."""
        if self.grant is None:
            return False
        with transaction.atomic():
            locked = AccessToken.objects.select_for_update()
            row, _ = locked.get_or_create(connection_id=self.connection_id)
            token = still_good(row, self.grant)
            if not token or token == self.token:
                token = self._granted(row, self.grant)
        self._carry(token)
        return True

    def _granted(self, row: AccessToken, grant: Grant) -> str:
        """Ask for one; whoever waits for the row finds it there."""
        try:
            form = {**grant.form, **grant.signed()}
        except Refused as refusal:
            raise Temporary(f"{self.connector.name}: {refusal}") from None
        if row.made_of == fingerprint(grant) and row.sealed.get("refresh"):
            form["refresh_token"] = row.sealed["refresh"]
        self.struck += [form[name] for name in ("assertion", "refresh_token") if name in form]
        asked = client.prepare(Request("POST", grant.url, form=form), "", SignIn())
        reply = self.send(asked)
        token = str(reply.body.get("access_token") or "")
        if reply.status >= 400 or not token:
            words = reply.body.get("error_description") or reply.body.get("error") or reply.status
            why = self.redact(f"{self.connector.name} gives no access token: {words}")
            raise Temporary(why)
        told = str(reply.body.get("expires_in"))[:9]
        life = (told.replace(".", "", 1).isdecimal() and int(float(told))) or USUAL_LIFE
        row.sealed = {
            "token": token,
            "refresh": str(reply.body.get("refresh_token") or form.get("refresh_token", "")),
        }
        row.made_of, row.expires_at = fingerprint(grant), timezone.now() + timedelta(seconds=life)
        row.save()
        return token

    def _carry(self, token: str) -> None:
        if self.grant:
            self.token, self.sign_in = token, self.grant.carried(token)
            self.struck += [token, *self.sign_in.secrets()]

    def url_of(self, external_id: str) -> str:
        """Where a person sees the record; what is in the sandbox is seen there."""
        if self.stand_in:
            return settings.BASE_URL + seen_at(self.stand_in, external_id)
        return self.connector.url_of(external_id, self.config)


def redactor(account: Account | None) -> Redactor:
    """What strikes its secrets out, and addresses of ours also where it could not be opened."""
    return account.redact if account else Redactor(())


def kept(connection_id: int, grant: Grant) -> str:
    row = AccessToken.objects.filter(connection=connection_id).first()
    return still_good(row, grant) if row else ""


def still_good(row: AccessToken, grant: Grant) -> str:
    """The token of this row, unless it ends soon or was asked for with other settings."""
    lasts = row.expires_at is not None and row.expires_at > timezone.now() + MARGIN
    return str(row.sealed.get("token", "")) if lasts and row.made_of == fingerprint(grant) else ""


def fingerprint(grant: Grant) -> str:
    asked_with = sorted({**grant.form, **grant.about}.items())
    return sha256(repr((grant.url, asked_with)).encode()).hexdigest()
