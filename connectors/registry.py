"""Every platform there is, one line each."""

from typing import Any

from connectors.kit import Connector
from connectors.platforms import (
    clicksend,
    msteams,
    pagerduty,
    slack,
    smtp,
    telegram,
    twilio,
    zendesk,
)

CATALOGUE: tuple[Connector[Any], ...] = (
    clicksend.connector,
    msteams.connector,
    pagerduty.connector,
    slack.connector,
    smtp.connector,
    telegram.connector,
    twilio.connector,
    zendesk.connector,
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}
