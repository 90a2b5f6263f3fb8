"""The stand-ins there are, one line each."""

from collections.abc import Mapping

from connectors.sandbox import (
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
from connectors.sandbox.stand import Stand

STANDS: Mapping[str, Stand] = {
    "airtable": airtable.stand,
    "asana": asana.stand,
    "clickup": clickup.stand,
    "monday": monday.stand,
    "pagerduty": pagerduty.stand,
    "quickbase": quickbase.stand,
    "slack": slack.stand,
    "smtp": smtp.stand,
    "trello": trello.stand,
    "zendesk": zendesk.stand,
}
