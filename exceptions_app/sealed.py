"""Secrets at rest: JSON sealed with the newest key of the ring, opened with any."""

import json
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


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
        return None if value is None else json.loads(ring().decrypt(value.encode()))

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else ring().encrypt(json.dumps(value).encode()).decode()

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value else value

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))
