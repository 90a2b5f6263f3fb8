"""What is answered when the desk has failed: a page that asks the database nothing."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def failed(_: HttpRequest) -> HttpResponse:
    """Name the request, by which its trace is found in the log."""
    known = structlog.contextvars.get_contextvars()
    return HttpResponse(render_to_string("500.html", known), status=500)
