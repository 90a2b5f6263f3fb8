"""Every platform there is, one line each."""

from typing import Any

from connectors.kit import Connector
from connectors.platforms import (
    freshdesk,
    jira,
    pagerduty,
    servicenow,
    slack,
    smtp,
    zendesk,
    zohocrm,
    zohodesk,
)

CATALOGUE: tuple[Connector[Any], ...] = (
    freshdesk.connector,
    jira.connector,
    pagerduty.connector,
    servicenow.connector,
    slack.connector,
    smtp.connector,
    zendesk.connector,
    zohocrm.connector,
    zohodesk.connector,
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}
