"""The stand-ins there are, one line each."""

from collections.abc import Mapping

from connectors.sandbox import (
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
from connectors.sandbox.stand import Stand

STANDS: Mapping[str, Stand] = {
    "bamboohr": bamboohr.stand,
    "gmail": gmail.stand,
    "outlook": outlook.stand,
    "pagerduty": pagerduty.stand,
    "sendgrid": sendgrid.stand,
    "slack": slack.stand,
    "smtp": smtp.stand,
    "webhook": webhook.stand,
    "zendesk": zendesk.stand,
}
