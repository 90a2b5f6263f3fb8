"""The append-only, hash-chained record of every case (V1)."""

from django.db import models

from exceptions_app.vocabulary import ActorKind


class Entry(models.Model):
    """One thing that happened to a case.

    The database numbers it, chains it and refuses to change it (migration ``0002``): ``seq``, ``xact``,
    ``data_digest``, ``previous`` and ``digest`` are written by a trigger, whatever a caller puts there.
    """

    case = models.ForeignKey(
        "exceptions_app.Case", on_delete=models.DO_NOTHING, related_name="entries"
    )
    seq = models.PositiveIntegerField(default=0, editable=False)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(editable=False, null=True)
    verb = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    xact = models.BigIntegerField(default=0, editable=False)
    data_digest = models.BinaryField(default=bytes, editable=False)
    previous = models.BinaryField(default=bytes, editable=False)
    digest = models.BinaryField(default=bytes, editable=False)

    class Meta:
        ordering = ("case_id", "seq")
        verbose_name_plural = "entries"
        constraints = (
            models.UniqueConstraint(fields=("case", "seq"), name="entry_numbered_per_case"),
        )
        indexes = (models.Index(fields=("xact",), name="entry_xact"),)

    def __str__(self) -> str:
        return f"{self.verb} #{self.seq}"
