"""From how many on many at once are one event, where staff say otherwise than is shipped (L5)."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from exceptions_app.vocabulary import ExceptionType, Shared


@dataclass(frozen=True)
class Limit:
    """From how many cases, opened within which time, it is one event; None: never."""

    more_than: int | None = 10
    within: timedelta = timedelta(minutes=30)


class MassLimit(models.Model):
    """From how many cases of one type with something in common one event is made of them (L5)."""

    shared = models.CharField("in common", max_length=8, choices=Shared.choices)
    exception_type = models.CharField(
        max_length=24, choices=ExceptionType.choices, blank=True, help_text="Empty: every type"
    )
    more_than = models.PositiveSmallIntegerField(default=10, validators=[MinValueValidator(1)])
    minutes = models.PositiveSmallIntegerField(
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 60)],
        help_text="Opened within so many minutes",
    )
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ("shared", "exception_type")
        constraints = (
            models.UniqueConstraint(
                fields=("shared", "exception_type"), name="one_limit_per_type_and_trait"
            ),
        )

    def __str__(self) -> str:
        what = self.get_exception_type_display() or "every type"
        return f"{what}, same {self.get_shared_display()}: more than {self.more_than}"


def limits_now() -> dict[tuple[str, str], Limit]:
    """What staff set, by what is shared and type; the shipped limit holds for the rest."""
    found = {}
    for row in MassLimit.objects.all():
        limit = Limit(row.more_than if row.enabled else None, timedelta(minutes=row.minutes))
        found[row.shared, row.exception_type] = limit
    return found
