"""What can be called: a mark on each method of an endpoint, for access, checks and documentation alike.

DRF loads this with its settings, before its views exist, so views are only named here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from django.http.response import HttpResponseBase
from rest_framework.serializers import Serializer

from dashboards.api.repeating import once_per_key
from exceptions_app.vocabulary import Scope

if TYPE_CHECKING:
    from rest_framework.views import APIView

Method = TypeVar("Method", bound=Callable[..., HttpResponseBase])
Shape = type[Serializer[Any]]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: its name, the scope a token needs, and the shapes that go in and out.

    ``query`` and ``filters`` name the parameters that may be asked; any other is refused, and any without
    a value but those that ``may_be_empty``.
    One that ``gives_version`` answers with an ETag.
    ``example`` is a body, ``example_query`` a query string; together they are shown as a curl line.
    """

    name: str
    scope: Scope | None
    gives: Shape
    status: int = 200
    also: tuple[int, ...] = ()
    asks: Shape | None = None
    query: Shape | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    may_be_empty: tuple[str, ...] = ("after",)
    refuses: tuple[str, ...] = ()
    example: Any = None
    example_query: str = ""
    gives_version: bool = False

    @property
    def heeds_version(self) -> bool:
        """Whether If-Match matters."""
        return self.asks is not None and "version" in self.asks().fields

    def parameters(self) -> set[str]:
        mine = set(self.query().fields) if self.query else set()
        return mine | set(self.filters)


def call(told: Call) -> Callable[[Method], Method]:
    """Mark a method. A write is also taken only once per Idempotency-Key."""

    def mark(method: Method) -> Method:
        marked = once_per_key(method) if method.__name__ == "post" else method
        marked.call = told  # type: ignore[attr-defined]  # the mark
        return marked

    return mark


def call_of(view: "APIView", method: str | None) -> Call | None:
    """What is called here; None if the path does not take this method."""
    found = getattr(view, (method or "").lower(), None)
    return getattr(found, "call", None)
