"""Bodies on the wire: JSON of a limited size in, JSON out whatever was asked for."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from dashboards.api.errors import Encoded, LengthRequired, TooLarge
from exceptions_app.intake.fields import whole

LARGEST = 5 * 1024 * 1024


class Json(BaseParser):
    """Strict JSON. What was read stays in the parser context as ``raw``, for those who compare bodies."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        context: dict[str, Any] = parser_context if isinstance(parser_context, dict) else {}
        context["raw"] = raw = stream.read()
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError:
            return slowly(raw)


def slowly(raw: bytes) -> Any:
    """The same by Python, which says in words what is wrong, and takes other encodings of Unicode."""
    try:
        return json.loads(raw, parse_constant=no_number, parse_int=whole)
    except RecursionError:
        raise ParseError("The JSON is nested too deeply.") from None
    except ValueError as error:
        raise ParseError(f"The body is not JSON: {error}.") from None


def no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def insist_on_size(request: Request) -> None:
    """Refuse a body before it is read: too large, packed, or of a length nobody knows."""
    packed = request.headers.get("Content-Encoding", "").strip().lower()
    if packed not in ("", "identity"):
        raise Encoded("Send the body as it is, without Content-Encoding: nothing is unpacked here.")
    if "chunked" in request.headers.get("Transfer-Encoding", ""):
        raise LengthRequired("Send the body with a Content-Length, not in chunks.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        raise TooLarge(f"Send at most {LARGEST // 2**20} MB at once; split it into several posts.")


class Only(BaseContentNegotiation):
    """There is one representation; an Accept header changes nothing."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        kind = str(request.content_type).partition(";")[0].strip().lower()
        return next((one for one in parsers if one.media_type == kind), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)
