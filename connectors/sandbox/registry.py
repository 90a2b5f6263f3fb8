"""The stand-ins there are, one line each."""

from collections.abc import Mapping

from connectors.sandbox import (
    asana,
    clickup,
    freshdesk,
    hubspot,
    intercom,
    pagerduty,
    salesforce,
    servicenow,
    slack,
    smtp,
    telegram,
    trello,
    zendesk,
)
from connectors.sandbox.stand import Stand

STANDS: Mapping[str, Stand] = {
    "asana": asana.stand,
    "clickup": clickup.stand,
    "freshdesk": freshdesk.stand,
    "hubspot": hubspot.stand,
    "intercom": intercom.stand,
    "pagerduty": pagerduty.stand,
    "salesforce": salesforce.stand,
    "servicenow": servicenow.stand,
    "slack": slack.stand,
    "smtp": smtp.stand,
    "telegram": telegram.stand,
    "trello": trello.stand,
    "zendesk": zendesk.stand,
}
