"""The versions of the policy, the looks that a new version has to plan anew, and what is watched."""

from django.db import models

from exceptions_app.people.models import Site
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import Severity, SubjectKind


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
    """Subjects whose next look was planned by what does not hold any more; walked through from id to id."""

    version = models.ForeignKey(
        PolicyVersion,
        on_delete=models.PROTECT,
        null=True,
        help_text="None: a calendar was changed, or risk learned anew",
    )
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
        return f"{self.kind} for version {self.version_id or 'none'}"


class WatchItem(models.Model):
    """What a rule found and does not matter enough for a case; over when it is, or when it became one."""

    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="watch_items", db_index=False
    )
    rule = models.CharField(max_length=40)
    key = models.CharField(max_length=160)
    title = models.CharField(max_length=200)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    since = models.DateTimeField()
    score = models.PositiveSmallIntegerField()
    parts = models.JSONField(default=dict)
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("subject", "rule"),
                condition=models.Q(ended_at__isnull=True),
                name="watched_once",
            ),
        )
        indexes = (models.Index(fields=("subject", "-id"), name="watch_items_of_subject"),)

    def __str__(self) -> str:
        return self.title


class RiskModel(models.Model):
    """What was learned at a site of one kind of subject, by when; rules look with it once it is adopted.

    ``thresholds`` are the chances per look from which on it alerts, chosen on what came lately.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_index=False)
    kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    made_at = models.DateTimeField()
    promises = models.PositiveIntegerField(help_text="Those it learned from")
    figures = models.JSONField(default=dict, help_text="How it did on the history it learned from")
    learned = models.JSONField()
    thresholds = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("site", "kind", "-id"), name="newest_risk_model"),)

    def __str__(self) -> str:
        return f"{self.kind} at {self.site_id}, {self.made_at:%Y-%m-%d}"


class RiskAdoption(models.Model):
    """That from here on a learned model holds at its site, and by whose word; only the newest does.

    ``version`` is the change it came with; none if it was learned anew. The model may be let go later.
    """

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=120)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_index=False)
    kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    model = models.ForeignKey(RiskModel, on_delete=models.SET_NULL, null=True)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("site", "kind", "-id"), name="newest_risk_adoption"),)

    def __str__(self) -> str:
        return f"{self.kind} at {self.site_id}, by {self.actor_name} {self.at:%Y-%m-%d}"
