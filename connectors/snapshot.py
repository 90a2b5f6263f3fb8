"""What a connector is told: the case as it is at the moment of sending, and nothing it could change."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from exceptions_app.vocabulary import OPEN_STATUSES, ExceptionType, Operation, Severity, Status

if TYPE_CHECKING:
    from exceptions_app.models import Case, Delivery

#: More than anybody reads, and less than any platform refuses; Slack takes still less.
LONGEST_TEXT = 20_000
#: What a link in a message can do, and the salt of its signature.
PRESSED, SALT = {"acknowledge": "Acknowledge", "resolve": "Resolve"}, "act"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A case for the outside. ``text`` is what there is to say since ``said_at``; ``again``: it may have
    been said before.

    ``operation`` is what it is to be told as. ``evidence`` is the frozen evidence as JSON, for a file.
    ``links`` are addresses that do something when pressed, by what they do.
    """

    delivery_id: str
    number: str
    title: str
    headline: str
    text: str
    severity: str
    status: str
    exception_type: str
    site: str
    team: str = ""
    assignee: str = ""
    assignee_email: str = ""
    customer: str = ""
    reference: str = ""
    opened_at: datetime
    said_at: datetime
    promised_at: datetime | None = None
    due_at: datetime | None = None
    url: str
    external_id: str = ""
    again: bool = False
    waiting_for: str = ""
    cause: str = ""
    evidence: str = "{}"
    time_zone: str = "UTC"
    links: Mapping[str, str] = field(default_factory=dict)
    operation: Operation = Operation.CREATE

    @property
    def heading(self) -> str:
        return f"{self.number} {self.headline}"

    def with_link(self, longest: int | None = None) -> str:
        """What there is to say, cut to this many letters, and where the case is."""
        return f"{self.text[:longest]}\n\n{self.url}"

    def due(self, written: str = "") -> str:
        """When it is due, in UTC and written like this, or as ISO 8601; else nothing."""
        at = self.due_at
        return (f"{at.astimezone(UTC):{written}}" if written else at.isoformat()) if at else ""

    def day_of(self, at: datetime) -> date:
        """The day on which this is where the case is."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def evidence_name(self) -> str:
        return f"{self.number}-evidence.json"

    @property
    def evidence_base64(self) -> str:
        return b64encode(self.evidence.encode()).decode()

    @property
    def standing(self) -> str:
        """The headline, and how far it is with whom: for platforms that know only messages."""
        owner = f", {self.assignee}" if self.assignee else ""
        return f"{self.headline} · {self.status.replace('_', ' ')}{owner}"

    @property
    def facts(self) -> dict[str, str]:
        """What a message shows beside it, by name, in the time of the site."""
        zone = ZoneInfo(self.time_zone)
        told = {
            "Severity": self.severity.capitalize(),
            "Status": self.status.replace("_", " ").capitalize(),
            "Assignee": self.assignee,
            "Customer": self.customer,
            "Reference": self.reference,
            "Promised": spoken(self.promised_at, zone),
            "Due": spoken(self.due_at, zone),
        }
        return {name: fact for name, fact in told.items() if fact}

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


def of(delivery: "Delivery") -> Snapshot:
    """Take it from a delivery that was loaded with its connection and case (``outbox.queue.claim``)."""
    case = delivery.case
    severity, new = Severity(case.severity).slug, delivery.operation == Operation.CREATE
    of_case = case.links.all()
    link = next((one for one in of_case if one.connection_id == delivery.connection_id), None)
    told = Snapshot(
        delivery_id=str(delivery.pk),
        number=case.shown_number,
        title=case.title,
        headline=f"{severity}: {case.title} ({case.site.name})",
        text=delivery.text[:LONGEST_TEXT],
        severity=severity,
        status=case.status,
        exception_type=case.exception_type,
        site=case.site.name,
        team=case.team.name if case.team else "",
        assignee=case.assignee.shown_name() if case.assignee else "",
        assignee_email=case.assignee.email if case.assignee else "",
        customer=case.customer_name,
        reference=case.reference,
        opened_at=case.opened_at,
        said_at=delivery.owed_at,
        promised_at=case.promised_at,
        due_at=case.due_at,
        url=settings.BASE_URL + reverse("case", args=[case.pk]),
        external_id=link.external_id if link else "",
        again=delivery.attempts > 1 or (delivery.token > 1 and delivery.tries.exists()),
        waiting_for=case.waiting_for,
        cause=case.cause,
        time_zone=case.site.time_zone,
        links=cast("Mapping[str, str]", SimpleLazyObject(lambda: links_of(delivery))),
        evidence=json.dumps(case.evidence, indent=2, ensure_ascii=False, sort_keys=True),
    )
    return replace(told, text=described(case, told)[:LONGEST_TEXT]) if new else told


def links_of(delivery: "Delivery") -> dict[str, str]:
    """By what they do, the addresses that do it once, without a sign-in; only what there is left to do.

    Made when they are asked for: mails alone have them.
    """
    case, known = delivery.case, [delivery.case.shown_number, delivery.connection_id]
    return {
        label: settings.BASE_URL
        + reverse("act", args=[signing.dumps([*known, verb, str(delivery.pk)], salt=SALT)])
        for verb, label in PRESSED.items()
        if case.is_open and (case.status == Status.NEW or verb != "acknowledge")
    }


def described(case: "Case", told: Snapshot) -> str:
    """What a stranger over there needs to know, in the time of the site."""
    facts = {
        "What": ExceptionType(case.exception_type).label,
        "Site": f"{told.site}, {told.team}" if told.team else told.site,
        **told.facts,
        "Opened": spoken(case.opened_at, ZoneInfo(told.time_zone)),
    }
    lines = [f"{name}: {value}" for name, value in facts.items()]
    return "\n".join([*([case.description, ""] if case.description else []), *lines])


def spoken(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %d %b %Y %H:%M %Z}" if at else ""
