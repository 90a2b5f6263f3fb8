"""Every table of the domain, for Django and for the packages above; slices import each other directly."""

from exceptions_app.cases.models import Case
from exceptions_app.detection.models import PolicyVersion, Replan, WatchItem
from exceptions_app.outbox.models import Attempt, Connection, Delivery, Gate, Heartbeat, Link
from exceptions_app.people.models import (
    ApiToken,
    IdempotentReply,
    Membership,
    Site,
    Team,
    User,
)
from exceptions_app.playbooks.models import Playbook
from exceptions_app.sla.models import Calendar, CalendarVersion, Clock, Target
from exceptions_app.subjects.models import (
    Milestone,
    Promise,
    Receipt,
    RefusedSignal,
    Signal,
    Source,
    Subject,
)
from exceptions_app.timeline.models import Entry

__all__ = (
    "ApiToken",
    "Attempt",
    "Calendar",
    "CalendarVersion",
    "Case",
    "Clock",
    "Connection",
    "Delivery",
    "Entry",
    "Gate",
    "Heartbeat",
    "IdempotentReply",
    "Link",
    "Membership",
    "Milestone",
    "Playbook",
    "PolicyVersion",
    "Promise",
    "Receipt",
    "RefusedSignal",
    "Replan",
    "Signal",
    "Site",
    "Source",
    "Subject",
    "Target",
    "Team",
    "User",
    "WatchItem",
)
