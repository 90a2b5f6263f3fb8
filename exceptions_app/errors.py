"""What the desk refuses, each as a sentence fit to show.

DeskError
├── Refused        what was sent cannot be taken; names the field
├── NotAllowedNow  the case may not move that way from where it stands
├── Stale          somebody changed it since you looked; says what changed
├── NotPermitted   your role does not cover this
└── NotFound       there is no such thing, or not for you
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from psycopg.errors import UniqueViolation


class DeskError(Exception):
    """A foreseen refusal. ``str()`` is the sentence; ``details`` is for machines."""

    code = "refused"

    def __init__(self, sentence: str, **details: object) -> None:
        super().__init__(sentence)
        self.details = details


class Refused(DeskError):
    """Input that cannot be taken; ``fields`` maps a field to its reason."""

    code = "invalid"

    def __init__(self, sentence: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence, fields=dict(fields or {}))
        self.fields = dict(fields or {})

    @classmethod
    def about(cls, field: str, sentence: str) -> "Refused":
        """What is wrong with one field, which is all that is wrong."""
        return cls(sentence, {field: sentence})

    @classmethod
    def misplaced(cls) -> "Refused":
        """A list is to be read on from where it has no place."""
        told = "This place in the list cannot be read. Start again from the first page."
        return cls.about("after", told)


class NotAllowedNow(DeskError):
    code = "not_allowed_now"


class Stale(DeskError):
    code = "stale"


class NotPermitted(DeskError):
    code = "not_permitted"


class NotFound(DeskError):
    code = "not_found"


@contextmanager
def refusing(taken: str, name: str) -> Iterator[None]:
    """What Django or the database finds wrong with a row; ``taken`` says that another has its ``name``."""
    try:
        yield
    except ValidationError as refusal:
        told = {field: " ".join(about) for field, about in refusal.message_dict.items()}
        wrong = {field: taken if "already exists" in why else why for field, why in told.items()}
        raise Refused(" ".join(wrong.values()), wrong) from None
    except IntegrityError as clash:
        if not isinstance(clash.__cause__, UniqueViolation):
            raise
        raise Refused.about(name, taken) from None
