"""What the report's templates need to say: charts, doors, shares and lengths."""

from datetime import timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboards import charts, report_charts, wording
from exceptions_app.reports import headlines
from exceptions_app.reports.doors import Number
from exceptions_app.reports.sla import TargetLine

register = template.Library()

NOTHING = "\N{EN DASH}"
SIGNS = {True: "+", False: "\N{MINUS SIGN}"}


@register.filter
def picture(chart: charts.Chart) -> SafeString:
    return charts.svg(chart)


@register.filter
def door(number: Number) -> SafeString:
    """A number as the way to its cases; nought leads nowhere."""
    if not number.value:
        return format_html('<span class="quiet">{}</span>', number)
    return format_html('<a href="{}">{}</a>', report_charts.door(number), number)


@register.filter
def door_url(number: Number) -> str:
    return report_charts.door(number)


@register.filter
def share(target: TargetLine) -> SafeString:
    """Such as 92 %, leading to the cases decided."""
    if target.share is None:
        return format_html('<span class="quiet" title="Nothing is decided yet">{}</span>', NOTHING)
    address = report_charts.door(target.decided)
    return format_html('<a href="{}">{}</a>', address, headlines.percent(target.share))


@register.filter
def change(target: TargetLine) -> SafeString | str:
    """How many points better or worse than before: a sign, a colour, and words."""
    points = 0 if target.change is None else round(target.change * 100)
    if not points:
        return ""
    number, better = abs(points), points > 0
    word = "better" if better else "worse"
    return format_html(
        '<span class="change change--{0}" title="{1}"><span aria-hidden="true">{2}{3}</span>'
        '<span class="unseen">{1}</span></span>',
        word,
        f"{number} {headlines.plural(number, 'point')} {word} than before",
        SIGNS[better],
        number,
    )


@register.filter
def lasted(took: timedelta | None) -> str:
    return NOTHING if took is None else wording.length(int(took.total_seconds()))


@register.filter
def of(mapping: dict[object, object], key: object) -> object:
    """What a mapping has under a key."""
    return mapping[key]
