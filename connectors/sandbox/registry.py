"""The stand-ins there are, one line each."""

from collections.abc import Mapping

from connectors.sandbox import msteams, pagerduty, slack, smtp, telegram, zendesk
from connectors.sandbox.stand import Stand

STANDS: Mapping[str, Stand] = {
    "msteams": msteams.stand,
    "pagerduty": pagerduty.stand,
    "slack": slack.stand,
    "smtp": smtp.stand,
    "telegram": telegram.stand,
    "zendesk": zendesk.stand,
}
