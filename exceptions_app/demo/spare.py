"""Accounts that no playbook of the demo uses: one on each remaining platform, ready to be used."""

from collections.abc import Mapping
from dataclasses import dataclass

DESK, CARE = "desk@harbour.example", "care@harbour.example"


@dataclass(frozen=True)
class Push:
    """A connection."""

    name: str
    platform: str
    settings: Mapping[str, str | int | bool]
    site: str = ""


READY = (
    Push(
        "Airtable, Harbour Group",
        "airtable",
        {
            "base": "appHarbour1b2C3d4",
            "table": "tblCases1b2C3d4E5",
            "token": "sandbox-airtable",
            "secret": "sandbox-hook-secret-of-airtable",
        },
    ),
    Push(
        "Asana, Harbour Group",
        "asana",
        {"token": "sandbox-asana", "project": "12052", "secret": "sandbox-asana-hook"},
    ),
    Push(
        "BambooHR, Harbour Group",
        "bamboohr",
        {
            "company": "harbour",
            "api_key": "sandbox-bamboohr",
            "employee": "157",
            "private_key": "sandbox-bamboohr-hook",
        },
    ),
    Push(
        "ClickSend, on-call managers",
        "clicksend",
        {
            "username": DESK,
            "api_key": "sandbox-clicksend",
            "to": "+447700900111",
            "hook_key": "sandbox-hook-secret-of-clicksend",
        },
    ),
    Push(
        "ClickUp, Harbour Group",
        "clickup",
        {
            "token": "pk_sandbox_clickup",
            "list_id": "901200345678",
            "number_field": "0a1b-42",
            "secret": "sandbox-clickup-hook",
        },
    ),
    Push(
        "Freshdesk, Harbour Group",
        "freshdesk",
        {
            "domain": "harbour",
            "api_key": "sandbox-freshdesk",
            "email": DESK,
            "webhook": "sandbox-hook-secret-of-freshdesk",
        },
    ),
    Push(
        "Gmail, customer care",
        "gmail",
        {
            "mailbox": DESK,
            "to": CARE,
            "access": "refresh_token",
            "client_id": "sandbox-gmail-client",
            "client_secret": "sandbox-gmail",
            "token": "1//sandbox-gmail-refresh",
        },
    ),
    Push(
        "HubSpot, Harbour Group",
        "hubspot",
        {"token": "sandbox-hubspot", "portal": "62515", "client_secret": "sandbox-hubspot-hook"},
    ),
    Push(
        "Intercom, Lumen & Oak",
        "intercom",
        {
            "token": "sandbox-intercom",
            "workspace": "tx2p130c",
            "admin_id": "991267643",
            "contact": "6762f0dd1bb69f9f2193bb83",
            "client_secret": "sandbox-intercom-hook",
        },
        "lumen-oak",
    ),
    Push(
        "monday.com, Harbour Group",
        "monday",
        {
            "account": "harbour",
            "token": "sandbox-monday",
            "board": "1771812698",
            "number": "text_mk1",
            "secret": "sandbox-monday-hook",
        },
    ),
    Push(
        "Oracle Fusion, Harbour Group",
        "oraclefusion",
        {
            "pod": "harbour.fa.us2.oraclecloud.com",
            "username": "flagstand",
            "password": "sandbox-fusion",
        },
    ),
    Push(
        "Outlook, customer care",
        "outlook",
        {
            "mailbox": DESK,
            "to": CARE,
            "tenant": "harbour.example",
            "client_id": "8a6e1d3c-harbour",
            "client_secret": "sandbox-outlook",
        },
    ),
    Push(
        "Pipedrive, Harbour Group",
        "pipedrive",
        {
            "token": "sandbox-pipedrive",
            "company": "harbour",
            "about_id": "614",
            "hook_password": "sandbox-hook-secret-of-pipedrive",
        },
    ),
    Push(
        "Quickbase, Harbour Group",
        "quickbase",
        {
            "realm": "harbour",
            "table": "bck7gp3q2",
            "token": "b3sandbox_quickbase",
            "secret": "sandbox-hook-secret-of-quickbase",
        },
    ),
    Push(
        "Salesforce, Harbour Group",
        "salesforce",
        {
            "domain": "harbour",
            "client_id": "3MVG9sandbox",
            "client_secret": "sandbox-salesforce",
            "number_in": "Flagstand__c",
            "hook_secret": "sandbox-hook-secret-of-salesforce",
        },
    ),
    Push(
        "SAP Service Cloud, Harbour Group",
        "sapservicecloud",
        {
            "tenant": "my331906",
            "username": "_FLAGSTAND",
            "password": "sandbox-sap",
            "who": "1000123",
            "number_in": "Case_KUT",
            "hook": "sandbox-hook-secret-of-sap",
        },
    ),
    Push(
        "SendGrid, customer care",
        "sendgrid",
        {
            "sender": DESK,
            "to": CARE,
            "token": "SG.sandbox-sendgrid",
            "verification_key": "sandbox: a pair of keys is made of this",
        },
    ),
    Push(
        "ServiceNow, Harbour Group",
        "servicenow",
        {
            "instance": "harbour",
            "user": "flagstand",
            "secret": "sandbox-servicenow",
            "webhook": "sandbox-hook-secret-of-servicenow",
        },
    ),
    Push(
        "Telegram, on-call managers",
        "telegram",
        {
            "token": "123456789:sandbox-telegram",
            "chat": "-1001234567890",
            "hook_secret": "sandbox-hook-secret-of-telegram",
        },
    ),
    Push(
        "Trello, Harbour Group",
        "trello",
        {
            "key": "0f1e2d3c4b5a6978",
            "token": "sandbox-trello",
            "list_id": "5f1c2d3e4a5b6c7d8e9f0a1b",
            "secret": "sandbox-trello-hook",
        },
    ),
    Push(
        "Twilio, on-call managers",
        "twilio",
        {
            "account_sid": "AC0123456789abcdef0123456789abcdef",
            "auth_token": "sandbox-twilio",
            "sender": "+15005550006",
            "to": "+447700900112",
        },
    ),
    Push(
        "Webhook, data warehouse",
        "webhook",
        {
            "url": "https://hooks.harbour.example/flagstand",
            "secret": "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldC1vdXQ=",
            "secret_of_calls": "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldC1pbg==",
        },
    ),
    Push(
        "Zoho CRM, Harbour Group",
        "zohocrm",
        {
            "client_id": "1000.SANDBOXCRM",
            "client_secret": "sandbox-zohocrm",
            "refresh_token": "1000.sandbox-zohocrm",
            "field": "Flagstand_Number",
            "webhook": "sandbox-hook-secret-of-zohocrm",
        },
    ),
    Push(
        "Zoho Desk, Harbour Group",
        "zohodesk",
        {
            "portal": "harbour",
            "org": "2389290",
            "department": "18920006907",
            "contact": DESK,
            "client_id": "1000.SANDBOX",
            "client_secret": "sandbox-zohodesk",
            "refresh_token": "1000.sandbox-zohodesk",
            "webhook": "sandbox-hook-secret-of-zohodesk",
        },
    ),
)
