"""Mappings that staff wrote, and files of signals that were uploaded (I3, I4)."""

import uuid

from django.db import models

from exceptions_app.leases import Leased
from exceptions_app.people.models import Site, User, known_zone
from exceptions_app.subjects.models import Source
from exceptions_app.vocabulary import ImportMode, ImportState, MappingKind


class SavedMapping(models.Model):
    """How a foreign body or the rows of a file become signals; changed by ``saving`` only."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=4, choices=MappingKind.choices)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])
    body = models.TextField(help_text="A JMESPath expression, or a column mapping as JSON")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=120)

    class Meta:
        ordering = ("name",)
        verbose_name = "mapping"

    def __str__(self) -> str:
        return self.name


class MappingVersion(models.Model):
    """A mapping as it stood from some moment on, and who wrote it."""

    mapping = models.ForeignKey(SavedMapping, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    zone = models.CharField(max_length=64)
    body = models.TextField()
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=120)
    actor_id = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("mapping_id", "-number")
        constraints = (
            models.UniqueConstraint(fields=("mapping", "number"), name="mapping_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"


class TableImport(Leased):
    """An uploaded file and how far it has been taken in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, help_text="What the file was called")
    file = models.CharField(max_length=200, blank=True, help_text="Where it is; empty once deleted")
    size = models.BigIntegerField()
    uploaded_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="imports")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True)
    mapping = models.CharField(max_length=80, blank=True)
    document = models.JSONField(default=dict, help_text="The mapping as it was at the start")
    mode = models.CharField(max_length=7, choices=ImportMode.choices, default=ImportMode.HISTORY)
    state = models.CharField(
        max_length=9, choices=ImportState.choices, default=ImportState.UPLOADED
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    said = models.CharField(max_length=500, blank=True, help_text="Why it failed")
    rows = models.PositiveIntegerField(default=0, help_text="Rows read so far")
    signals = models.PositiveIntegerField(
        null=True, help_text="How many there are, once all is read"
    )
    fed = models.PositiveIntegerField(default=0)
    position = models.CharField(max_length=80, blank=True, help_text="The last signal taken")
    moment = models.DateTimeField(null=True, blank=True, help_text="How far history has been told")
    stored = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    problems = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-uploaded_at",)
        verbose_name = "import"
        indexes = (
            models.Index(
                fields=("leased_until",),
                condition=models.Q(state=ImportState.RUNNING),
                name="import_running",
            ),
            models.Index(fields=("-uploaded_at",), name="import_by_upload"),
        )

    def __str__(self) -> str:
        return self.name


class ImportProblem(models.Model):
    """A row of an uploaded file that was not taken, and why."""

    of = models.ForeignKey(TableImport, on_delete=models.CASCADE, related_name="refused")
    row = models.PositiveIntegerField()
    field = models.CharField(max_length=120)
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ("of_id", "row", "id")
        indexes = (models.Index(fields=("of", "row"), name="problem_by_row"),)

    def __str__(self) -> str:
        return f"Row {self.row}: {self.reason}"
