"""Every platform there is, by the name of its module."""

from importlib import import_module
from typing import Any

from connectors.kit import Connector
from exceptions_app.vocabulary import Operation

PLATFORMS = """
    airtable asana bamboohr clicksend clickup freshdesk gmail hubspot intercom jira
    monday msteams oraclefusion outlook pagerduty pipedrive quickbase salesforce sapservicecloud sendgrid
    servicenow slack smtp telegram trello twilio webhook zendesk zohocrm zohodesk
"""
CATALOGUE: tuple[Connector[Any], ...] = tuple(
    import_module(f"connectors.platforms.{name}").connector for name in PLATFORMS.split()
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}


def can(slug: str, operation: Operation) -> bool:
    """Whether a platform has a way to do this."""
    return slug in BY_SLUG and operation in BY_SLUG[slug].operations
