"""Every platform there is, one line each."""

from typing import Any

from connectors.kit import Connector
from connectors.platforms import (
    bamboohr,
    gmail,
    outlook,
    pagerduty,
    sendgrid,
    slack,
    smtp,
    webhook,
    zendesk,
)

CATALOGUE: tuple[Connector[Any], ...] = (
    bamboohr.connector,
    gmail.connector,
    outlook.connector,
    pagerduty.connector,
    sendgrid.connector,
    slack.connector,
    smtp.connector,
    webhook.connector,
    zendesk.connector,
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}
