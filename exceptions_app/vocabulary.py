"""The words that tables, API and pages share: every closed list of choices."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Severity(IntegerChoices):
    """How bad it is; smaller is worse, so that sorting ascending puts the worst first."""

    CRITICAL = 1, _("critical")
    HIGH = 2, _("high")
    MEDIUM = 3, _("medium")
    LOW = 4, _("low")

    @property
    def slug(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, slug: str) -> "Severity":
        return cls[slug.upper()]


class Status(TextChoices):
    """Where a case stands (L1)."""

    NEW = "new", _("new")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    IN_PROGRESS = "in_progress", _("in progress")
    WAITING = "waiting", _("waiting")
    RESOLVED = "resolved", _("resolved")
    CLOSED = "closed", _("closed")
    DISMISSED = "dismissed", _("dismissed")


#: A case somebody still has to work on; everything else is settled.
OPEN_STATUSES = (Status.NEW, Status.ACKNOWLEDGED, Status.IN_PROGRESS, Status.WAITING)


class SubjectKind(TextChoices):
    ORDER = "order", _("order")
    DEAL = "deal", _("vehicle deal")
    APPOINTMENT = "appointment", _("appointment")
    PAYMENT = "payment", _("payment")
    DELIVERY = "delivery", _("vehicle delivery")
    FINANCE = "finance", _("finance application")
    CONTRACT = "contract", _("sales contract")
    LEAD_TASK = "lead_task", _("lead task")
    RETURN = "return", _("return")
    STOCK = "stock", _("stock line")
    COMPLAINT = "complaint", _("complaint")
    REQUEST = "request", _("support request")

    @property
    def plural(self) -> str:
        label = str(self.label)
        return f"{label[:-1]}ies" if label.endswith("y") else f"{label}s"

    @property
    def with_article(self) -> str:
        """An order, a payment."""
        label = str(self.label)
        return f"{'an' if label[0] in 'aeiou' else 'a'} {label}"


class PromiseFrom(TextChoices):
    """Where the promise of a subject comes from; each takes the ones before it first."""

    SAID = "said", _("only what a source says was promised")
    EXPECTED = "expected", _("otherwise the time at which a source expects it")
    JOURNEY = "journey", _("otherwise the durations of the journey")


class ExceptionType(TextChoices):
    """The taxonomy; a rule or a person picks one when a case opens."""

    DELIVERY_LATE = "delivery_late", _("delivery late")
    DELIVERY_AT_RISK = "delivery_at_risk", _("delivery at risk")
    ORDER_LATE = "order_late", _("order late")
    ORDER_AT_RISK = "order_at_risk", _("order at risk")
    SCAN_GAP = "scan_gap", _("scan gap")
    PAYMENT_FAILED = "payment_failed", _("payment failed")
    FINANCE_DECLINED = "finance_declined", _("finance declined")
    FINANCE_UNANSWERED = "finance_unanswered", _("finance unanswered")
    NOT_CHECKED_IN = "not_checked_in", _("technician not checked in")
    APPOINTMENT_AT_RISK = "appointment_at_risk", _("appointment at risk")
    APPOINTMENT_CANCELLED = "appointment_cancelled", _("appointment cancelled")
    APPOINTMENT_MOVED = "appointment_moved", _("appointment moved late")
    NO_SHOW = "no_show", _("no show")
    COMPLAINT = "complaint", _("complaint")
    DOCUMENT_MISSING = "document_missing", _("document missing")
    STOCK_MISMATCH = "stock_mismatch", _("stock mismatch")
    STOCK_SHORT = "stock_short", _("stock short")
    CONTRACT_MISMATCH = "contract_mismatch", _("contract discrepancy")
    LEAD_UNOWNED = "lead_unowned", _("lead task without owner")
    MOVED_TOO_OFTEN = "moved_too_often", _("rescheduled too often or too far")
    ADDRESS_PROBLEM = "address_problem", _("address problem")
    CARRIER_EXCEPTION = "carrier_exception", _("carrier exception")
    RETURN_STUCK = "return_stuck", _("return or refund stuck")
    PREDICTED_LATE = "predicted_late", _("predicted late")
    STATUS_QUESTIONS = "status_questions", _("repeated status questions")
    SOURCE_SILENT = "source_silent", _("source silent")
    MASS_EVENT = "mass_event", _("many at once")
    INTEGRATION_FAILED = "integration_failed", _("integration failed")
    OTHER = "other", _("something else")


class TargetKind(TextChoices):
    """What an SLA promises."""

    ACKNOWLEDGE = "acknowledge", _("acknowledge")
    FIRST_UPDATE = "first_update", _("first update")
    RESOLVE = "resolve", _("resolve")


class Rhythm(TextChoices):
    """How often a source is expected to speak (I6)."""

    ELAPSED = "elapsed", _("every so many minutes, round the clock")
    WORKING = "working", _("every so many minutes of opening hours")
    DAILY = "daily", _("once a day, by a time")


class Doubt(TextChoices):
    """Why a source is in quarantine."""

    NEW = "new", _("it is new")
    BACK_DATED = "back_dated", _("most of what it said was more than a day old")


class Fate(TextChoices):
    """What became of what was to go outside for a case in quarantine."""

    WITHHELD = "withheld", _("withheld")
    SENT = "sent", _("sent on release")
    DISCARDED = "discarded", _("discarded")


class Shared(TextChoices):
    """What cases may have in common that makes one event of them (L5)."""

    CARRIER = "carrier", _("carrier")
    LANE = "lane", _("lane")
    SOURCE = "source", _("source")
    SITE = "site", _("site")


class LengthKind(TextChoices):
    """How the length of a target is counted; the words of sla.working_time.Length."""

    WORKING = "working", _("opening hours")
    ELAPSED = "elapsed", _("hours round the clock")
    BUSINESS_DAYS = "business_days", _("business days")
    CALENDAR_DAYS = "calendar_days", _("calendar days")


class Role(TextChoices):
    VIEWER = "viewer", _("viewer")
    STAFF = "staff", _("staff")
    LEAD = "lead", _("lead")
    MANAGER = "manager", _("manager")
    ADMINISTRATOR = "administrator", _("administrator")
    INTEGRATOR = "integrator", _("integrator")


class Scope(TextChoices):
    """What an API token may do."""

    SIGNALS_READ = "signals:read", _("read signals and sources")
    SIGNALS_WRITE = "signals:write", _("send signals")
    SUBJECTS_READ = "subjects:read", _("read subjects")
    CASES_READ = "cases:read", _("read cases")
    CASES_WRITE = "cases:write", _("change cases")
    DELIVERIES_READ = "deliveries:read", _("read deliveries")
    DELIVERIES_WRITE = (
        "deliveries:write",
        _("resend, skip and confirm deliveries, settle conflicts"),
    )
    REPORTS_READ = "reports:read", _("read reports")
    RULES_READ = "rules:read", _("read rules and journeys")
    RULES_WRITE = "rules:write", _("change rules and journeys")
    CONNECTIONS_READ = "connections:read", _("read connections and the catalogue of platforms")
    CONNECTIONS_WRITE = "connections:write", _("set up, change and test connections")
    PLAYBOOKS_READ = "playbooks:read", _("read playbooks")
    PLAYBOOKS_WRITE = "playbooks:write", _("make, change, try and delete playbooks")


class ActorKind(TextChoices):
    PERSON = "person", _("person")
    TOKEN = "token", _("API token")
    RULE = "rule", _("rule")
    CLOCK = "clock", _("clock")
    PLAYBOOK = "playbook", _("playbook")
    PLATFORM = "platform", _("platform")
    SYSTEM = "system", _("Flagstand")


class Operation(TextChoices):
    """What we ask a platform to do."""

    CREATE = "create", _("create")
    UPDATE = "update", _("update")
    COMMENT = "comment", _("comment")
    CLOSE = "close", _("close")
    REOPEN = "reopen", _("reopen")
    ATTACH = "attach", _("attach evidence to")


class DeliveryState(TextChoices):
    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    DEAD = "dead", _("dead")
    UNCERTAIN = "uncertain", _("uncertain")
    SUPERSEDED = "superseded", _("superseded")
    SKIPPED = "skipped", _("skipped")


#: What is still to be told, and what a person has to see to.
OWED = (DeliveryState.WAITING, DeliveryState.SENDING)
TROUBLED = (DeliveryState.DEAD, DeliveryState.UNCERTAIN)


class Moment(TextChoices):
    """When a playbook runs (B1)."""

    OPENED = "case.opened", _("a case opens")
    SEVERITY_RAISED = "case.severity_raised", _("severity is raised")
    BREACHED = "clock.breached", _("a target is breached")
    RESOLVED = "case.resolved", _("a case is resolved")


class Outcome(TextChoices):
    """What became of one posted signal."""

    STORED = "stored", _("stored")
    DUPLICATE = "duplicate", _("duplicate")
    CONFLICT = "conflict", _("conflict")
    REFUSED = "refused", _("refused")


#: The name was known: nothing is stored, and whoever sent it lives all the same.
REPEATED = (Outcome.DUPLICATE, Outcome.CONFLICT)


class MappingKind(TextChoices):
    """What a mapping reads."""

    JSON = "json", _("JSON that a system posts")
    CSV = "csv", _("CSV files")


class ImportMode(TextChoices):
    """As of when the rows of a file are heard."""

    HISTORY = "history", _("history")
    LIVE = "live", _("live")


class ImportState(TextChoices):
    UPLOADED = "uploaded", _("not started")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


class BacktestState(TextChoices):
    WAITING = "waiting", _("waiting for a worker")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
