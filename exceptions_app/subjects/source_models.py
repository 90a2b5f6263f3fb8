"""The systems that send signals: how each should speak, what it says, and what its silence holds back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from exceptions_app.people.models import Site
from exceptions_app.sealed import SealedJSONField
from exceptions_app.vocabulary import Doubt, Rhythm

WEEK_OF_MINUTES = 7 * 24 * 60


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
    format = models.CharField(
        max_length=40, blank=True, editable=False, help_text="Whose webhooks it is sent"
    )
    settings = SealedJSONField(default=dict, blank=True, editable=False)
    token = models.CharField(
        max_length=43,
        null=True,
        unique=True,
        editable=False,
        help_text="What nobody can guess in the address that its webhooks are sent to",
    )
    heard_from = models.DateTimeField(
        null=True, editable=False, help_text="The oldest instant that its last post told of"
    )
    tells = ArrayField(
        models.CharField(max_length=60),
        default=list,
        editable=False,
        help_text="The milestones and words it has told so far, such as order.packed",
    )
    rhythm = models.CharField(
        "expected",
        max_length=8,
        blank=True,
        choices=Rhythm.choices,
        help_text="Empty: nobody waits for it",
    )
    every_minutes = models.PositiveIntegerField(
        "minutes",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(WEEK_OF_MINUTES)],
    )
    daily_by = models.TimeField("by", null=True, blank=True)
    calendar = models.ForeignKey(
        "exceptions_app.Calendar",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="The hours it keeps; empty: those of its site",
    )
    catch_up_minutes = models.PositiveSmallIntegerField(
        "minutes to catch up",
        default=5,
        validators=[MaxValueValidator(24 * 60)],
        help_text="How long it may tell what it kept to itself before it is believed again",
    )
    expected_at = models.DateTimeField(
        null=True, editable=False, help_text="When to look next whether it has spoken"
    )
    waited_from = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Since when somebody waits for it: since they said so, or the desk was away",
    )
    silent_since = models.DateTimeField(null=True, editable=False)
    back_at = models.DateTimeField(
        null=True, editable=False, help_text="Since when it speaks again and catches up"
    )
    silence = models.ForeignKey(
        "exceptions_app.Case",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    quarantined_at = models.DateTimeField(null=True, editable=False)
    doubt = models.CharField(max_length=10, blank=True, choices=Doubt.choices, editable=False)
    late_is_usual = models.BooleanField(
        default=False, help_text="It tells of long ago, and that is how it is"
    )

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(rhythm="")
                | Q(rhythm=Rhythm.DAILY, daily_by__isnull=False)
                | Q(rhythm__in=(Rhythm.ELAPSED, Rhythm.WORKING), every_minutes__gt=0),
                name="a_rhythm_has_its_length",
            ),
        )
        indexes = (
            models.Index(
                fields=("expected_at",),
                condition=Q(expected_at__isnull=False),
                name="source_due",
            ),
            models.Index(
                fields=("silent_since",),
                condition=Q(silent_since__isnull=False),
                name="source_silent",
            ),
            models.Index(
                fields=("quarantined_at",),
                condition=Q(quarantined_at__isnull=False),
                name="source_quarantined",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """That of its site; sources that several share have none."""
        return ZoneInfo(self.site.time_zone if self.site else "UTC")

    def local(self, at: datetime) -> str:
        """An instant as it is there."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"


class SourceHour(models.Model):
    """What a source said within an hour."""

    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, related_name="hours", db_index=False
    )
    hour = models.DateTimeField()
    place = models.PositiveSmallIntegerField(
        default=0, help_text="Counted in several places, so that posts need not wait for each other"
    )
    signals = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    long_ago = models.PositiveIntegerField(
        default=0, help_text="Of the signals, news of another day"
    )

    class Meta:
        ordering = ("-hour", "source_id")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "hour", "place"), name="source_hour_counted_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}:00Z"


class Hold(models.Model):
    """A finding that rests on the absence of facts from a silent source: no case until it speaks (T20)."""

    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, related_name="holds", db_index=False
    )
    case = models.ForeignKey(
        "exceptions_app.Case",
        on_delete=models.SET_NULL,
        null=True,
        related_name="holds",
        db_constraint=False,  # who holds shall not wait for whoever works on the case
    )
    subject = models.ForeignKey(
        "exceptions_app.Subject", on_delete=models.CASCADE, related_name="holds"
    )
    rule = models.CharField(max_length=40)
    key = models.CharField(max_length=160)
    title = models.CharField(max_length=200)
    since = models.DateTimeField()
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("source", "key"),
                condition=Q(released_at__isnull=True),
                name="held_once",
            ),
        )

    def __str__(self) -> str:
        return self.title
