"""What templates need to say: clocks, instants, marks, and the shell around a page."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from dashboards import telling, viewing, wording
from dashboards.viewing import NavEntry, Viewer, viewer
from exceptions_app.cases.linked import LinkLine
from exceptions_app.cases.rows import ClockFace, Row
from exceptions_app.cases.searching import marked
from exceptions_app.detection.materiality import LABELS
from exceptions_app.vocabulary import Severity, Status

register = template.Library()

Context = template.Context


@dataclass(frozen=True)
class Shell:
    """What stands around every page of somebody signed in."""

    viewer: Viewer
    entries: list[NavEntry]
    everywhere: str
    now: str


@register.simple_tag(takes_context=True)
def shell(context: Context) -> Shell | None:
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return None
    shown = viewer(request)
    return Shell(
        shown, viewing.nav_entries(request), viewing.everywhere(request), wording.iso(shown.now)
    )


def looking(context: Context) -> Viewer:
    return viewer(context["request"])


@register.simple_tag(takes_context=True)
def clock(context: Context, row: Row) -> SafeString:
    return clock_of(looking(context), row)


def clock_of(seen: Viewer, row: Row) -> SafeString:
    """The clock that a row is sorted by, or what stands in its place."""
    if row.clock is None or not row.is_open:
        words = wording.settled_words(row)
        return format_html('<span class="clock clock--{}">{}</span>', words.mood, words.text)
    return face_of(row.clock, seen)


@register.simple_tag(takes_context=True)
def clock_face(context: Context, one: ClockFace) -> SafeString:
    """One clock of a case, running or stopped."""
    return face_of(one, looking(context))


def face_of(one: ClockFace, seen: Viewer) -> SafeString:
    words = wording.clock_words(one, now=seen.now, zone=seen.zone, own=seen.own)
    ticking = one.running and not one.paused and one.due_at is not None
    due = format_html(' data-due="{}"', wording.iso(one.due_at)) if ticking and one.due_at else ""
    warn = (
        format_html(' data-warn="{}"', wording.iso(one.warn_at)) if ticking and one.warn_at else ""
    )
    return format_html(
        '<span class="clock clock--{}"{}{}>{}</span>', words.mood, due, warn, words.text
    )


@register.simple_tag(takes_context=True)
def over(context: Context, at: datetime) -> str:
    """How long something is over."""
    return f"{wording.between(at, looking(context).now)} over"


@register.simple_tag
def clock_what(one: ClockFace | None) -> str:
    return wording.TO_DO[one.kind] if one else ""


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None, site_zone: str = "") -> SafeString | str:
    return when_of(looking(context), at, site_zone)


def when_of(seen: Viewer, at: datetime | None, site_zone: str = "") -> SafeString | str:
    """An instant in the zone of the page, short; in full on hover, with the time at the site.

    A zone that is not the reader's own is named.
    """
    if at is None:
        return ""
    return time_tag(at, seen, wording.shown(at, now=seen.now, zone=seen.zone), site_zone)


def time_tag(at: datetime, seen: Viewer, shown: str, site_zone: str = "") -> SafeString:
    site = ZoneInfo(site_zone) if site_zone else None
    return format_html(
        '<time datetime="{}" title="{}">{}{}</time>',
        wording.iso(at),
        wording.whole(at, zone=seen.zone, own=seen.own, site=site),
        shown,
        wording.named(at, zone=seen.zone, own=seen.own),
    )


@register.simple_tag(takes_context=True)
def clock_time(context: Context, at: datetime, site_zone: str = "") -> SafeString:
    """Only hours and minutes, for lists that name the day above."""
    seen = looking(context)
    return time_tag(at, seen, f"{at.astimezone(seen.zone):%H:%M}", site_zone)


@register.simple_tag(takes_context=True)
def localised(context: Context, text: str) -> str:
    """A sentence that was kept with times in UTC, in the zone of the page."""
    return wording.local_times(text, looking(context))


@register.simple_tag
@cache
def severity(one: Severity, *, word: bool = False) -> SafeString:
    """The mark of a severity, with its word for those who see no mark."""
    label = format_html('<span class="{}">{}</span>', "" if word else "unseen", one.label)
    return format_html(
        '<span class="sev sev--{}"><svg aria-hidden="true"><use href="{}#{}"/></svg>{}</span>',
        one.slug,
        static("marks.svg"),
        one.slug,
        label,
    )


@register.simple_tag
@cache
def severity_mark(value: str | int) -> SafeString:
    """The mark alone, beside a word that stands there anyway."""
    slug = Severity(int(value)).slug
    drawn = '<span class="sev sev--{}"><svg aria-hidden="true"><use href="{}#{}"/></svg></span>'
    return format_html(drawn, slug, static("marks.svg"), slug)


@register.simple_tag
@cache
def state(one: Status) -> SafeString:
    return format_html(
        '<span class="state state--{}"><svg aria-hidden="true"><use href="{}#{}"/></svg>{}</span>',
        one.value,
        static("marks.svg"),
        one.value,
        one.label,
    )


NOBODY = mark_safe(
    '<span class="face face--none" title="No owner"><span aria-hidden="true">&ndash;</span>'
    '<span class="unseen">no owner</span></span>'
)


@register.simple_tag(takes_context=True)
def face(context: Context, user_id: int | None, name: str) -> SafeString:
    return face_of_owner(looking(context), user_id, name)


def face_of_owner(seen: Viewer, user_id: int | None, name: str) -> SafeString:
    """Initials of an owner; the name is there for everybody."""
    return drawn_face(name, mine=seen.user_id == user_id) if user_id else NOBODY


@lru_cache(maxsize=2_000)
def drawn_face(name: str, *, mine: bool) -> SafeString:
    letters = "".join(part[0] for part in name.split()[:2]).upper() or "?"
    inside = format_html(
        '<span aria-hidden="true">{}</span><span class="unseen">{}</span>', letters, name
    )
    return format_html(
        '<span class="face{}" title="{}">{}</span>', " face--me" if mine else "", name, inside
    )


@register.simple_tag
@cache
def icon(name: str, size: int = 16) -> SafeString:
    """A line icon beside words; drawn once per process."""
    return SafeString(lucide(name, size=size, aria_hidden="true"))


@register.filter
def of(known: Mapping[Any, Any], name: Any) -> Any:
    """What is known under a name, if anything is."""
    return known.get(name)


@register.filter
def mark(text: str, words: Iterable[str]) -> str:
    """The text with what was searched for marked in it."""
    if not words:
        return text
    pieces = marked(text, tuple(words))
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", p.text) if p.hit else p.text,) for p in pieces)
    )


@register.filter
def as_words(name: str) -> str:
    """A name of the code as a person reads it: tracking_number is Tracking number, and vin is VIN."""
    return name.upper() if name == "vin" else name.replace("_", " ").capitalize()


@register.filter
def facts(attributes: Mapping[str, object]) -> list[tuple[str, object]]:
    """What is known of a subject, in words. In a template ``attributes.items`` is the number of items."""
    yes_or_no = {True: "yes", False: "no"}
    known = ((name, value) for name, value in attributes.items() if value is not None)
    return [
        (as_words(name), yes_or_no[value] if isinstance(value, bool) else value)
        for name, value in known
    ]


@register.filter
def weight(part: str) -> str:
    """What a part of a score is for."""
    label = LABELS.get(part, part)
    return label[:1].upper() + label[1:]


@register.filter
def told_there(link: LinkLine) -> str:
    return telling.link_words(link.operation, link.state)


@register.filter
def spoken(name: str) -> str:
    return telling.spoken(name)


@register.simple_tag
def module(name: str) -> SafeString:
    """A script of our own as a module."""
    return format_html('<script type="module" src="{}"></script>', static(f"js/{name}.js"))


#: What keeps htmx inside the content security policy.
HTMX = {
    "allowEval": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "allowScriptTags": False,
}


@register.simple_tag
def htmx_settings() -> SafeString:
    return format_html('<meta name="htmx-config" content="{}">', json.dumps(HTMX))


@register.filter
def pretty(body: Any) -> str:
    """JSON to read."""
    return json.dumps(body, indent=2, ensure_ascii=False, sort_keys=True)
