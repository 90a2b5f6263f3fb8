"""What the description of the API is made with; plain values, since the settings read them first."""

from pathlib import Path
from typing import Any

WORDS = (
    "ActorKind",
    "DeliveryState",
    "ExceptionType",
    "LengthKind",
    "Moment",
    "Operation",
    "Outcome",
    "PromiseFrom",
    "Role",
    "Scope",
    "Status",
    "SubjectKind",
    "TargetKind",
)
SETTINGS: dict[str, Any] = {
    "TITLE": "Flagstand",
    "DESCRIPTION": Path(__file__).with_name("guide.md").read_text(),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "TAGS": [
        {"name": "signals", "description": "Facts in, and receipts for them"},
        {"name": "cases", "description": "Exceptions, and every verb to work them"},
        {"name": "subjects", "description": "What promises were made about"},
        {"name": "deliveries", "description": "What goes out to platforms"},
        {
            "name": "connections",
            "description": "The platforms there are, and those that are set up",
        },
        {
            "name": "rules",
            "description": "What turns facts into cases, and the journeys they go by",
        },
        {"name": "playbooks", "description": "Which cases are pushed where by themselves"},
        {"name": "reports", "description": "Promises and targets kept"},
        {"name": "names", "description": "Who you are, and the names other calls take"},
    ],
    "ENUM_NAME_OVERRIDES": {
        "BadgeState": "dashboards.api.case_shapes.BADGE_STATES",
        "BulkVerb": "dashboards.api.bulk.BULK_VERBS",
        "Grouping": "exceptions_app.reports.groupings.Grouping",
        "Severity": "dashboards.api.shapes.SEVERITIES",
        **{name: f"exceptions_app.vocabulary.{name}" for name in WORDS},
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "dashboards.api.samples.shared_refusals",
    ],
    "AUTHENTICATION_WHITELIST": ["dashboards.api.signing.Bearer"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "SWAGGER_UI_DIST": "SIDECAR",
}
