"""The stand-ins there are, one line each."""

from collections.abc import Mapping

from connectors.sandbox import (
    freshdesk,
    jira,
    pagerduty,
    servicenow,
    slack,
    smtp,
    zendesk,
    zohocrm,
    zohodesk,
)
from connectors.sandbox.stand import Stand

STANDS: Mapping[str, Stand] = {
    "freshdesk": freshdesk.stand,
    "jira": jira.stand,
    "pagerduty": pagerduty.stand,
    "servicenow": servicenow.stand,
    "slack": slack.stand,
    "smtp": smtp.stand,
    "zendesk": zendesk.stand,
    "zohocrm": zohocrm.stand,
    "zohodesk": zohodesk.stand,
}
