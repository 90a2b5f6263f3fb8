"""Secrets at rest: JSON sealed with the newest key of the ring, opened with any."""

import json
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

LACKING = (
    "Its secrets are sealed with a key that FLAGSTAND_KEYS lacks. "
    "Put that key back, or type them again."
)


class Unopened(dict[str, Any]):
    """What no key of the ring opens: empty to whoever reads it, and written back as it was sealed."""

    def __init__(self, sealed: str) -> None:
        super().__init__()
        self.sealed = sealed


def unreadable(settings: object) -> str:
    """Why these cannot be used, or nothing."""
    return LACKING if isinstance(settings, Unopened) else ""


def ring() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FLAGSTAND_KEYS])


# A column of text; to whoever sets and reads it, JSON.
if TYPE_CHECKING:
    Held = models.JSONField
else:
    Held = models.TextField


class SealedJSONField(Held):
    """A JSON object that the database only ever sees encrypted."""

    def from_db_value(self, value: str | None, *_: object) -> Any:
        if value is None:
            return None
        try:
            return json.loads(ring().decrypt(value.encode()))
        except InvalidToken:
            return Unopened(value)

    def get_prep_value(self, value: Any) -> str | None:
        if isinstance(value, Unopened):
            return value.sealed
        return None if value is None else ring().encrypt(json.dumps(value).encode()).decode()

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value else value

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))
