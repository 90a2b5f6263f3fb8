"""The verbs a page can press: which function, which form, what is said afterwards, and the way back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboards import forms
from dashboards.forms import VerbForm
from exceptions_app.cases import lifecycle, triage
from exceptions_app.models import Case


@dataclass(frozen=True)
class Undo:
    """How a verb is taken back: another verb, and what it is told."""

    verb: str
    fields: Mapping[str, Any]


def not_undone(_: Case | None) -> Undo | None:
    return None


def by_resuming(_: Case | None) -> Undo | None:
    return Undo("resume", {})


def by_reopening(_: Case | None) -> Undo | None:
    return Undo("reopen", {"reason": "Undone."})


def by_assigning_back(before: Case | None) -> Undo | None:
    if before is None or before.assignee_id is None:
        return Undo("release", {})
    return Undo("assign", {"to": before.assignee_id, "note": "Undone."})


def by_severity_before(before: Case | None) -> Undo | None:
    return (
        Undo("change_severity", {"severity": before.severity, "reason": "Undone."})
        if before
        else None
    )


@dataclass(frozen=True)
class PageVerb:
    """A verb as pages offer it."""

    run: Callable[..., Case]
    title: str
    button: str
    done: str
    form: type[VerbForm] | None = None
    undo: Callable[[Case | None], Undo | None] = not_undone
    key: str = ""

    @property
    def asks(self) -> bool:
        """Whether there is something to fill in first."""
        return self.form is not None


VERBS: Mapping[str, PageVerb] = {
    "acknowledge": PageVerb(
        lifecycle.acknowledge, "Acknowledge", "Acknowledge", "acknowledged", key="a"
    ),
    "start": PageVerb(lifecycle.start, "Start work", "Start work", "in progress"),
    "claim": PageVerb(
        triage.claim, "Assign to me", "Assign to me", "is yours", undo=by_assigning_back, key="m"
    ),
    "assign": PageVerb(
        triage.assign,
        "Assign to…",
        "Assign",
        "assigned",
        form=forms.Assign,
        undo=by_assigning_back,
        key="i",
    ),
    "release": PageVerb(triage.release, "Release", "Release", "released", undo=by_assigning_back),
    "wait": PageVerb(
        lifecycle.wait, "Wait for…", "Wait", "waiting", form=forms.Wait, undo=by_resuming, key="w"
    ),
    "resume": PageVerb(lifecycle.resume, "Resume", "Resume", "resumed"),
    "resolve": PageVerb(
        lifecycle.resolve,
        "Resolve",
        "Resolve",
        "resolved",
        form=forms.Resolve,
        undo=by_reopening,
        key="r",
    ),
    "close": PageVerb(lifecycle.close, "Close", "Close", "closed"),
    "dismiss": PageVerb(
        lifecycle.dismiss, "Dismiss", "Dismiss", "dismissed", form=forms.Reason, undo=by_reopening
    ),
    "reopen": PageVerb(lifecycle.reopen, "Reopen", "Reopen", "open again", form=forms.Reason),
    "change_severity": PageVerb(
        triage.change_severity,
        "Change severity",
        "Change",
        "changed",
        form=forms.ChangeSeverity,
        undo=by_severity_before,
    ),
    "split": PageVerb(triage.split, "Split off", "Split off", "stands alone again"),
    "comment": PageVerb(
        triage.comment, "Comment", "Comment", "has your comment", form=forms.Comment, key="c"
    ),
}
