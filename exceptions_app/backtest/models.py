"""Backtests that somebody asked for in the interface: of what, how far, and what came out."""

import uuid

from django.db import models
from django.db.models import Q

from exceptions_app.detection.models import RiskModel
from exceptions_app.leases import Leased
from exceptions_app.people.models import Site
from exceptions_app.vocabulary import BacktestState, SubjectKind


class Backtest(Leased):
    """A policy and a risk model replayed over a site's stored history, as it was known at each moment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asked_at = models.DateTimeField()
    actor_id = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=120)
    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    start = models.DateField(
        null=True, blank=True, help_text="Promises due from here on are judged"
    )
    model = models.CharField(max_length=8, default="plain")
    about = models.CharField(max_length=80, blank=True, help_text="What of the policy it tries")
    said = models.CharField(max_length=500, blank=True)
    refits = models.BooleanField(
        default=False, help_text="Learns anew for a rule that is on; nobody asked for it"
    )
    learned = models.ForeignKey(
        RiskModel, on_delete=models.SET_NULL, null=True, help_text="What it learned, until let go"
    )
    document = models.JSONField(
        null=True, help_text="The policy tried, if it is not the one that held"
    )
    state = models.CharField(
        max_length=9, choices=BacktestState.choices, default=BacktestState.WAITING
    )
    share = models.FloatField(default=0, help_text="How much of the history is walked through")
    as_of = models.DateTimeField(null=True)
    report = models.JSONField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)
        indexes = (
            models.Index(
                fields=("asked_at",),
                condition=Q(state__in=("waiting", "running")),
                name="backtest_to_do",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} at {self.site_id}, {self.asked_at:%Y-%m-%d %H:%M}"
