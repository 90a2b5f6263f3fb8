"""What refusals look like, said once in the description of the API and referred to by every call."""

import json
from collections.abc import Mapping
from typing import Any

from dashboards.api.errors import Refusal
from exceptions_app.intake.accept import USED

#: What a refusal of each kind may say.
SAMPLES: Mapping[str, Refusal] = {
    code: Refusal(code, detail, **more)
    for code, detail, more in (
        (
            "invalid",
            "cause: This field is required.",
            {"errors": {"cause": "This field is required."}},
        ),
        ("malformed", "The body is not JSON: Expecting value: line 1 column 1 (char 0).", {}),
        (
            "not_signed_in",
            "Send a token as “Authorization: Bearer fs_…”, or sign in to the desk.",
            {},
        ),
        (
            "not_permitted",
            "The token “Story-teller” lacks the scope cases:write. Use one that has it.",
            {},
        ),
        ("not_found", "There is no such case, or it is at a site you do not work for.", {}),
        (
            "not_allowed_now",
            "EX-1001 is resolved; you cannot acknowledge it now. Reopen it first.",
            {},
        ),
        ("stale", "Ana acknowledged it since you looked.", {"more": {"version": 4}}),
        (
            "conflict",
            f"external_id: {USED}",
            {"errors": {"external_id": USED}},
        ),
        ("still_running", "The first request with this Idempotency-Key is still running.", {}),
        ("length_required", "Send the body with a Content-Length, not in chunks.", {}),
        ("too_large", "Send at most 5 MB at once; split it into several posts.", {}),
        ("unsupported_media_type", "Send the body as JSON.", {}),
        ("key_reused", "This Idempotency-Key was used for another request.", {}),
        ("failed", "It has been logged under the X-Request-ID of this answer.", {}),
        ("unavailable", "The database did not answer, and nothing was changed. Ask again.", {}),
    )
}


def shared_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Move refusals that many calls share to the components: half the size, and one type for clients."""
    shared: dict[str, Any] = {}
    names: dict[str, str] = {}
    for path in result["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    said = json.dumps(answer, sort_keys=True)
                    name = names.setdefault(said, named(status, names))
                    shared[name] = answer
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    result["components"]["responses"] = shared
    return result


def named(status: str, taken: Mapping[str, str]) -> str:
    """Refused409, Refused409B and so on, as they come."""
    same = sum(name.startswith(f"Refused{status}") for name in taken.values())
    return f"Refused{status}" + (chr(ord("A") + same) if same else "")
