"""A write with an Idempotency-Key is done once, and answered the same however often it is sent (A2)."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from exceptions_app.people import replies
from exceptions_app.people.replies import Reply, Write

Method = TypeVar("Method", bound=Callable[..., HttpResponseBase])

KEY = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST = 255
#: Headers of an answer that belong to what was done.
KEPT = ("ETag", "Location")


def once_per_key(method: Method) -> Method:
    """Let the method run once per key and actor; without a key, every time."""

    @wraps(method)
    def post(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if KEY not in request.headers:
            return method(self, request, *args, **kwargs)
        reply, repeated = replies.once(
            Write(self.by, key_of(request), digest_of(request)),
            at=timezone.now(),
            act=lambda: kept(cast("Response", method(self, request, *args, **kwargs))),
        )
        return sent(reply, repeated=repeated)

    return cast("Method", post)


def key_of(request: Request) -> str:
    key = request.headers[KEY].strip()
    if not 0 < len(key) <= LONGEST:
        raise ValidationError({KEY: [f"Must be 1 to {LONGEST} characters; a UUID is a good key."]})
    return key


def digest_of(request: Request) -> str:
    """What is asked: another path, version or body under the same key is another write."""
    _ = request.data  # reads the body, which the parser then keeps
    raw: bytes = (request.parser_context or {}).get("raw", b"")
    asked = (request.get_full_path(), request.headers.get("If-Match", ""))
    return hashlib.sha256("\n".join(asked).encode() + b"\n" + raw).hexdigest()


def kept(answer: Response) -> Reply:
    return Reply(
        answer.status_code,
        JSONRenderer().render(answer.data).decode(),
        answer.content_type or "application/json",
        {name: answer[name] for name in KEPT if name in answer},
    )


def sent(reply: Reply, *, repeated: bool) -> HttpResponse:
    answer = HttpResponse(reply.text, status=reply.status, content_type=reply.media_type)
    for name, value in reply.headers.items():
        answer[name] = value
    if repeated:
        answer[REPLAYED] = "true"
    return answer
