"""What customers wrote to us themselves, what people decided about it, and what was learned from that."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from exceptions_app.cases.models import Case
from exceptions_app.people.models import Site, User
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import ExceptionType


def unguessable_place(_: models.Model, __: str) -> str:
    """Where a file lies: a name that says nothing and that nobody else's can overwrite."""
    name = uuid4().hex
    return f"complaints/{name[:2]}/{name}"


class Complaint(models.Model):
    """A complaint as it came in; ``key`` names it to its sender, who cannot guess another's."""

    class State(models.TextChoices):
        RECEIVED = "received", "received"
        SUSPECTED = "suspected", "suspected"
        DISCARDED = "discarded", "discarded"

    number = models.CharField(max_length=12, unique=True, editable=False)
    key = models.CharField(max_length=64, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    channel = models.CharField(max_length=20)
    language = models.CharField(max_length=5, blank=True)
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=160, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    text = models.TextField()
    received_at = models.DateTimeField()
    sender = models.CharField(
        max_length=32, blank=True, help_text="The address it came from, as a keyed hash"
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.RECEIVED)
    suspicion = models.CharField(max_length=120, blank=True)
    settled_by = models.CharField(max_length=120, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints"
    )

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("site", "-id"),
                condition=Q(state="suspected"),
                name="complaint_suspected",
            ),
            models.Index(fields=("sender", "received_at"), name="complaint_by_sender"),
        )

    def __str__(self) -> str:
        return self.number


class ComplaintFile(models.Model):
    """A picture or document that came with a complaint; its kind was read from its content."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    file = models.FileField(upload_to=unguessable_place, max_length=80)

    class Meta:
        ordering = ("complaint_id", "name")

    def __str__(self) -> str:
        return self.name


class ComplaintDecision(models.Model):
    """What a person said a complaint is about, and what had been suggested; the learner learns from it."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="decision")
    text = models.TextField()
    known = models.JSONField(default=list, blank=True)
    suggested_type = models.CharField(max_length=24, choices=ExceptionType.choices, blank=True)
    confidence = models.FloatField(default=0)
    because = models.JSONField(default=list, blank=True)
    exception_type = models.CharField(max_length=24, choices=ExceptionType.choices)
    about = models.ForeignKey(
        Subject, on_delete=models.SET_NULL, null=True, blank=True, related_name="complained_about"
    )
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    decided_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.case}: {self.get_exception_type_display()}"


class ComplaintLesson(models.Model):
    """What was learned, from how much, and how often it was right about texts it had not seen."""

    learned_at = models.DateTimeField()
    decisions = models.PositiveIntegerField(help_text="Samples that people at this desk decided")
    shipped = models.PositiveIntegerField(help_text="Sentences that came with the desk")
    accuracy = models.FloatField()
    folds = models.PositiveSmallIntegerField()
    by_class = models.JSONField(default=dict)
    confusion = models.JSONField(default=dict)
    learned = models.JSONField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.learned_at:%Y-%m-%d %H:%M}Z, right in {self.accuracy:.0%}"


class StatusVisit(models.Model):
    """Somebody opened the customer's page of a subject, instead of asking or after it."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="visits")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("subject", "at"), name="visit_of_subject"),)

    def __str__(self) -> str:
        return f"{self.subject} {self.at:%Y-%m-%d %H:%M}Z"
