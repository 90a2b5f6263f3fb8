"""Every refusal of the API as one kind of document: RFC 9457, ``application/problem+json``."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InternalError, OperationalError
from django.http import Http404
from psycopg.errors import ReadOnlySqlTransaction
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from exceptions_app.errors import DeskError, Refused, Stale

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("desk.api")


@dataclass(frozen=True)
class Kind:
    """A kind of refusal: its status, and what it is called."""

    status: int
    title: str


#: The last part of a document's ``type``; these stay as they are.
KINDS: Mapping[str, Kind] = {
    "invalid": Kind(400, "Some of it cannot be taken"),
    "refused": Kind(400, "This cannot be done"),
    "malformed": Kind(400, "The body cannot be read"),
    "not_signed_in": Kind(401, "Nobody is signed in"),
    "not_permitted": Kind(403, "Not permitted"),
    "not_found": Kind(404, "Not found"),
    "method_not_allowed": Kind(405, "This path does not take that method"),
    "incomplete": Kind(408, "It did not come whole"),
    "not_allowed_now": Kind(409, "Not possible as it stands"),
    "stale": Kind(409, "Changed since you looked"),
    "conflict": Kind(409, "Stored before with other content"),
    "still_running": Kind(409, "The first request is still running"),
    "length_required": Kind(411, "The length is missing"),
    "too_large": Kind(413, "The body is too large"),
    "unsupported_media_type": Kind(415, "Send JSON"),
    "key_reused": Kind(422, "The key stands for another request"),
    "failed": Kind(500, "Something broke here"),
    "unavailable": Kind(503, "Not available for a moment"),
}


def urn(code: str) -> str:
    """The ``type`` of a problem document; whatever is no kind of ours is a refusal."""
    return f"urn:flagstand:problem:{code if code in KINDS else 'refused'}"


@dataclass(frozen=True)
class Refusal:
    """What a problem document says: ``errors`` maps a field to its reason, "" is the whole body."""

    code: str
    detail: str
    errors: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return KINDS[self.code].status

    def document(self) -> dict[str, Any]:
        kind = KINDS[self.code]
        told: dict[str, Any] = {
            "type": urn(self.code),
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
        }
        if self.errors:
            told["errors"] = dict(self.errors)
        return {**told, **self.more}

    def response(self) -> Response:
        return Response(
            self.document(),
            status=self.status,
            headers=dict(self.headers),
            content_type=MEDIA_TYPE,
        )


class ProblemDetailsOut(serializers.Serializer[Refusal]):
    """Why a request was refused; served as ``application/problem+json``."""

    type = serializers.CharField(help_text="Which kind of refusal; a stable URN")
    title = serializers.CharField(help_text="The kind in a few words")
    status = serializers.IntegerField(help_text="The HTTP status")
    detail = serializers.CharField(help_text="What is wrong, as a sentence fit to show")
    errors = serializers.DictField(  # type: ignore[assignment]  # DRF takes the attribute for a field
        child=serializers.CharField(),
        required=False,
        help_text="Field to reason; the empty name is the whole body",
    )
    version = serializers.IntegerField(
        required=False, help_text="With `stale`: the version that holds now"
    )
    receipt = serializers.UUIDField(
        required=False, help_text="With a refused signal: the receipt that says so"
    )


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


class Encoded(exceptions.APIException):
    status_code = 415
    default_code = "encoded"


class LengthRequired(exceptions.APIException):
    status_code = 411
    default_code = "length_required"


#: DRF's word for a refusal, where ours differs.
CODES = {
    "parse_error": "malformed",
    "encoded": "unsupported_media_type",
    "not_authenticated": "not_signed_in",
    "authentication_failed": "not_signed_in",
    "permission_denied": "not_permitted",
}
SENTENCES = {
    "not_authenticated": "Send a token as “Authorization: Bearer fs_…”, or sign in to the desk.",
    "unsupported_media_type": "Send the body as JSON, with “Content-Type: application/json”.",
}


def on_exception(error: Exception, _: Mapping[str, Any]) -> Response:
    """DRF's one exception handler."""
    return refusal_of(error).response()


@singledispatch
def refusal_of(error: Exception) -> Refusal:
    _log.error("failed", exc_info=error)
    return Refusal(
        "failed",
        "It has been logged under the X-Request-ID of this answer. Tell an administrator if it stays.",
    )


@refusal_of.register
def _(error: DeskError) -> Refusal:
    code = error.code if error.code in KINDS else "refused"
    errors = error.fields if isinstance(error, Refused) else {}
    known = error.details if isinstance(error, Stale) else {}
    more = {name: value for name, value in known.items() if name == "version"}
    return Refusal(code, str(error), errors, more)


@refusal_of.register
def _(error: exceptions.ValidationError) -> Refusal:
    errors = dict(flat(error.detail))
    name, reason = next(iter(errors.items()))
    return Refusal("invalid", f"{name}: {reason}" if name else reason, errors)


@refusal_of.register
def _(error: exceptions.APIException) -> Refusal:
    code = CODES.get(error.default_code, error.default_code)
    headers = {}
    if header := getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = str(header)
    return Refusal(
        code if code in KINDS else "refused",
        SENTENCES.get(error.default_code, str(error.detail)),
        headers=headers,
    )


@refusal_of.register
def _(_error: Http404) -> Refusal:
    return Refusal("not_found", "There is no such thing here.")


@refusal_of.register
def _(error: PermissionDenied) -> Refusal:
    return Refusal("not_permitted", str(error) or "You may not do this.")


@refusal_of.register
def _(error: InternalError) -> Refusal:
    """A database that takes no changes is away, too; whatever else this is, is a fault of ours."""
    if isinstance(error.__cause__, ReadOnlySqlTransaction):
        return refusal_of(OperationalError(*error.args))
    return refusal_of.dispatch(Exception)(error)


@refusal_of.register
def _(error: OperationalError) -> Refusal:
    _log.error("the database failed: %s", " ".join(str(error).split()))
    return Refusal(
        "unavailable",
        "The database did not answer, and nothing was changed. Ask again.",
        headers={"Retry-After": "2"},
    )


def flat(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested errors as pairs: the path to the field with dots, and the sentences about it."""
    if isinstance(detail, Mapping):
        for inner, about in detail.items():
            here = "" if inner == "non_field_errors" else str(inner)
            yield from flat(about, ".".join(filter(None, (name, here))))
    elif any(isinstance(one, Mapping) for one in detail):
        for index, one in enumerate(detail):
            yield from flat(one, f"{name}.{index}".lstrip("."))
    elif detail:
        yield name, " ".join(map(str, [detail] if isinstance(detail, str) else detail))
