"""The stand-ins there are, one line each."""

from collections.abc import Mapping

from connectors.sandbox import (
    hubspot,
    intercom,
    oraclefusion,
    pagerduty,
    pipedrive,
    salesforce,
    sapservicecloud,
    slack,
    smtp,
    zendesk,
)
from connectors.sandbox.stand import Stand

STANDS: Mapping[str, Stand] = {
    "hubspot": hubspot.stand,
    "intercom": intercom.stand,
    "oraclefusion": oraclefusion.stand,
    "pagerduty": pagerduty.stand,
    "pipedrive": pipedrive.stand,
    "salesforce": salesforce.stand,
    "sapservicecloud": sapservicecloud.stand,
    "slack": slack.stand,
    "smtp": smtp.stand,
    "zendesk": zendesk.stand,
}
