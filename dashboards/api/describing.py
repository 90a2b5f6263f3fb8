"""The API told as OpenAPI 3.1, from the marks on its methods; and the page to browse it."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import django_filters as filters
from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from dashboards.api.calling import Call, call_of
from dashboards.api.endpoint import WRITES
from dashboards.api.errors import KINDS, MEDIA_TYPE, ProblemDetailsOut
from dashboards.api.repeating import KEY, LONGEST, REPLAYED
from dashboards.api.samples import SAMPLES

#: What stands in for a path's variables in examples; what the demo cannot promise is a variable of the shell.
IN_PATH = {
    "case": "EX-1001",
    "source": "scheduler",
    "external_id": "apt-8812-booked",
    "delivery_id": "$DELIVERY",
    "receipt_id": "$RECEIPT",
    "mapping": "shop",
    "slug": "order.scan_gap",
    "kind": "deal",
}
#: The case of a verb has to stand where the verb is possible.
TO_CHANGE = {**IN_PATH, "case": "$CASE"}
ALWAYS = ("invalid", "not_signed_in", "not_permitted", "failed", "unavailable")
ON_WRITES = (
    "malformed",
    "still_running",
    "length_required",
    "too_large",
    "unsupported_media_type",
    "key_reused",
)
#: What only a write with an Idempotency-Key can meet.
BY_KEY = ("still_running", "key_reused")


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its registry
    target_class = "dashboards.api.signing.Bearer"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "fs_…",
            "description": "A token made with `manage.py make_token`; each call names its scope.",
        }


class Described(AutoSchema):
    """One operation, told from its mark."""

    @property
    def told(self) -> Call:
        found = call_of(self.view, self.method)
        if found is None:
            raise LookupError(f"{self.method} {self.path} has no mark; see calling.call.")
        return found

    def get_operation_id(self) -> str:
        return self.told.name

    def get_tags(self) -> list[str]:
        first = self._tokenize_path()[0]
        return [SECTIONS.get(first, first)]

    def get_summary(self) -> str:
        return self.docs()[0]

    def get_description(self) -> str:  # type: ignore[override]  # as spectacular has it
        scope = self.told.scope
        needs = f"Needs the scope `{scope.value}`." if scope else "Any token may ask this."
        return "\n\n".join(filter(None, (self.docs()[1], needs, f"```sh\n{self.curl()}\n```")))

    def docs(self) -> tuple[str, str]:
        first, _, rest = (getattr(self.view, self.method.lower()).__doc__ or "").partition("\n")
        return first.strip(), re.sub(r"\n[ ]+", "\n", rest).strip()

    def curl(self) -> str:
        """The call as a line for the shell; FLAGSTAND_TOKEN holds the token."""
        named = TO_CHANGE if self.method in WRITES else IN_PATH
        path = re.sub(r"{(\w+)}", lambda found: named.get(found[1], "1"), self.path)
        query = f"?{self.told.example_query}" if self.told.example_query else ""
        parts = [f'curl "{settings.BASE_URL}{path}{query}"']
        parts.append('-H "Authorization: Bearer $FLAGSTAND_TOKEN"')
        if self.method in ("PATCH", "DELETE"):
            parts.append(f"-X {self.method}")
        if self.method in WRITES:
            body = json.dumps(self.told.example or {}, ensure_ascii=False)
            parts += ['-H "Content-Type: application/json"', f"-d {shlex.quote(body)}"]
        return " \\\n  ".join(parts)

    def get_auth(self) -> list[dict[str, Any]]:
        scopes = [self.told.scope.value] if self.told.scope else []
        return [dict.fromkeys(one, scopes) for one in super().get_auth()]

    def get_override_parameters(self) -> list[Any]:
        told = self.told
        found: list[Any] = list(path_parameters(self.path))
        if told.query:
            found.append(told.query)
        found += [parameter_of(name, one) for name, one in told.filters.items()]
        if self.method == "POST":
            found += [idempotency_key(), replayed()]
        if told.heeds_version:
            found.append(if_match())
        if told.gives_version:
            found.append(etag())
        return found

    def get_request_serializer(self) -> Any:
        return self.told.asks

    def get_response_serializers(self) -> Any:
        good = {
            code: OpenApiResponse(self.told.gives, "Done")
            for code in (self.told.status, *self.told.also)
        }
        return good | {
            (str(status), MEDIA_TYPE): OpenApiResponse(
                ProblemDetailsOut,
                "; or ".join(KINDS[code].title.lower() for code in codes).capitalize(),
                [OpenApiExample(code, SAMPLES[code].document()) for code in codes],
            )
            for status, codes in by_status(self.refusals()).items()
        }

    def refusals(self) -> Iterator[str]:
        """The kinds of refusal this call knows."""
        yield from ALWAYS
        if "{" in self.path:
            yield "not_found"
        if self.method in WRITES:
            yield from (code for code in ON_WRITES if self.method == "POST" or code not in BY_KEY)
            if self.told.heeds_version:
                yield "stale"
        yield from self.told.refuses

    def get_examples(self) -> list[OpenApiExample]:
        if self.told.example is None:
            return []
        return [OpenApiExample("An example", self.told.example, request_only=True)]

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return str(type(serializer).__name__).removesuffix("Out")


#: Paths that belong under another heading than their own first word.
SECTIONS = {
    "receipts": "signals",
    "platforms": "connections",
    **dict.fromkeys(("journeys", "thresholds"), "rules"),
    **dict.fromkeys(("me", "sites", "teams", "people", "sources"), "names"),
}


def by_status(codes: Iterator[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code in codes:
        found.setdefault(KINDS[code].status, []).append(code)
    return dict(sorted(found.items()))


def path_parameters(path: str) -> Iterator[OpenApiParameter]:
    """A case goes by its id or its number; the types of other variables are in their path."""
    if "{case}" in path:
        yield OpenApiParameter(
            "case",
            str,
            OpenApiParameter.PATH,
            description="Id or number of the case, such as EX-1001",
        )


def parameter_of(name: str, one: filters.Filter) -> OpenApiParameter:
    """A query parameter as django-filter reads it."""
    many = isinstance(one, filters.MultipleChoiceFilter)
    choices = one.extra.get("choices", ())
    kinds: Sequence[tuple[type, Any]] = (
        (filters.BooleanFilter, bool),
        (filters.NumberFilter, int),
        (filters.IsoDateTimeFilter, {"type": "string", "format": "date-time"}),
    )
    return OpenApiParameter(
        name,
        next((shape for kind, shape in kinds if isinstance(one, kind)), str),
        description=str(one.extra.get("help_text", "")),
        enum=[] if callable(choices) else [str(value) for value, _ in choices],
        many=many,
    )


def idempotency_key() -> OpenApiParameter:
    return OpenApiParameter(
        KEY,
        {"type": "string", "minLength": 1, "maxLength": LONGEST},
        OpenApiParameter.HEADER,
        description="Makes the write safe to repeat: within 24 hours the same key gives the same answer",
    )


def replayed() -> OpenApiParameter:
    return OpenApiParameter(
        REPLAYED,
        str,
        OpenApiParameter.HEADER,
        response=[200, 201],
        description="`true` if this answer was given before",
    )


def if_match() -> OpenApiParameter:
    return OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        description='The version you saw, as its ETag: `"v3"`; refused with `stale` if it changed',
    )


def etag() -> OpenApiParameter:
    return OpenApiParameter(
        "ETag",
        str,
        OpenApiParameter.HEADER,
        response=[200, 201],
        description='The version of the case, such as `"v3"`',
    )
