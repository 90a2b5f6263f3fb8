"""Logs as JSON lines on stderr, each with the id of the request it belongs to."""

import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from connectors.redaction import Redactor

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ADDRESSES = Redactor(())
_log = structlog.stdlib.get_logger("desk.request")
_STEPS: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    lambda _, __, line: _without_traces(line),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def settings(*, level: str) -> dict[str, Any]:
    """Give Django's LOGGING, for our own loggers and everybody else's alike."""
    structlog.configure(
        processors=[*_STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _STEPS,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _without_colours,
                    structlog.processors.JSONRenderer(default=str),
                    _without_addresses,
                ],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"django": {"handlers": [], "propagate": True}},
    }


def _without_colours(
    _: structlog.types.WrappedLogger, __: str, line: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Uvicorn says everything twice, once for a coloured terminal."""
    line.pop("color_message", None)
    return line


def _without_traces(line: structlog.types.EventDict) -> structlog.types.EventDict:
    """Whoever is refused is no fault of ours; a real one would drown."""
    if line.get("status_code") in range(400, 500):
        line.pop("exc_info", None)
    return line


def _without_addresses(_: structlog.types.WrappedLogger, __: str, line: str) -> str:
    """Django names the path of what it refuses; whoever knows such an address may call it."""
    return _ADDRESSES(line)


class RequestLog:
    """One line per request, and its id on everything logged meanwhile and in the answer."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.headers.get(HEADER, "")
        request_id = asked if _SANE.fullmatch(asked) else uuid4().hex
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            answer = self.answer(request)
            if request.resolver_match:
                _log.info("answered", **_facts(request, answer, time.perf_counter() - began))
        answer.headers[HEADER] = request_id
        # What somebody saw who was signed in is in no cache when they have left.
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def _facts(request: HttpRequest, answer: HttpResponseBase, seconds: float) -> dict[str, object]:
    # The route and not the path: paths of hooks and status pages carry secrets.
    route = request.resolver_match.route if request.resolver_match else ""
    session = getattr(request, "session", None)
    who = session.get(SESSION_KEY) if session is not None and session.accessed else None
    return {
        "method": request.method,
        "route": route,
        "status": answer.status_code if isinstance(answer, HttpResponse) else 200,
        "ms": round(seconds * 1000, 1),
        "user": who,
    }
