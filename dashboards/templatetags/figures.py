"""Figures as people read them."""

from django import template

register = template.Library()

DASH = "\N{EN DASH}"


@register.filter
def percent(share: float | None) -> str:
    """A share as whole percent; a dash where there is none."""
    # A template gives what is missing as empty text.
    return f"{round(share * 100)} %" if isinstance(share, float | int) else DASH
