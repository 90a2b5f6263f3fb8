"""Figures as people read them."""

from django import template

register = template.Library()

DASH = "\N{EN DASH}"


@register.filter
def percent(share: float | None) -> str:
    """A share as whole percent; a dash where there is none."""
    # A template gives what is missing as empty text.
    return f"{round(share * 100)} %" if isinstance(share, float | int) else DASH


@register.filter
def ahead(days: float | None) -> str:
    """How long before the promise, in words; what came after it says so."""
    if not isinstance(days, float | int):
        return DASH
    hours = abs(days) * 24
    if hours < 1:
        return "under 1 h"
    long = f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.1f} days"
    return f"{long} after it" if days < 0 else long
