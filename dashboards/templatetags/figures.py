"""Figures as people read them."""

from django import template

from exceptions_app.vocabulary import SubjectKind

register = template.Library()

DASH = "\N{EN DASH}"


@register.filter
def percent(share: float | None) -> str:
    """A share as whole percent; a dash where there is none."""
    # A template gives what is missing as empty text.
    return f"{round(share * 100)} %" if isinstance(share, float | int) else DASH


@register.filter
def figure(number: float | None) -> str:
    """With two decimals, so that a column of them reads evenly; a dash where there is none."""
    return f"{number:.2f}" if isinstance(number, float | int) else DASH


@register.filter
def plural(kind: str) -> str:
    """What subjects of a kind are called."""
    return SubjectKind(kind).plural


@register.filter
def ahead(days: float | None) -> str:
    """How long before the promise, in words; what came after it says so."""
    if not isinstance(days, float | int):
        return DASH
    hours = abs(days) * 24
    long = f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.1f} days"
    if hours < 1:
        long = "under 1 h"
    return f"{long} after it" if days < 0 else long


@register.filter
def lead(days: float | None) -> str:
    """The same in a sentence that names no promise yet."""
    told = ahead(days)
    late = told.endswith("after it")
    return told.replace("after it", "after the promise") if late else f"{told} before the promise"
