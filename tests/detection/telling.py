"""Telling stories to a desk through its API: what sources say and when, while its clock goes on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import time_machine
from django.db.models import Min
from django.test import Client

from exceptions_app.detection.watch import look_again
from exceptions_app.models import Case, Subject, WatchItem
from exceptions_app.people import tokens
from exceptions_app.vocabulary import OPEN_STATUSES, Role, Scope, Severity
from tests.factories import HOUR, NOON, CalendarFactory, SiteFactory, SourceFactory, UserFactory

NUMBERS = count(1)
SOURCES = ("dms", "crm", "shop", "carrier", "scheduler", "warehouse", "phone", "lender")


@dataclass(frozen=True)
class Saying:
    """A source says something, so long after noon of Tuesday, 10 March 2026 (13:00 in Berlin)."""

    after: timedelta
    source: str
    type: str
    reference: str
    rest: Mapping[str, Any] = field(default_factory=dict)

    def signal(self) -> dict[str, Any]:
        rest = dict(self.rest)
        subject = {"reference": self.reference, **rest.pop("subject", {})}
        occurred_at = (NOON + self.after - rest.pop("ago", timedelta(0))).isoformat()
        return {
            "source": self.source,
            "external_id": f"s-{next(NUMBERS)}",
            "type": self.type,
            "occurred_at": occurred_at,
            "subject": subject,
            **rest,
        }


@dataclass(frozen=True)
class Story:
    """``opens`` are the cases in the end: their rule to their severity; ``watched`` what only is watched."""

    trigger: str
    told: str
    sayings: tuple[Saying, ...]
    until: timedelta = timedelta(0)
    opens: Mapping[str, str] = field(default_factory=dict)
    watched: tuple[str, ...] = ()
    at: timedelta | None = None

    def __str__(self) -> str:
        return f"{self.trigger} {self.told}"


def says(after: timedelta, source: str, type_: str, reference: str, **rest: Any) -> Saying:
    return Saying(after, source, type_, reference, rest)


def on(after: timedelta) -> str:
    """An instant as it is sent."""
    return (NOON + after).isoformat()


class Desk:
    """A site that works from Monday to Friday, 9 to 17, its sources, and a program with a token."""

    def __init__(self) -> None:
        site = SiteFactory(slug="north", calendar=CalendarFactory())
        for slug in SOURCES:
            SourceFactory(slug=slug, site=site)
        self.site = site
        self.client = Client(raise_request_exception=False)
        self.signed = self.signed_by(Role.INTEGRATOR)

    def signed_by(self, role: Role) -> dict[str, str]:
        user = UserFactory(role=role, role__site=self.site)
        token = tokens.issue(user, "Desk", Scope.values, NOON - 99 * 24 * HOUR)[1]
        return {"Authorization": f"Bearer {token}"}

    def settle(self, path: str, told: dict[str, Any], at: datetime = NOON) -> None:
        """A manager changes how the desk works."""
        with time_machine.travel(at, tick=False):
            answer = self.client.patch(
                f"/api/v1/{path}",
                json.dumps(told),
                content_type="application/json",
                headers=self.signed_by(Role.MANAGER),
            )
        assert answer.status_code == 200, answer.json()

    def hear(self, story: Story) -> None:
        for saying in sorted(story.sayings, key=lambda one: one.after):
            self.wait(NOON + saying.after)
            self.post([saying.signal()], NOON + saying.after)
        self.wait(NOON + story.until)

    def post(self, signals: list[dict[str, Any]], at: datetime) -> Any:
        with time_machine.travel(at, tick=False):
            answer = self.client.post(
                "/api/v1/signals/",
                json.dumps(signals),
                content_type="application/json",
                headers=self.signed,
            )
        told = answer.json()
        assert answer.status_code in (200, 201), told
        assert told["counts"]["refused"] == told["counts"]["conflict"] == 0, told
        return told

    def wait(self, until: datetime) -> None:
        """Let the clock look at whatever is due, at its instant."""
        due = Subject.objects.filter(next_look_at__lte=until, imported=False)
        while (at := due.aggregate(at=Min("next_look_at"))["at"]) is not None:
            look_again(at)

    def cases(self) -> dict[str, str]:
        rows = Case.objects.filter(status__in=OPEN_STATUSES).values_list("rule", "severity")
        return {rule: Severity(severity).slug for rule, severity in rows}

    def watched(self) -> tuple[str, ...]:
        items = WatchItem.objects.filter(ended_at=None).order_by("rule")
        return tuple(items.values_list("rule", flat=True))
