"""Lists in pages: by a place in the order and not by a number, so that nothing is missed or shown twice."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.request import Request

from exceptions_app.errors import Refused

USUAL = 50
MOST = 200
LARGEST = 2**63 - 1

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Stretch(Generic[M]):
    """Rows in order, and where they end; ``after`` is empty if nothing follows."""

    rows: Sequence[M]
    after: str


def stretch(
    rows: QuerySet[M], key: str, *, after: str, limit: int, newest_first: bool = True
) -> Stretch[M]:
    """The next rows in the order of a unique whole number."""
    if after:
        rows = rows.filter(**{f"{key}__{'lt' if newest_first else 'gt'}": place(after, key)})
    found = list(rows.order_by(f"-{key}" if newest_first else key)[: limit + 1])
    here = found[:limit]
    return Stretch(here, mark(key, getattr(here[-1], key)) if len(found) > limit else "")


def mark(key: str, value: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([key, value]).encode()).decode().rstrip("=")


def place(after: str, key: str) -> int:
    try:
        name, value = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (ValueError, TypeError, binascii.Error):
        name, value = "", 0
    if name != key or type(value) is not int or not 0 <= value <= LARGEST:
        raise Refused.misplaced()
    return value


def page(request: Request, results: Sequence[Any], after: str) -> dict[str, Any]:
    """A page as it is answered, with the whole address of the next one."""
    if not after:
        return {"results": results, "next": None}
    return {"results": results, "next": address(request, after)}


def address(request: Request, after: str) -> str:
    """Where what comes after this place is read."""
    query = request.query_params.copy()
    query["after"] = after
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
