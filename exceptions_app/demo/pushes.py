"""What the demo is connected to, all of it the built-in sandbox, and the playbooks that push there."""

from collections.abc import Mapping
from dataclasses import dataclass

from exceptions_app.demo.places import PLACES
from exceptions_app.vocabulary import Moment

Only = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Push:
    """A connection."""

    name: str
    platform: str
    settings: Mapping[str, str | int | bool]
    site: str = ""


@dataclass(frozen=True)
class Play:
    """A playbook: on what, only which, to where."""

    name: str
    moment: Moment
    connection: str
    only: Only = ()


#: Slack wants ids of channels.
CHANNELS = {
    "harbour-north": "C04NORTH1",
    "harbour-south": "C04SOUTH1",
    "harbour-city": "C04CITY01",
    "kestrel-2": "C04KESTR2",
    "lumen-oak": "C04LUMEN1",
}
URGENT: Only = (("severity", ("critical", "high")),)
CRITICAL: Only = (("severity", ("critical",)),)

CONNECTIONS = (
    Push(
        "Zendesk, Harbour Group",
        "zendesk",
        {"subdomain": "harbour-group", "email": "desk@harbour.example", "token": "sandbox-token"},
    ),
    *(
        Push(
            f"Slack, {place.name}",
            "slack",
            {"channel": CHANNELS[place.slug], "workspace": "harbour", "token": "xoxb-sandbox"},
            place.slug,
        )
        for place in PLACES
    ),
    Push("PagerDuty, on-call managers", "pagerduty", {"routing_key": "sandbox" + "0" * 25}),
    Push(
        "Mail, customer care",
        "smtp",
        {
            "host": "mail.harbour.example",
            "sender": "desk@harbour.example",
            "to": "care@harbour.example",
            "username": "desk",
            "password": "sandbox",
        },
    ),
)
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
        "Complaints are mailed to customer care",
        Moment.OPENED,
        "Mail, customer care",
        (("exception_type", ("complaint",)),),
    ),
)
