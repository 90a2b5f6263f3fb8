"""What we know: the signals that sources sent, and the subjects these are about."""

import uuid

from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.db import models
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Upper

from exceptions_app.people.models import Site, Team
from exceptions_app.subjects.attributes import IDENTIFYING
from exceptions_app.subjects.source_models import Source as Source
from exceptions_app.vocabulary import Outcome, SubjectKind


class Subject(models.Model):
    """The thing a promise was made about. What differs by kind is data, not tables."""

    # Found by the first column of other indexes, as are source and subject below; one less to write.
    site = models.ForeignKey(Site, on_delete=models.PROTECT, db_index=False)
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
    particulars = models.JSONField(
        default=dict,
        blank=True,
        help_text="What only some kinds have: plans of a visit, documents, parcels, what each said",
    )
    promised_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    last_signal_at = models.DateTimeField(null=True, blank=True)
    next_look_at = models.DateTimeField(null=True, blank=True)
    imported = models.BooleanField(
        default=False, help_text="Known from replayed history only; asleep until a live signal"
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        help_text="Whoever told of it last",
    )
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When that happened, as the source says"
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
            models.Index(
                KeyTextTransform("technician", "attributes"),
                "site",
                condition=models.Q(kind="appointment", ended_at__isnull=True),
                name="subject_technician",
            ),
            *(
                models.Index(
                    OpClass(Upper(KeyTextTransform(name, "attributes")), name="text_pattern_ops"),
                    condition=models.Q(attributes__has_key=name),
                    name=f"subject_{name}",
                )
                for name in IDENTIFYING
            ),
            GinIndex(
                KeyTransform("parcels", "particulars"),
                condition=models.Q(particulars__has_key="parcels"),
                name="subject_parcels",
                fastupdate=False,
            ),
        )

    def __str__(self) -> str:
        return self.label or self.reference


class Receipt(models.Model):
    """What became of one accepted post, item by item; what ``intake.why`` can find out again is left out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    received_at = models.DateTimeField()
    actor_name = models.CharField(max_length=120)
    actor_id = models.CharField(max_length=40, blank=True)
    stored = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    conflict = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    items = models.JSONField(default=list)
    policy = models.PositiveIntegerField(
        default=0, help_text="The version of the rules that looked at its signals"
    )
    history = models.BooleanField(
        default=False, help_text="Replayed: each signal was heard as of when it occurred"
    )

    class Meta:
        ordering = ("-received_at",)

    def __str__(self) -> str:
        return str(self.id)


class Signal(models.Model):
    """One fact received from a source; never changed."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
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
        Receipt, on_delete=models.PROTECT, null=True, related_name="signals", db_index=False
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place in the post")

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


class RefusedSignal(models.Model):
    """What was sent and not taken, as it was sent, until somebody mends it or a month has passed (I7)."""

    received_at = models.DateTimeField(help_text="The last time it was sent")
    times = models.PositiveIntegerField(default=1)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    field = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500)
    source = models.CharField(max_length=50, blank=True, help_text="As it was named")
    external_id = models.CharField(max_length=120, blank=True)
    type = models.CharField(max_length=60, blank=True)
    site = models.ForeignKey(
        Site,
        on_delete=models.CASCADE,
        null=True,
        help_text="If it is known, and the sender may send for it",
    )
    actor_name = models.CharField(max_length=120)
    actor_id = models.CharField(max_length=40, blank=True)
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, null=True, db_index=False)
    body = models.TextField(help_text="JSON; empty if it was too large to keep")
    key = models.CharField(max_length=32, help_text="The digest of who sent what")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=120, blank=True)
    put_away = models.CharField(
        max_length=300, blank=True, help_text="Why it need not be taken; empty if it was"
    )

    class Meta:
        ordering = ("-received_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("key",),
                condition=models.Q(settled_at__isnull=True),
                name="refused_signal_waits_once",
            ),
        )
        indexes = (
            models.Index(fields=("-received_at", "-id"), name="refused_by_time"),
            models.Index(fields=("source", "external_id"), name="refused_by_name"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}".strip() or f"refused {self.pk}"

    @property
    def is_call(self) -> bool:
        """Whether it is what a source's vendor sent, and nobody could read: no signal, so no receipt."""
        return self.receipt_id is None


class Milestone(models.Model):
    """An expected step of a subject, planned and actual."""

    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="milestones", db_index=False
    )
    name = models.CharField(max_length=40)
    expected_at = models.DateTimeField(null=True, blank=True)
    actual_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField()
    planned_at = models.DateTimeField(
        null=True, blank=True, help_text="When the expected time was said"
    )

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
