"""Calendars, targets and the clocks that run on cases."""

from datetime import timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from exceptions_app.errors import Refused
from exceptions_app.people.models import Site, known_zone
from exceptions_app.sla.working_time import Kind, Length
from exceptions_app.vocabulary import ExceptionType, LengthKind, Severity, TargetKind


class Calendar(models.Model):
    """When a site works; its versions say since when which hours and holidays hold."""

    name = models.CharField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """Hours and holidays that hold from a date on, until the next version."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="versions")
    since = models.DateField()
    weekly = models.JSONField(help_text='Weekday to openings: {"mon": [["08:30", "17:00"]], …}')
    holiday_region = models.CharField(
        max_length=12,
        blank=True,
        help_text="Country, or country and region: DE, US-MA. Empty: none",
    )
    holidays = models.JSONField(
        default=dict,
        blank=True,
        help_text='Own holidays: {"2026-12-24": "Christmas Eve"}',
    )
    exceptions = models.JSONField(
        default=dict,
        blank=True,
        help_text='Other hours on a date: {"2026-12-31": [["08:00", "12:00"]]}',
    )

    class Meta:
        ordering = ("calendar_id", "since")
        constraints = (
            models.UniqueConstraint(fields=("calendar", "since"), name="one_version_per_date"),
        )

    def __str__(self) -> str:
        return f"{self.calendar} since {self.since}"


class Target(models.Model):
    """An SLA promise. The most specific match wins; an empty field matches everything (S1)."""

    kind = models.CharField(max_length=12, choices=TargetKind.choices)
    exception_type = models.CharField(max_length=24, choices=ExceptionType.choices, blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices, null=True, blank=True)
    tier = models.CharField(max_length=20, blank=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True)
    length_kind = models.CharField(
        max_length=13, choices=LengthKind.choices, default=LengthKind.WORKING
    )
    amount = models.PositiveIntegerField(
        help_text="Minutes for hours, else days", validators=[MinValueValidator(1)]
    )
    warn_at = models.PositiveSmallIntegerField(
        default=75,
        help_text="Warn when this percentage is used up",
        validators=[MaxValueValidator(99)],
    )

    class Meta:
        ordering = ("kind", "exception_type", "severity", "tier", "site_id")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "exception_type", "severity", "tier", "site"),
                name="one_target_per_match",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} within {self.amount} {self.length_kind}"

    def clean(self) -> None:
        """Refuse a length that no clock could run."""
        if not self.amount:
            return  # which its field has refused already
        try:
            length_of(self)
        except Refused as refusal:
            raise ValidationError({"amount": str(refusal)}) from None


class Clock(models.Model):
    """One case's running instance of a target.

    ``due_at``, ``warn_at``, ``paused``, ``stopped_at``, ``breached_at`` and ``next_at`` are what
    ``sla.clockwork.reckon`` gives for the case's history, stored so that the due ones can be found.
    """

    case = models.ForeignKey("exceptions_app.Case", on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=12, choices=TargetKind.choices)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True)
    length_kind = models.CharField(max_length=13, choices=LengthKind.choices)
    amount = models.PositiveIntegerField()
    warn_percent = models.PositiveSmallIntegerField(default=75)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    paused = models.BooleanField(default=False)
    stopped_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("case_id", "id")
        constraints = (
            models.UniqueConstraint(fields=("case", "kind"), name="one_clock_per_target"),
        )
        indexes = (
            models.Index(
                fields=("next_at",),
                condition=models.Q(next_at__isnull=False),
                name="clock_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_id}"


def length_of(row: Target | Clock) -> Length:
    """How long it is: minutes where a duration is counted, days otherwise."""
    by_minutes = row.length_kind in (LengthKind.WORKING, LengthKind.ELAPSED)
    amount = timedelta(minutes=row.amount) if by_minutes else row.amount
    return Length(cast("Kind", row.length_kind), amount)
