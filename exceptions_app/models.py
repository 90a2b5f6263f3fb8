"""Every table of the domain, for Django and for the packages above; slices import each other directly."""

from exceptions_app.backtest.models import Backtest
from exceptions_app.cases.mass_limits import MassLimit
from exceptions_app.cases.models import Case
from exceptions_app.complaints.models import (
    Complaint,
    ComplaintDecision,
    ComplaintFile,
    ComplaintLesson,
    StatusVisit,
)
from exceptions_app.detection.models import (
    PolicyVersion,
    Replan,
    RiskAdoption,
    RiskModel,
    WatchItem,
)
from exceptions_app.intake.models import (
    ImportProblem,
    MappingVersion,
    SavedMapping,
    TableImport,
)
from exceptions_app.outbox.models import (
    Attempt,
    Connection,
    Delivery,
    Gate,
    Heartbeat,
    Link,
    Withheld,
)
from exceptions_app.people.models import (
    ApiToken,
    IdempotentReply,
    Membership,
    Site,
    Team,
    User,
    WrongPassword,
)
from exceptions_app.playbooks.models import Playbook
from exceptions_app.sla.models import Calendar, CalendarVersion, Clock, Target
from exceptions_app.subjects.models import (
    Milestone,
    Promise,
    Receipt,
    RefusedSignal,
    Signal,
    Subject,
)
from exceptions_app.subjects.source_models import Hold, Source, SourceHour
from exceptions_app.timeline.models import Entry

__all__ = (
    "ApiToken",
    "Attempt",
    "Backtest",
    "Calendar",
    "CalendarVersion",
    "Case",
    "Clock",
    "Complaint",
    "ComplaintDecision",
    "ComplaintFile",
    "ComplaintLesson",
    "Connection",
    "Delivery",
    "Entry",
    "Gate",
    "Heartbeat",
    "Hold",
    "IdempotentReply",
    "ImportProblem",
    "Link",
    "MappingVersion",
    "MassLimit",
    "Membership",
    "Milestone",
    "Playbook",
    "PolicyVersion",
    "Promise",
    "Receipt",
    "RefusedSignal",
    "Replan",
    "RiskAdoption",
    "RiskModel",
    "SavedMapping",
    "Signal",
    "Site",
    "Source",
    "SourceHour",
    "StatusVisit",
    "Subject",
    "TableImport",
    "Target",
    "Team",
    "User",
    "WatchItem",
    "Withheld",
    "WrongPassword",
)
