"""The stand-ins there are, one line each."""

from collections.abc import Mapping

from connectors.sandbox import (
    freshdesk,
    pagerduty,
    servicenow,
    slack,
    smtp,
    telegram,
    zendesk,
)
from connectors.sandbox.stand import Stand

STANDS: Mapping[str, Stand] = {
    "freshdesk": freshdesk.stand,
    "pagerduty": pagerduty.stand,
    "servicenow": servicenow.stand,
    "slack": slack.stand,
    "smtp": smtp.stand,
    "telegram": telegram.stand,
    "zendesk": zendesk.stand,
}
