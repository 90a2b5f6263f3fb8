"""What we know: sources, the signals they sent, and the subjects these are about."""

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from exceptions_app.people.models import Site, Team
from exceptions_app.vocabulary import SubjectKind


class Source(models.Model):
    """A system that sends signals."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="Where its subjects are, unless a signal says",
    )
    last_signal_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Subject(models.Model):
    """The thing a promise was made about. What differs by kind is data, not tables."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True)
    kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    reference = models.CharField(max_length=80)
    label = models.CharField(max_length=160, blank=True)
    customer = models.JSONField(default=dict, blank=True)
    tier = models.CharField(max_length=20, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    reports = models.JSONField(
        default=dict,
        blank=True,
        help_text="The last of each watched word a source reported, and when",
    )
    said_at = models.JSONField(
        default=dict,
        blank=True,
        help_text="When each fact was said that a signal about a later time may say otherwise",
    )
    promised_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    last_signal_at = models.DateTimeField(null=True, blank=True)
    next_look_at = models.DateTimeField(null=True, blank=True)
    imported = models.BooleanField(
        default=False, help_text="Known from replayed history only; asleep until a live signal"
    )

    class Meta:
        ordering = ("-last_signal_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("site", "kind", "reference"), name="one_subject_per_reference"
            ),
        )
        indexes = (
            models.Index(
                fields=("imported", "next_look_at"),
                condition=models.Q(next_look_at__isnull=False),
                name="subject_due_a_look",
            ),
            models.Index(fields=("site", "-last_signal_at", "-id"), name="subject_by_last_signal"),
            models.Index(
                fields=("reference",),
                name="subject_reference",
                opclasses=("varchar_pattern_ops",),
            ),
            BrinIndex(fields=("opened_at",), name="subject_opened_brin"),
            models.Index(
                fields=("promised_at",),
                condition=models.Q(ended_at__isnull=True, promised_at__isnull=False),
                name="subject_open_promise",
            ),
        )

    def __str__(self) -> str:
        return self.label or self.reference


class Receipt(models.Model):
    """What became of one accepted post, item by item."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    received_at = models.DateTimeField()
    actor_name = models.CharField(max_length=120)
    actor_id = models.CharField(max_length=40, blank=True)
    stored = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    conflict = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    items = models.JSONField(default=list)

    class Meta:
        ordering = ("-received_at",)

    def __str__(self) -> str:
        return str(self.id)


class Signal(models.Model):
    """One fact received from a source; never changed."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    external_id = models.CharField(max_length=120)
    type = models.CharField(max_length=60)
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, null=True, related_name="signals"
    )
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    digest = models.CharField(max_length=32)
    body = models.JSONField()
    receipt = models.ForeignKey(
        Receipt, on_delete=models.PROTECT, null=True, related_name="signals"
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("source", "external_id"), name="signal_stored_once"),
        )
        indexes = (
            models.Index(
                fields=("received_at",),
                condition=models.Q(type__endswith=".asked"),
                name="signal_asked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.external_id}"


class Milestone(models.Model):
    """An expected step of a subject, planned and actual."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField(max_length=40)
    expected_at = models.DateTimeField(null=True, blank=True)
    actual_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField()

    class Meta:
        ordering = ("subject_id", "id")
        constraints = (
            models.UniqueConstraint(fields=("subject", "name"), name="milestone_once_per_subject"),
        )

    def __str__(self) -> str:
        return self.name


class Promise(models.Model):
    """What the customer was told, and each revision of it; the newest ``said_at`` holds."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="promises")
    promised_at = models.DateTimeField()
    said_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("subject_id", "said_at", "id")

    def __str__(self) -> str:
        return f"{self.promised_at:%Y-%m-%d %H:%M}Z"
