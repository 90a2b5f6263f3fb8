"""The desk as the story-teller knows it: an address that speaks HTTP, and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

_PATIENCE = 10.0
# The desk is on this machine, or somebody named it; no proxy stands between.
_open = build_opener(ProxyHandler({})).open


class Away(Exception):
    """The desk does not answer, or not as it should; ask again later."""


@dataclass(frozen=True)
class Answer:
    """What the desk said; a refusal is an answer, too."""

    status: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        return self.status < 300


@dataclass(frozen=True)
class Desk:
    """One desk, at one address."""

    base_url: str

    def ask(self, path: str, token: str) -> Answer:
        return self._exchange(Request(self._url(path), headers=_headers(token)))  # noqa: S310

    def tell(self, path: str, body: Any, token: str, *, key: str = "") -> Answer:
        """Post; under the same key the desk does it once."""
        headers = _headers(token) | ({"Idempotency-Key": key} if key else {})
        data = json.dumps(body).encode()
        return self._exchange(Request(self._url(path), data=data, headers=headers))  # noqa: S310

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/api/v1/{path}"

    def _exchange(self, request: Request) -> Answer:
        try:
            with _open(request, timeout=_PATIENCE) as answer:
                return Answer(answer.status, json.load(answer))
        except HTTPError as refusal:
            with refusal:
                return _refused(refusal)
        except (OSError, HTTPException, ValueError) as problem:
            raise Away(str(problem)) from problem


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def _refused(refusal: HTTPError) -> Answer:
    if refusal.code >= 500:
        raise Away(f"HTTP {refusal.code}")
    try:
        return Answer(refusal.code, json.load(refusal))
    except (OSError, HTTPException, ValueError):
        return Answer(refusal.code, {"detail": refusal.reason})
