"""Numbers and cells of tables as a person reads them."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def grouped(number: int | None) -> str:
    """12345 is 12,345."""
    return f"{number or 0:,}"


@register.filter
def cell(row: Mapping[str, Any], column: str) -> str:
    return str(row.get(column) or "")
