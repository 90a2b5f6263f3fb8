"""Every platform there is, one line each."""

# ruff: noqa: F401 - what is imported is in the catalogue

from typing import Any

from connectors.kit import Connector, Rate
from connectors.platforms.airtable import connector as airtable
from connectors.platforms.asana import connector as asana
from connectors.platforms.bamboohr import connector as bamboohr
from connectors.platforms.clicksend import connector as clicksend
from connectors.platforms.clickup import connector as clickup
from connectors.platforms.freshdesk import connector as freshdesk
from connectors.platforms.gmail import connector as gmail
from connectors.platforms.hubspot import connector as hubspot
from connectors.platforms.intercom import connector as intercom
from connectors.platforms.jira import connector as jira
from connectors.platforms.monday import connector as monday
from connectors.platforms.msteams import connector as msteams
from connectors.platforms.oraclefusion import connector as oraclefusion
from connectors.platforms.outlook import connector as outlook
from connectors.platforms.pagerduty import connector as pagerduty
from connectors.platforms.pipedrive import connector as pipedrive
from connectors.platforms.quickbase import connector as quickbase
from connectors.platforms.salesforce import connector as salesforce
from connectors.platforms.sapservicecloud import connector as sapservicecloud
from connectors.platforms.sendgrid import connector as sendgrid
from connectors.platforms.servicenow import connector as servicenow
from connectors.platforms.slack import connector as slack
from connectors.platforms.smtp import connector as smtp
from connectors.platforms.telegram import connector as telegram
from connectors.platforms.trello import connector as trello
from connectors.platforms.twilio import connector as twilio
from connectors.platforms.webhook import connector as webhook
from connectors.platforms.zendesk import connector as zendesk
from connectors.platforms.zohocrm import connector as zohocrm
from connectors.platforms.zohodesk import connector as zohodesk
from exceptions_app.vocabulary import Operation

#: Whatever is imported above.
CATALOGUE: tuple[Connector[Any], ...] = tuple(
    each for each in list(globals().values()) if isinstance(each, Connector)
)
BY_SLUG = {connector.slug: connector for connector in CATALOGUE}


def can(slug: str, operation: Operation) -> bool:
    """Whether a platform has a way to do this."""
    return slug in BY_SLUG and operation in BY_SLUG[slug].operations


def rate_of(slug: str) -> Rate:
    """What a platform bears; of one that is not in the catalogue any more, what is usual."""
    return BY_SLUG[slug].rate if slug in BY_SLUG else Rate(60)
