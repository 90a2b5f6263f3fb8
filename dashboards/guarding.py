"""Pages that only some people may see: whoever else asks is told so; what is not theirs does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from dashboards.actor import actor
from exceptions_app.errors import NotFound, NotPermitted
from exceptions_app.people.access import Actor

View = Callable[..., HttpResponseBase]


def only_for(insist: Callable[[Actor], None]) -> Callable[[View], View]:
    """For whom ``insist`` lets pass."""

    def decorated(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                insist(actor(request))
                return view(request, *args, **kwargs)
            except NotPermitted as refusal:
                raise PermissionDenied(str(refusal)) from refusal
            except NotFound as refusal:
                raise Http404(str(refusal)) from refusal

        return guarded

    return decorated
