"""What connectors keep: access tokens, and what the sandbox has been sent; nothing of the desk itself."""

from django.db import models

from exceptions_app.models import Connection
from exceptions_app.outbox.sealed import SealedJSONField


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
