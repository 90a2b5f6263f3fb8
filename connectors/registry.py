"""Every platform there is, one line each."""

from typing import Any

from connectors.kit import Connector
from connectors.platforms import (
    asana,
    clickup,
    freshdesk,
    hubspot,
    intercom,
    pagerduty,
    salesforce,
    servicenow,
    slack,
    smtp,
    telegram,
    trello,
    zendesk,
)
from exceptions_app.vocabulary import Operation

CATALOGUE: tuple[Connector[Any], ...] = (
    asana.connector,
    clickup.connector,
    freshdesk.connector,
    hubspot.connector,
    intercom.connector,
    pagerduty.connector,
    salesforce.connector,
    servicenow.connector,
    slack.connector,
    smtp.connector,
    telegram.connector,
    trello.connector,
    zendesk.connector,
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}


def can(slug: str, operation: Operation) -> bool:
    """Whether a platform has a way to do this."""
    return slug in BY_SLUG and operation in BY_SLUG[slug].operations
