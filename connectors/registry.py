"""Every platform there is, one line each."""

from typing import Any

from connectors.kit import Connector
from connectors.platforms import msteams, pagerduty, slack, smtp, telegram, zendesk

CATALOGUE: tuple[Connector[Any], ...] = (
    msteams.connector,
    pagerduty.connector,
    slack.connector,
    smtp.connector,
    telegram.connector,
    zendesk.connector,
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}
