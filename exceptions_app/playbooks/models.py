"""Playbooks: on what, if which conditions hold, do what (B1)."""

from django.db import models

from exceptions_app.outbox.models import Connection
from exceptions_app.people.models import Site
from exceptions_app.vocabulary import Moment


class Playbook(models.Model):
    """When something happens to a case and every condition holds, push the case to a connection."""

    name = models.CharField(max_length=80, unique=True)
    enabled = models.BooleanField(default=True)
    moment = models.CharField("on", max_length=24, choices=Moment.choices)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True)
    conditions = models.JSONField(
        default=list,
        blank=True,
        help_text='All must hold: [{"field": "severity", "is": ["critical", "high"]}]',
    )
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="playbooks")
    changed_at = models.DateTimeField(null=True, editable=False)
    changed_by = models.CharField(max_length=120, blank=True, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
