"""Every platform there is, one line each."""

from typing import Any

from connectors.kit import Connector
from connectors.platforms import (
    airtable,
    asana,
    clickup,
    monday,
    pagerduty,
    quickbase,
    slack,
    smtp,
    trello,
    zendesk,
)

CATALOGUE: tuple[Connector[Any], ...] = (
    airtable.connector,
    asana.connector,
    clickup.connector,
    monday.connector,
    pagerduty.connector,
    quickbase.connector,
    slack.connector,
    smtp.connector,
    trello.connector,
    zendesk.connector,
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}
