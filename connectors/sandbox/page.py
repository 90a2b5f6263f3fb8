"""What has arrived, as rows for the page; whoever may not see a case does not see its ticket either."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from connectors.models import SandboxRecord
from connectors.registry import CATALOGUE
from connectors.sandbox.calls import as_object
from exceptions_app.models import Link
from exceptions_app.people import access
from exceptions_app.people.access import Actor

SHOWN = 50


@dataclass(frozen=True)
class Tab:
    slug: str
    label: str
    current: bool


@dataclass(frozen=True)
class NoteRow:
    at: datetime
    what: str
    text: str


@dataclass(frozen=True)
class RecordRow:
    """A ticket, message, alert or mail. ``facts`` are the platform's own fields."""

    anchor: str
    account: str
    title: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[NoteRow, ...]
    at: datetime
    case_id: int | None
    case_number: str
    text: str = ""
    state: str = ""


def tabs(chosen: str) -> list[Tab]:
    """Every platform; without a choice, the one that something arrived at last."""
    newest = SandboxRecord.objects.values_list("connection__platform", flat=True).first()
    current = chosen or newest or CATALOGUE[-1].slug
    return [Tab(each.slug, each.name, each.slug == current) for each in CATALOGUE]


def records(slug: str, *, by: Actor) -> list[RecordRow]:
    """The newest first."""
    # Two connections may share an account: the stand-in knows a caller by the sign-in only.
    links = Link.objects.filter(connection__platform=slug, external_id=OuterRef("external_id"))
    seen = access.visible(links, by, site="case__site_id", team="case__team_id")
    rows = SandboxRecord.objects.filter(connection__platform=slug).annotate(
        case_id=Subquery(seen.values("case_id")[:1]),
        case_number=Subquery(seen.values("case__number")[:1]),
    )
    if not access.may(by, "configure"):
        # What nobody has linked yet could be anybody's.
        rows = rows.filter(Exists(seen))
    newest = rows.select_related("connection").prefetch_related("notes")[:SHOWN]
    return [SHOW[slug](record) for record in newest]


def row(
    record: SandboxRecord, title: str, *, spelled: Callable[[str], str] = str, **more: Any
) -> RecordRow:
    notes = [NoteRow(note.at, note.what, spelled(note.text)) for note in record.notes.all()]
    number = getattr(record, "case_number", None)
    return RecordRow(
        anchor=record.external_id,
        account=record.connection.name,
        title=title,
        notes=tuple(notes),
        at=record.created_at,
        case_id=getattr(record, "case_id", None),
        case_number=f"EX-{number}" if number else "",
        **more,
    )


def zendesk_record(record: SandboxRecord) -> RecordRow:
    data = record.data
    names = ("priority", "type", "due_at", "external_id")
    facts = {name: data[name] for name in names if data.get(name)}
    facts["tags"] = ", ".join(data.get("tags", []))
    title = f"#{record.pk} {data.get('subject', '')}"
    return row(record, title, state=data["status"], facts=tuple(facts.items()))


def slack_record(record: SandboxRecord) -> RecordRow:
    facts = (("channel", record.data["channel"]),)
    text = plain(record.data["text"])
    return row(record, "Flagstand", spelled=plain, text=text, facts=facts)


def pagerduty_record(record: SandboxRecord) -> RecordRow:
    payload = record.data["payload"]
    names = ("severity", "source", "group", "class")
    facts = {name: payload[name] for name in names if payload.get(name)}
    facts |= {
        k: v for k, v in as_object(payload.get("custom_details")).items() if v and k != "text"
    }
    shown = tuple((name, str(value)) for name, value in facts.items())
    return row(record, str(payload["summary"]), state=record.data["status"], facts=shown)


def smtp_record(record: SandboxRecord) -> RecordRow:
    headers = record.data["headers"]
    facts = tuple((name, str(headers.get(name, ""))) for name in ("From", "To", "Message-ID"))
    return row(record, str(headers.get("Subject", "")), text=record.data["text"], facts=facts)


SHOW: Mapping[str, Callable[[SandboxRecord], RecordRow]] = {
    "pagerduty": pagerduty_record,
    "slack": slack_record,
    "smtp": smtp_record,
    "zendesk": zendesk_record,
}

EMOJI = {
    ":red_circle:": "\N{LARGE RED CIRCLE}",
    ":large_orange_circle:": "\N{LARGE ORANGE CIRCLE}",
    ":white_circle:": "\N{MEDIUM WHITE CIRCLE}",
    ":white_check_mark:": "\N{WHITE HEAVY CHECK MARK}",
}


def plain(text: str) -> str:
    """Slack's markup as it looks there: emoji, names of links, characters that were escaped."""
    for name, drawn in EMOJI.items():
        text = text.replace(name, drawn)
    return html.unescape(re.sub(r"<[^<>|]+\|([^<>]+)>", r"\1", text))
