"""SendGrid: a mail per case to one address, answers to it as the case moves, and word of mail that bounced.

The answer to mail/send is empty: X-Message-Id names the mail, and custom_args come back with every event.
"""

from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from connectors import kit, proofs

HOST = {"global": "api.sendgrid.com", "eu": "api.eu.sendgrid.com"}
#: Words for the events that people must hear of.
FAILED = {"bounce": "came back", "dropped": "was not sent", "spamreport": "was reported as spam"}
#: Headers that SendGrid writes itself and refuses.
OWN = {"From", "To", "Subject"}
SIGNED = "X-Twilio-Email-Event-Webhook"


class Config(kit.Config):
    """Settings, Mail Settings, Event Webhooks: create one with our address, choose Bounced, Dropped and
    Spam Reports, enable Signed Event Webhook, and copy its verification key here.
    """

    sender: str = kit.setting(
        "From", "desk@example.com", "Verified: Settings, Sender Authentication", pattern=kit.ADDRESS
    )
    to: str = kit.setting("To", "dispatch@example.com", "One address", pattern=kit.ADDRESS)
    region: Literal["global", "eu"] = kit.setting("Region", help="Of the subuser", default="global")
    token: str = kit.secret("API key", "SG.sendgrid-key", "Settings, API Keys: needs Mail Send")
    verification_key: str = kit.secret(
        "Verification key", "", "Settings, Mail Settings, Event Webhooks, Signature", default=""
    )


def send(case: kit.Snapshot, config: Config) -> kit.Request:
    """The first mail's Message-ID is made of the case, so that answers can name it."""
    name = uuid5(NAMESPACE_URL, f"{case.url} {config.to}")
    first = f"<{name}@{config.sender.rpartition('@')[2]}>"
    ours = kit.envelope(case, config.sender, config.to, answers=case.external_id and first)
    named = {} if case.external_id else {"Message-ID": first}
    known = {"flagstand_mail": case.external_id} if case.external_id else {}
    file = {"content": case.evidence_base64, "type": "application/json"}
    body = {
        "personalizations": [
            {"to": [{"email": config.to}], "custom_args": {"flagstand": case.number, **known}}
        ],
        "from": {"email": config.sender, "name": "Flagstand"},
        "subject": ours["Subject"],
        "content": [{"type": "text/plain", "value": kit.letter(case)}],
        "headers": {name: ours[name] for name in ours if name not in OWN} | named,
        "categories": ["flagstand", case.exception_type],
        "tracking_settings": {"click_tracking": {"enable": False}},
    }
    if case.operation == kit.ATTACH:
        body["attachments"] = [file | {"filename": case.evidence_name}]
    return kit.post("/v3/mail/send", body)


def read(body: object, config: Config) -> kit.Events:
    """An event of the first mail names it in sg_message_id, before the first full stop."""
    for event in kit.listed(body):
        mail = kit.text(event, "flagstand_mail") or kit.text(event, "sg_message_id")
        why = kit.dig(event, "reason") or kit.dig(event, "response") or "no reason given"
        if failed := FAILED.get(kit.text(event, "event")):
            said = f"The mail to {kit.dig(event, 'email')} {failed}: {why}"
            yield kit.Event(external_id=mail.partition(".")[0], comment=said, author="SendGrid")


PROOF = proofs.ecdsa(f"{SIGNED}-Signature", f"{SIGNED}-Timestamp", lambda c: c.verification_key)

connector = kit.Connector(
    slug="sendgrid",
    name="SendGrid",
    docs="https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send",
    config=Config,
    base_url=lambda c: f"https://{HOST[c.region]}",
    sign_in=lambda c: kit.bearer(c.token),
    test=lambda c: kit.get("/v3/scopes"),
    create=send,
    attach=send,
    external_id=kit.in_header("X-Message-Id"),
    inbound=kit.Inbound(PROOF, read),
    cannot={
        "look_up": "Email Activity is an add-on, and no part of what is published for sending."
    },
    safe=kit.EVERYTHING,
    rate=kit.Rate(600),
    pause_of=kit.reset_at("X-RateLimit-Reset"),
    url_of=lambda id, c: "https://app.sendgrid.com/email_activity",
)
