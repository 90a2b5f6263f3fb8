"""The stand-ins there are, one line each."""

from collections.abc import Mapping

from connectors.sandbox import (
    asana,
    clicksend,
    clickup,
    freshdesk,
    gmail,
    hubspot,
    intercom,
    jira,
    msteams,
    outlook,
    pagerduty,
    salesforce,
    sendgrid,
    servicenow,
    slack,
    smtp,
    telegram,
    trello,
    twilio,
    webhook,
    zendesk,
    zohodesk,
)
from connectors.sandbox.stand import Stand

STANDS: Mapping[str, Stand] = {
    "asana": asana.stand,
    "clicksend": clicksend.stand,
    "clickup": clickup.stand,
    "freshdesk": freshdesk.stand,
    "gmail": gmail.stand,
    "hubspot": hubspot.stand,
    "intercom": intercom.stand,
    "jira": jira.stand,
    "msteams": msteams.stand,
    "outlook": outlook.stand,
    "pagerduty": pagerduty.stand,
    "salesforce": salesforce.stand,
    "sendgrid": sendgrid.stand,
    "servicenow": servicenow.stand,
    "slack": slack.stand,
    "smtp": smtp.stand,
    "telegram": telegram.stand,
    "trello": trello.stand,
    "twilio": twilio.stand,
    "webhook": webhook.stand,
    "zendesk": zendesk.stand,
    "zohodesk": zohodesk.stand,
}
