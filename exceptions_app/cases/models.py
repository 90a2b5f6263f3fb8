"""A case: an exception being handled, and which step may follow which (L1)."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django_fsm import RETURN_VALUE, ConcurrentTransitionMixin, FSMField, transition

from exceptions_app import folding
from exceptions_app.cases.refreshing import SafeRefresh as SafeRefresh
from exceptions_app.people.models import Site, Team, User
from exceptions_app.subjects.models import Subject
from exceptions_app.subjects.source_models import Source
from exceptions_app.vocabulary import OPEN_STATUSES, ExceptionType, Severity, Status

#: What the board shows unless asked for more: no history, and an event instead of what is in it.
LIVE = Q(imported=False, parent=None)
WORKED = (Status.NEW, Status.ACKNOWLEDGED, Status.IN_PROGRESS)


class SearchText(models.Func):
    """The words of a case, lower case, without accents or punctuation, as a search vector."""

    function = "to_tsvector"
    template = (
        "to_tsvector('simple'::regconfig, "
        f"regexp_replace({folding.SQL % '%(expressions)s'}, '[^[:alnum:]]+', ' ', 'g'))"
    )
    arg_joiner = " || ' ' || "


class Case(SafeRefresh, ConcurrentTransitionMixin, models.Model):
    """An exception being handled. Changed only through ``lifecycle`` and ``triage``."""

    number = models.PositiveBigIntegerField(unique=True, editable=False)
    title = models.CharField(max_length=200)
    exception_type = models.CharField(max_length=24, choices=ExceptionType.choices)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    status = FSMField(max_length=12, choices=Status.choices, default=Status.NEW, protected=True)
    # Site and subject lead indexes below; those of Django's own would only slow every change.
    site = models.ForeignKey(Site, on_delete=models.PROTECT, db_index=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True)
    assignee = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    subject = models.ForeignKey(
        Subject,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
    )
    reference = models.CharField(max_length=80, blank=True)
    customer_name = models.CharField(max_length=120, blank=True)
    tier = models.CharField(max_length=20, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    promised_at = models.DateTimeField(null=True, blank=True)
    description = models.TextField(blank=True)
    rule = models.CharField(max_length=40, blank=True)
    key = models.CharField(
        max_length=160, blank=True, help_text="What it is about; one open case per key"
    )
    since = models.DateTimeField(
        null=True, blank=True, help_text="From when on the rule's finding holds"
    )
    evidence = models.JSONField(
        default=dict, blank=True, help_text="The facts that justified it, frozen"
    )
    opened_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    waiting_for = models.CharField(max_length=120, blank=True)
    waiting_until = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    repeats = models.PositiveIntegerField(default=0)
    last_seen_at = models.DateTimeField()
    imported = models.BooleanField(
        default=False, help_text="Replayed from history: nothing goes out for it"
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        db_index=False,
        help_text="The event that it is one of many of",
    )
    former = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The settled case about the same thing before it",
    )
    quarantine = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="quarantined",
        db_index=False,
        help_text="Nothing goes out for it until this source is released",
    )
    traits = ArrayField(
        models.CharField(max_length=200),
        default=list,
        db_default=[],
        blank=True,
        help_text="What it may have in common with others, such as carrier:DHL",
    )
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="When the next running clock is due"
    )
    breached = models.BooleanField(default=False, help_text="A target was missed")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    search = models.GeneratedField(
        expression=SearchText(
            Cast("number", models.TextField()),
            F("title"),
            F("reference"),
            F("customer_name"),
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("key",),
                condition=~Q(key="") & Q(status__in=OPEN_STATUSES),
                name="one_open_case_per_key",
            ),
        )
        indexes = (
            models.Index(
                "due_at",
                "severity",
                "opened_at",
                "id",
                condition=Q(status__in=OPEN_STATUSES),
                name="case_most_urgent",
            ),
            models.Index(
                "due_at",
                "severity",
                "opened_at",
                "id",
                condition=Q(status__in=OPEN_STATUSES) & LIVE,
                name="case_urgent_live",
            ),
            models.Index(
                "site",
                "due_at",
                "severity",
                "opened_at",
                "id",
                condition=Q(status__in=OPEN_STATUSES) & LIVE,
                name="case_urgent_at_site",
            ),
            models.Index(
                "status",
                "due_at",
                "severity",
                "opened_at",
                "id",
                condition=Q(status__in=OPEN_STATUSES),
                name="case_urgent_by_status",
            ),
            models.Index(
                "due_at",
                "severity",
                "opened_at",
                "id",
                condition=Q(status__in=OPEN_STATUSES) & Q(breached=True),
                name="case_urgent_breached",
            ),
            models.Index(
                "promised_at", "id", condition=Q(status__in=OPEN_STATUSES), name="case_by_promise"
            ),
            models.Index(
                "value", "id", condition=Q(status__in=OPEN_STATUSES), name="case_by_value"
            ),
            models.Index(
                "assignee",
                "due_at",
                condition=Q(status__in=OPEN_STATUSES),
                name="case_of_assignee",
            ),
            models.Index(
                "site",
                "due_at",
                condition=Q(status__in=OPEN_STATUSES) & LIVE & Q(assignee=None),
                name="case_unowned_at_site",
            ),
            models.Index("opened_at", "id", name="case_newest"),
            models.Index("changed_at", name="case_by_change"),
            models.Index("site", "opened_at", name="case_newest_at_site"),
            models.Index("subject", name="case_of_subject"),
            models.Index("key", condition=~Q(key=""), name="case_by_key"),
            models.Index(
                "waiting_until",
                condition=Q(status=Status.WAITING),
                name="case_wait_ends",
            ),
            models.Index(
                "resolved_at", condition=Q(resolved_at__isnull=False), name="case_resolved"
            ),
            models.Index("parent", "opened_at", condition=~Q(parent=None), name="case_of_parent"),
            models.Index(
                "parent",
                condition=Q(status__in=OPEN_STATUSES) & ~Q(parent=None),
                name="case_open_of_parent",
            ),
            models.Index("quarantine", condition=~Q(quarantine=None), name="case_quarantined"),
            models.Index(
                "id",
                condition=Q(status__in=OPEN_STATUSES) & Q(exception_type=ExceptionType.MASS_EVENT),
                name="case_mass_event",
            ),
            GinIndex(fields=("search",), name="case_search"),
        )

    def __str__(self) -> str:
        return self.shown_number

    @property
    def shown_number(self) -> str:
        return f"EX-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @transition(field=status, source=Status.NEW, target=Status.ACKNOWLEDGED)
    def acknowledge(self, at: datetime) -> None:
        self.acknowledged_at = at

    @transition(
        field=status,
        source=[Status.NEW, Status.ACKNOWLEDGED],
        target=Status.IN_PROGRESS,
    )
    def start(self, at: datetime) -> None:
        self.acknowledged_at = self.acknowledged_at or at

    @transition(field=status, source=list(WORKED), target=Status.WAITING)
    def wait(self, at: datetime, waiting_for: str, until: datetime | None) -> None:
        self.acknowledged_at = self.acknowledged_at or at
        self.waiting_for, self.waiting_until = waiting_for, until

    @transition(field=status, source=Status.WAITING, target=Status.IN_PROGRESS)
    def resume(self) -> None:
        self.waiting_for, self.waiting_until = "", None

    @transition(field=status, source=list(OPEN_STATUSES), target=Status.RESOLVED)
    def resolve(self, at: datetime, cause: str) -> None:
        self.acknowledged_at = self.acknowledged_at or at
        self.resolved_at, self.cause = at, cause
        self.waiting_for, self.waiting_until = "", None

    @transition(field=status, source=Status.RESOLVED, target=Status.CLOSED)
    def close(self, at: datetime) -> None:
        self.closed_at = at

    @transition(field=status, source=list(OPEN_STATUSES), target=Status.DISMISSED)
    def dismiss(self, at: datetime) -> None:
        self.closed_at = at
        self.waiting_for, self.waiting_until = "", None

    @transition(
        field=status,
        source=[Status.RESOLVED, Status.CLOSED, Status.DISMISSED],
        target=RETURN_VALUE(Status.ACKNOWLEDGED, Status.IN_PROGRESS),
    )
    def reopen(self, before: str) -> Status:
        """Back to where it stood; who settled a new one has looked at it."""
        self.acknowledged_at = self.acknowledged_at or self.closed_at
        self.resolved_at, self.closed_at, self.cause = None, None, ""
        untouched = before in (Status.NEW, Status.ACKNOWLEDGED)
        return Status.ACKNOWLEDGED if untouched else Status.IN_PROGRESS
