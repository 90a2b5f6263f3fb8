"""The accounts of the demo, all in the built-in sandbox: one on every platform, a Slack channel per site.

Each has a sign-in and signing secrets of its own, so that a stand-in knows whose call it is; they protect
nothing.
"""

from exceptions_app.demo.places import PLACES
from exceptions_app.demo.spare import CARE, DESK, READY, Push

#: Slack wants ids of channels.
CHANNELS = {
    "harbour-north": "C04NORTH1",
    "harbour-south": "C04SOUTH1",
    "harbour-city": "C04CITY01",
    "kestrel-2": "C04KESTR2",
    "lumen-oak": "C04LUMEN1",
}
TEAMS = (
    "https://teams.microsoft.com/l/channel/19%3Aharbour-city%40thread.tacv2/Desk"
    "?groupId=7c1e3c5a-city&tenantId=0d2b4c6e-harbour"
)


def slack(slug: str) -> dict[str, str]:
    return {
        "channel": CHANNELS[slug],
        "workspace": "harbour",
        "token": f"xoxb-sandbox-{slug}",
        "signing_secret": f"sandbox-slack-hook-{slug}",
    }


#: What the playbooks push to.
BUSY = (
    Push(
        "Zendesk, Harbour Group",
        "zendesk",
        {
            "subdomain": "harbour-group",
            "email": DESK,
            "token": "sandbox-token",
            "webhook": "sandbox-zendesk-hook",
        },
    ),
    *(Push(f"Slack, {one.name}", "slack", slack(one.slug), one.slug) for one in PLACES),
    Push(
        "PagerDuty, on-call managers",
        "pagerduty",
        {"routing_key": "sandbox" + "0" * 25, "webhook_secret": "sandbox-pagerduty-hook"},
    ),
    Push(
        "Mail, customer care",
        "smtp",
        {
            "host": "mail.harbour.example",
            "sender": DESK,
            "to": CARE,
            "username": "desk",
            "password": "sandbox",
        },
    ),
    Push(
        "Jira, Kestrel depot",
        "jira",
        {
            "site": "kestrel",
            "email": "desk@kestrel.example",
            "token": "sandbox-jira",
            "project": "KES",
            "hook": "sandbox-hook-secret-of-jira",
        },
        "kestrel-2",
    ),
    Push(
        "Teams, Harbour City",
        "msteams",
        {
            "channel": TEAMS,
            "client_id": "9a8b7c6d-harbour",
            "client_secret": "sandbox-teams",
            "refresh_token": "0.sandbox-teams",
            "token": "c2FuZGJveC10ZWFtcw==",
        },
        "harbour-city",
    ),
)
CONNECTIONS = (*BUSY, *READY)
