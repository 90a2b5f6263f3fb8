"""What every shape of the API is made of: input that refuses what it does not know, and lists in pages."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from rest_framework import serializers

from dashboards.api.paging import MOST, USUAL
from exceptions_app.vocabulary import Severity

T = TypeVar("T")
#: As DRF formats them, with doubled braces.
NO_OBJECT, NO_LIST = "Must be a JSON object, such as {{}}.", "Must be a JSON list, such as []."
#: Near the ends of the calendar, adding hours to a time overflows.
YEARS = range(1970, 2200)
SEVERITIES = [one.slug for one in Severity]


def told(shape: type[serializers.Serializer[T]], rows: Iterable[T]) -> list[dict[str, Any]]:
    """Each row in that shape."""
    read = shape()
    return [dict(read.to_representation(row)) for row in rows]


class JsonObject(serializers.DictField):
    default_error_messages = {"not_a_dict": NO_OBJECT}


class JsonList(serializers.ListField):
    default_error_messages = {"not_a_list": NO_LIST}


class Asked(serializers.Serializer[None]):
    """Input. A field that nobody reads is a mistake of the sender, and is named."""

    default_error_messages = {"invalid": NO_OBJECT}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                known = ", ".join(self.fields)
                told = f"Unknown field. Use {known}." if known else "Unknown field. Leave it out."
                raise serializers.ValidationError({str(name): [told] for name in unknown})
        return super().to_internal_value(data)


class Paged(Asked):
    """A stretch of a list."""

    after = serializers.CharField(
        required=False,
        default="",
        max_length=1000,
        help_text="Where the page before ended; it is in that page's `next`",
    )
    limit = serializers.IntegerField(
        required=False, default=USUAL, min_value=1, max_value=MOST, help_text="How many at most"
    )


class PageOut(serializers.Serializer[Any]):
    """A page of a list; ``next`` is the address of the next one, null at the end."""

    next = serializers.URLField(allow_null=True)


class Instant(serializers.DateTimeField):
    """A time with its zone; one without is refused and not guessed."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            at = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise serializers.ValidationError(
                "Must be an ISO 8601 time such as 2026-11-21T09:30:00+01:00."
            ) from None
        if at.tzinfo is None:
            raise serializers.ValidationError("Must say its time zone, such as …+01:00 or …Z.")
        if at.year not in YEARS:
            raise serializers.ValidationError(f"Must be a year from {YEARS[0]} to {YEARS[-1]}.")
        return at.astimezone(UTC)


class OneOf(serializers.ChoiceField):
    """A choice whose refusal says what there is to choose from."""

    def fail(self, key: str, **given: Any) -> NoReturn:
        if key != "invalid_choice":
            super().fail(key, **given)
        known = ", ".join(str(one) for one in self.choices)
        raise serializers.ValidationError(f"Must be one of {known}.")


class SeverityField(OneOf):
    """A severity by its word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SEVERITIES, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return Severity.named(super().to_internal_value(data))

    def to_representation(self, value: Any) -> str:
        return Severity(value).slug


class OrNull(serializers.CharField):
    """Text that the rows leave empty where there is nothing; programs get null."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, **kwargs)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]  # null is the point
        return value or None
