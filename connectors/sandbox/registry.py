"""The stand-ins there are, one line each."""

from collections.abc import Mapping

from connectors.sandbox import clicksend, msteams, pagerduty, slack, smtp, telegram, twilio, zendesk
from connectors.sandbox.stand import Stand

STANDS: Mapping[str, Stand] = {
    "clicksend": clicksend.stand,
    "msteams": msteams.stand,
    "pagerduty": pagerduty.stand,
    "slack": slack.stand,
    "smtp": smtp.stand,
    "telegram": telegram.stand,
    "twilio": twilio.stand,
    "zendesk": zendesk.stand,
}
