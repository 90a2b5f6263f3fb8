"""The playbooks of the demo: few, so that it stays quick and each push can be followed."""

from dataclasses import dataclass

from exceptions_app.demo.places import PLACES
from exceptions_app.vocabulary import Moment

Only = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Play:
    """A playbook: on what, only which, to where."""

    name: str
    moment: Moment
    connection: str
    only: Only = ()


URGENT: Only = (("severity", ("critical", "high")),)
CRITICAL: Only = (("severity", ("critical",)),)
#: What customers notice; one of these comes up in the first minute.
NOTICED: Only = (("exception_type", ("complaint", "no_show", "appointment_cancelled")),)

PLAYBOOKS = (
    Play("Urgent cases become Zendesk tickets", Moment.OPENED, "Zendesk, Harbour Group", URGENT),
    Play("Cases that become urgent, too", Moment.SEVERITY_RAISED, "Zendesk, Harbour Group", URGENT),
    *(
        Play(f"New cases at {place.name} to its Slack", Moment.OPENED, f"Slack, {place.name}")
        for place in PLACES
    ),
    Play("Critical cases page a manager", Moment.OPENED, "PagerDuty, on-call managers", CRITICAL),
    Play(
        "Missed targets of urgent cases page a manager",
        Moment.BREACHED,
        "PagerDuty, on-call managers",
        URGENT,
    ),
    Play(
        "What customers notice is mailed to customer care",
        Moment.OPENED,
        "Mail, customer care",
        NOTICED,
    ),
    Play(
        "Urgent cases at the depot become Jira issues", Moment.OPENED, "Jira, Kestrel depot", URGENT
    ),
    Play("New cases at Harbour City to its Teams", Moment.OPENED, "Teams, Harbour City"),
)
