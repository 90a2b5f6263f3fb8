"""What connectors keep: access tokens, and what the sandbox has been sent; nothing of the desk itself."""

from hashlib import sha256

from django.db import models
from django.utils.translation import gettext_lazy as _

from exceptions_app.errors import Refused
from exceptions_app.models import Connection, Source
from exceptions_app.sealed import SealedJSONField

LONGEST_NAME = 200
#: Whoever was killed over a call so often would be again.
MOST_TRIES = 3


def name_of(event_id: str) -> str:
    """A call's name as it can be kept; of two that are too long and begin alike, each has its own."""
    name = event_id.encode(errors="replace").decode().replace("\x00", "?")
    return name if len(name) <= LONGEST_NAME else sha256(name.encode()).hexdigest()


class AccessToken(models.Model):
    """A token that a platform gave for a connection, shared by all processes."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, primary_key=True)
    sealed = SealedJSONField(default=dict)
    made_of = models.CharField(
        max_length=64, blank=True, help_text="Digest of what it was asked with"
    )
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Token of {self.connection_id}"


class HookCall(models.Model):
    """A call of a platform or of a source's vendor, kept before it was answered; the same call is kept
    once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        HELD = "held", _("held until its subject is known")
        DONE = "done", _("done")
        NOTHING = "nothing", _("nothing to do")
        CONFLICT = "conflict", _("conflict")
        REFUSED = "refused", _("refused")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, null=True, blank=True, related_name="hook_calls"
    )
    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, null=True, blank=True, related_name="hook_calls"
    )
    event_id = models.CharField(max_length=LONGEST_NAME)
    at = models.DateTimeField()
    body = models.TextField(blank=True)
    kind = models.CharField(max_length=100, blank=True, help_text="Content type")
    headers = models.JSONField(default=dict, blank=True, help_text="Those that say something")
    proofs = models.JSONField(
        default=list, blank=True, help_text="Digests of what was signed, to tell a replay by"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    outcome = models.CharField(max_length=500, blank=True)
    parcel = models.CharField(max_length=120, blank=True, help_text="Held until an order has it")
    follows = models.CharField(
        max_length=120, blank=True, help_text="Held until this signal has come"
    )
    due_at = models.DateTimeField(null=True, blank=True, help_text="Held until then at the latest")
    conflicts = models.JSONField(
        default=list, blank=True, help_text="Left to a person: each field, and what they say of it"
    )
    tries = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="How often it was begun and not ended: whoever read it was killed",
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=120, blank=True)
    case = models.ForeignKey(
        "exceptions_app.Case", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    receipt = models.ForeignKey(
        "exceptions_app.Receipt", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "event_id"),
                condition=~models.Q(state="refused"),
                name="one_hook_call_per_event",
            ),
            models.UniqueConstraint(
                fields=("source", "event_id"),
                condition=~models.Q(state="refused"),
                name="one_call_per_event_of_a_source",
            ),
            models.CheckConstraint(
                condition=models.Q(connection__isnull=True) ^ models.Q(source__isnull=True),
                name="hook_call_of_one",
            ),
        )
        indexes = (
            models.Index(fields=("id",), condition=models.Q(state="waiting"), name="hook_waiting"),
            models.Index(fields=("id",), condition=models.Q(state="held"), name="hook_held"),
            models.Index(
                fields=("-id",), condition=models.Q(state="conflict"), name="hook_conflict"
            ),
            models.Index(fields=("state", "at"), name="hook_by_age"),
            models.Index(fields=("source", "-at", "state"), name="hook_of_source"),
        )

    def __str__(self) -> str:
        return f"{self.connection_id or self.source_id} {self.event_id}"

    def insist_it_ends(self) -> None:
        """Leave to a person what nobody has come to the end of: it must not stop what came after it."""
        if self.tries >= MOST_TRIES:
            raise Refused(f"Reading it took too long, {self.tries} times over.")


class SandboxRecord(models.Model):
    """A ticket, message, alert or mail as it stands over there, in the vendor's own words."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="sandbox_records"
    )
    external_id = models.CharField(max_length=200, blank=True)
    key = models.CharField(
        max_length=255, blank=True, help_text="What makes a repeat the same record"
    )
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("-changed_at", "-id")
        indexes = (
            models.Index(fields=("connection", "external_id"), name="sandbox_record_by_id"),
            models.Index(fields=("connection", "-changed_at", "-id"), name="sandbox_newest"),
            models.Index(fields=("connection", "key"), name="sandbox_record_by_key"),
        )

    def __str__(self) -> str:
        return self.external_id


class SandboxFault(models.Model):
    """What the stand-in of an account does wrong with the next calls that change something."""

    class Kind(models.TextChoices):
        REFUSE = "refuse", _("refuse it")
        LIMIT = "limit", _("ask to slow down (429)")
        STUMBLE = "stumble", _("answer 500, then work again")
        HANG = "hang", _("not answer at all")
        DROP = "drop", _("do it, but hang up before answering")
        SLOW = "slow", _("do it, but answer late")

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, related_name="sandbox_fault"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    left = models.IntegerField(default=1, help_text="How many calls it meets; below zero: all")
    seconds = models.FloatField(default=0, help_text="How late; 0: a second")

    def __str__(self) -> str:
        return f"{self.kind} ({self.left})"


class SandboxNote(models.Model):
    """What was said or done on a record: a comment, an answer in the thread, an event."""

    record = models.ForeignKey(SandboxRecord, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    what = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    mark = models.CharField(max_length=200, blank=True, help_text="Its own id over there")

    class Meta:
        ordering = ("record_id", "id")

    def __str__(self) -> str:
        return self.what


class SandboxReply(models.Model):
    """The answer to a request with an idempotency key, given again when it is repeated."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="sandbox_replies"
    )
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    body = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "sandbox replies"
        indexes = (models.Index(fields=("connection", "key"), name="sandbox_reply_by_key"),)

    def __str__(self) -> str:
        return self.key
