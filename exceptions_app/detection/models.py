"""The versions of the policy, and the looks that a new version still has to plan anew."""

from django.db import models

from exceptions_app.people.models import Site
from exceptions_app.vocabulary import SubjectKind


class PolicyVersion(models.Model):
    """Rules, thresholds and journeys as they held from here on; never changed, a way back is a new one.

    ``about`` is what was changed: ``rule:<slug>``, ``threshold`` or ``journey:<kind>``; ``site`` is where,
    and none is everywhere. Only what differs from what is shipped is kept in ``document``.
    """

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=120)
    why = models.CharField(max_length=300)
    about = models.CharField(max_length=80)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True)
    said = models.CharField(max_length=500)
    document = models.JSONField()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("about", "-id"), name="policy_by_what_changed"),)

    def __str__(self) -> str:
        return f"{self.pk}: {self.said}"


class Replan(models.Model):
    """Subjects whose next look was planned by an older version; walked through from id to id."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True)
    after = models.BigIntegerField(default=0)
    looked = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("id",), condition=models.Q(done_at__isnull=True), name="replan_to_do"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} for version {self.version_id}"
