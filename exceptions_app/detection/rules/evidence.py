"""The facts that decided, frozen as JSON with the finding; pure."""

from datetime import datetime
from typing import Any

from exceptions_app.subjects.facts import Document, Facts, Plan


def evidence(facts: Facts, since: datetime) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "since": since.isoformat(),
        "promises": [
            {
                "promised_at": t.promised_at.isoformat(),
                "said_at": t.said_at.isoformat(),
                "reason": t.reason,
            }
            for t in facts.revisions
        ],
        "milestones": {
            name: {"expected_at": iso(step.expected_at), "actual_at": iso(step.actual_at)}
            for name, step in facts.milestones.items()
        },
        "reports": {
            word: {"at": report.at.isoformat(), "times": report.times, "note": report.note}
            for word, report in facts.reports.items()
        },
        "tier": facts.tier,
        "value": str(facts.value) if facts.value is not None else None,
    }
    if facts.plans:
        shown["plans"] = [plan_shown(plan) for plan in facts.plans]
    if facts.documents:
        shown["documents"] = {name: document(one) for name, one in facts.documents.items()}
    return shown


def plan_shown(plan: Plan) -> dict[str, str | None]:
    return {name: iso(getattr(plan, name)) for name in Plan.__slots__}


def document(one: Document) -> dict[str, Any]:
    return {
        "received_at": iso(one.received_at),
        "expires_on": one.expires_on.isoformat() if one.expires_on else None,
        "number": one.number,
        "states": dict(one.states),
    }


def iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
