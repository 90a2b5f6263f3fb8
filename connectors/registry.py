"""Every platform there is, one line each."""

from typing import Any

from connectors.kit import Connector
from connectors.platforms import (
    hubspot,
    intercom,
    oraclefusion,
    pagerduty,
    pipedrive,
    salesforce,
    sapservicecloud,
    slack,
    smtp,
    zendesk,
)

CATALOGUE: tuple[Connector[Any], ...] = (
    hubspot.connector,
    intercom.connector,
    oraclefusion.connector,
    pagerduty.connector,
    pipedrive.connector,
    salesforce.connector,
    sapservicecloud.connector,
    slack.connector,
    smtp.connector,
    zendesk.connector,
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}
