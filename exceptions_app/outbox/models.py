"""What is owed outside: connections, deliveries, attempts and links."""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from exceptions_app.people.models import Site
from exceptions_app.sealed import SealedJSONField
from exceptions_app.vocabulary import DeliveryState, Fate, Operation


class Connection(models.Model):
    """One configured account on a platform; only its connector can read the settings."""

    platform = models.SlugField()
    name = models.CharField(max_length=80, unique=True)
    site = models.ForeignKey(
        Site,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text="Only cases of this site; empty: every site",
    )
    settings = SealedJSONField(default=dict, blank=True)
    sandbox = models.BooleanField(
        default=False, help_text="Send to the built-in sandbox instead of the platform"
    )
    enabled = models.BooleanField(default=True)
    succeeded_at = models.DateTimeField(null=True, blank=True, editable=False)
    failed_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)
    #: What somebody who is about to change it has seen of it.
    seen: dict[str, Any] | None = None

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Gate(models.Model):
    """How a connection may be used now; written by workers only, see ``gates``."""

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="gate"
    )
    budget_at = models.DateTimeField(
        help_text="When the requests so far would be due, evenly paced"
    )
    free_at = models.DateTimeField(help_text="When the next request is within the budget")
    held_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row")
    opened_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when the circuit is open"
    )

    def __str__(self) -> str:
        return f"Gate of {self.connection_id}"


class Delivery(models.Model):
    """One outbound operation, owed since the transaction that made it necessary."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    position = models.BigIntegerField(unique=True, editable=False, help_text="Order of owing")
    # Their indexes are below, in an order; plain ones beside them would be taken for a claim.
    case = models.ForeignKey(
        "exceptions_app.Case", on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    operation = models.CharField(max_length=8, choices=Operation.choices)
    key = models.CharField(
        max_length=120,
        unique=True,
        help_text="The intent; the same intent is owed once",
    )
    text = models.TextField(blank=True)
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    reason = models.CharField(max_length=500, blank=True)
    owed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    token = models.PositiveIntegerField(
        default=0, help_text="Fencing token of the claim that holds it"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("position",)
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(
                fields=("case", "connection"),
                condition=Q(operation=Operation.CREATE)
                & Q(state__in=("waiting", "sending", "sent", "uncertain")),
                name="one_record_per_case_and_connection",
            ),
        )
        indexes = (
            models.Index(
                fields=("connection", "due_at", "position"),
                condition=Q(state__in=("waiting", "sending")),
                name="delivery_due",
            ),
            models.Index(
                fields=("case", "connection", "position"),
                condition=Q(state__in=("waiting", "sending")),
                name="delivery_in_line",
            ),
            models.Index(
                fields=("-position",),
                condition=Q(state__in=("dead", "uncertain")),
                name="delivery_troubled",
            ),
            models.Index(fields=("connection", "-position"), name="delivery_log"),
            models.Index(fields=("case", "position"), name="delivery_of_case"),
        )

    def __str__(self) -> str:
        return f"{self.operation} {self.id}"


class Withheld(models.Model):
    """What would have been owed for a case in quarantine, and what became of it on release."""

    case = models.ForeignKey(
        "exceptions_app.Case", on_delete=models.PROTECT, related_name="withheld"
    )
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="withheld")
    operation = models.CharField(max_length=8, choices=Operation.choices)
    key = models.CharField(max_length=120, unique=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    fate = models.CharField(max_length=9, choices=Fate.choices, default=Fate.WITHHELD)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "withheld"

    def __str__(self) -> str:
        return f"{self.operation} {self.case_id}"


class Attempt(models.Model):
    """One try at a delivery, redacted."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    method = models.CharField(max_length=8, blank=True)
    url = models.CharField(max_length=500, blank=True)
    request = models.TextField(blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True)
    verdict = models.CharField(max_length=500)
    ok = models.BooleanField()

    class Meta:
        ordering = ("delivery_id", "id")

    def __str__(self) -> str:
        return self.verdict


class Link(models.Model):
    """A case's counterpart on a platform."""

    case = models.ForeignKey("exceptions_app.Case", on_delete=models.PROTECT, related_name="links")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="links")
    external_id = models.CharField(max_length=200)
    url = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=60, blank=True)
    linked_at = models.DateTimeField()
    checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last compared with the record there"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case", "connection"), name="one_link_per_connection"),
        )
        indexes = (
            models.Index(fields=("connection", "external_id"), name="link_by_external_id"),
            models.Index(
                F("connection"), F("checked_at").asc(nulls_first=True), name="link_by_check"
            ),
        )

    def __str__(self) -> str:
        return self.external_id


class Heartbeat(models.Model):
    """That a worker or a clocks loop is alive, and when it last said so."""

    name = models.CharField(max_length=20)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("name", "host", "pid"), name="one_heartbeat_per_process"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"
