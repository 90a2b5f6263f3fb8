"""Two addresses for whoever watches the processes: is it alive, may it be sent people."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from config import diagnosis
from exceptions_app.outbox import queue


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process answers at all; nothing else is asked."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 503 while this process cannot serve; a quiet worker elsewhere is told, not punished."""
    database = diagnosis.database()
    body: dict[str, Any] = {"ready": database.fine, "database": database.says}
    if database.fine:
        body |= _elsewhere()
    return JsonResponse(body, status=200 if body["ready"] else 503)


def _elsewhere() -> dict[str, Any]:
    at = timezone.now()
    try:
        overdue = queue.oldest_due(at)
        silent = {name: diagnosis.is_silent(name, at) for name in diagnosis.SILENT}
    except DatabaseError:
        return {"ready": False}
    return {
        "oldest_due_seconds": overdue.total_seconds() if overdue else 0,
        "silent": [name for name, is_silent in silent.items() if is_silent],
    }
