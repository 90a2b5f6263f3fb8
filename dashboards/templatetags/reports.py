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


@register.filter
def picture(chart: charts.Chart) -> SafeString:
    return charts.svg(chart)


@register.filter
def door(number: Number) -> SafeString:
    """A number as the way to its cases; nought leads nowhere."""
    if not number.value:
        return format_html('<span class="quiet">0</span>')
    return format_html('<a href="{}">{}</a>', report_charts.door(number), number)


@register.filter
def door_url(number: Number) -> str:
    return report_charts.door(number)


@register.filter
def share(target: TargetLine) -> SafeString:
    """Such as 92 %, leading to the cases decided."""
    if target.share is None:
        return format_html('<span class="quiet" title="Nothing is decided yet">–</span>')
    address = report_charts.door(target.decided)
    return format_html('<a href="{}">{}</a>', address, headlines.percent(target.share))


@register.filter
def change(target: TargetLine) -> SafeString | str:
    """How many points better or worse than before: a sign, a colour, and words."""
    points = 0 if target.change is None else round(target.change * 100)
    if not points:
        return ""
    better = points > 0
    words = f"{abs(points)} {headlines.plural(abs(points), 'point')} {'better' if better else 'worse'} than before"
    return format_html(
        '<span class="change change--{}" title="{}"><span aria-hidden="true">{}{}</span><span class="unseen">{}</span></span>',
        "better" if better else "worse",
        words,
        "+" if better else "−",
        abs(points),
        words,
    )


@register.filter
def lasted(took: timedelta | None) -> str:
    return "–" if took is None else wording.length(int(took.total_seconds()))


@register.filter
def of(mapping: dict[object, object], key: object) -> object:
    """What a mapping has under a key."""
    return mapping[key]
