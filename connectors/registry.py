"""Every platform there is, one line each."""

from typing import Any

from connectors.kit import Connector
from connectors.platforms import (
    airtable,
    asana,
    bamboohr,
    clicksend,
    clickup,
    freshdesk,
    gmail,
    hubspot,
    intercom,
    jira,
    monday,
    msteams,
    oraclefusion,
    outlook,
    pagerduty,
    pipedrive,
    quickbase,
    salesforce,
    sapservicecloud,
    sendgrid,
    servicenow,
    slack,
    smtp,
    telegram,
    trello,
    twilio,
    webhook,
    zendesk,
    zohocrm,
    zohodesk,
)
from exceptions_app.vocabulary import Operation

CATALOGUE: tuple[Connector[Any], ...] = (
    airtable.connector,
    asana.connector,
    bamboohr.connector,
    clicksend.connector,
    clickup.connector,
    freshdesk.connector,
    gmail.connector,
    hubspot.connector,
    intercom.connector,
    jira.connector,
    monday.connector,
    msteams.connector,
    oraclefusion.connector,
    outlook.connector,
    pagerduty.connector,
    pipedrive.connector,
    quickbase.connector,
    salesforce.connector,
    sapservicecloud.connector,
    sendgrid.connector,
    servicenow.connector,
    slack.connector,
    smtp.connector,
    telegram.connector,
    trello.connector,
    twilio.connector,
    webhook.connector,
    zendesk.connector,
    zohocrm.connector,
    zohodesk.connector,
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}


def can(slug: str, operation: Operation) -> bool:
    """Whether a platform has a way to do this."""
    return slug in BY_SLUG and operation in BY_SLUG[slug].operations
