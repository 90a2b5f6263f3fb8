"""What lists of subjects, deliveries and connections need to say: time left, and how each stands."""

from datetime import timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboards import connection_words, delivery_words, wording
from dashboards.connection_words import Health
from dashboards.viewing import viewer
from exceptions_app.outbox.connections import ConnectionRow
from exceptions_app.outbox.queries import DeliveryRow
from exceptions_app.subjects.rows import SubjectRow

register = template.Library()

#: A promise due within that time looks like one.
SOON = timedelta(hours=4)


@register.simple_tag(takes_context=True)
def promise_clock(context: template.Context, row: SubjectRow) -> SafeString:
    """How much time is left to keep it, ticking; or how it ended."""
    if row.ended_at is not None or (row.kept_at and row.promised_at):
        return ended(row)
    if row.promised_at is None:
        return format_html('<span class="clock clock--none">{}</span>', "no promise")
    if row.imported:
        return format_html('<span class="clock clock--none">{}</span>', "from history")
    warn_at = row.promised_at - SOON
    words = wording.running_words(row.promised_at, warn_at, now=viewer(context["request"]).now)
    return format_html(
        '<span class="clock clock--{}" data-due="{}" data-warn="{}">{}</span>',
        words.mood,
        wording.iso(row.promised_at),
        wording.iso(warn_at),
        words.text,
    )


def ended(row: SubjectRow) -> SafeString:
    """Late or in time by when the promised happened, else by an orderly end; else just what ended it."""
    words, mood = row.ended_by or "ended", "none"
    happened_at = row.kept_at or (row.ended_at if row.delivered else None)
    if row.promised_at and happened_at:
        late = happened_at - row.promised_at > timedelta(minutes=1)
        words, mood = wording.late_by(row.promised_at, happened_at), "over" if late else "kept"
    return format_html('<span class="clock clock--{}">{}</span>', mood, words)


@register.simple_tag(takes_context=True)
def standing(context: template.Context, row: DeliveryRow, *, behind: bool = False) -> str:
    return delivery_words.standing(row, viewer(context["request"]), behind=behind)


@register.filter
def advice(row: DeliveryRow) -> str:
    return delivery_words.advice(row)


@register.filter
def mood(row: DeliveryRow) -> str:
    return delivery_words.MOODS.get(row.state, "")


@register.simple_tag(takes_context=True)
def health(context: template.Context, row: ConnectionRow) -> Health:
    seen = viewer(context["request"])
    return connection_words.health(row, now=seen.now, zone=seen.zone)


@register.simple_tag(takes_context=True)
def circuit(context: template.Context, row: ConnectionRow) -> str:
    seen = viewer(context["request"])
    return connection_words.circuit(row, now=seen.now, zone=seen.zone)


@register.simple_tag(takes_context=True)
def budget(context: template.Context, row: ConnectionRow) -> str:
    seen = viewer(context["request"])
    return connection_words.budget(row, now=seen.now, zone=seen.zone)


@register.filter
def pace(platform: str) -> str:
    return connection_words.pace(platform)


@register.filter
def platform_name(slug: str) -> str:
    return connection_words.platform_name(slug)
