"""The verbs of a case, one path each; the pages call the same functions."""

import re
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.case_shapes import CaseOut, ResolvedOut, UnkeptOut
from dashboards.api.cases import CaseEndpoint
from dashboards.api.shapes import Asked, Instant, SeverityField
from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.unkept import unkept_without
from exceptions_app.models import Case, User
from exceptions_app.vocabulary import Scope

ETAG = re.compile(r'"v(\d{1,9})"')
NOBODY = 0
TO = "The case's new owner, by sign-in name; null releases it"


class Versioned(Asked):
    """Any verb: with the version you saw, you are told if somebody was faster."""

    version = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        help_text="The version you saw; the If-Match header says the same",
    )


class Wait(Versioned):
    waiting_for = serializers.CharField(max_length=120, help_text="Whom or what")
    until = Instant(required=False, allow_null=True, help_text="It resumes by itself then")


class Resolve(Versioned):
    cause = serializers.CharField(max_length=40, help_text="What caused it; reports count these")
    text = serializers.CharField(required=False, allow_blank=True, max_length=10_000)


class Reason(Versioned):
    reason = serializers.CharField(max_length=2000)


class Assign(Versioned):
    to = serializers.CharField(allow_null=True, max_length=150, help_text=TO)
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=2000, help_text="Hand-over note"
    )


class ChangeSeverity(Versioned):
    severity = SeverityField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)


class Comment(Asked):
    text = serializers.CharField(max_length=10_000)
    shared = serializers.BooleanField(
        required=False, default=False, help_text="Send it to the linked platforms too"
    )


def verb(
    name: str,
    asks: type[Asked] = Versioned,
    example: Any = None,
    gives: type[CaseOut] = CaseOut,
) -> Call:
    return Call(
        name=name,
        scope=Scope.CASES_WRITE,
        asks=asks,
        gives=gives,
        gives_version=True,
        refuses=("not_allowed_now",),
        example=example,
    )


class VerbEndpoint(CaseEndpoint):
    def change(self, key: str, change: Callable[..., Case], **more: Any) -> Response:
        """Do it to the case as it was seen, and answer with the case as it is then."""
        said = self.asked | more
        seen = Seen(self.meant(key), version_of(self.request, said.pop("version", None)))
        case = change(seen, by=self.by, at=timezone.now(), **said)
        return self.answer(case.pk)


def version_of(request: Request, said: int | None) -> int | None:
    """The version the sender saw, from the body or from If-Match."""
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return said
    found = ETAG.fullmatch(header)
    if found is None:
        raise ValidationError({"If-Match": ['Send one ETag as you got it, such as "v3".']})
    if said not in {None, int(found[1])}:
        raise ValidationError({"version": ["This and If-Match name two versions; send one."]})
    return int(found[1])


class AcknowledgeCase(VerbEndpoint):
    @call(verb("acknowledge_case"))
    def post(self, request: Request, case: str) -> Response:
        """Say that somebody is looking; the acknowledge clock stops."""
        return self.change(case, lifecycle.acknowledge)


class StartCase(VerbEndpoint):
    @call(verb("start_case"))
    def post(self, request: Request, case: str) -> Response:
        """Begin to work on it."""
        return self.change(case, lifecycle.start)


class WaitCase(VerbEndpoint):
    @call(verb("wait_case", Wait, {"waiting_for": "the part from the supplier"}))
    def post(self, request: Request, case: str) -> Response:
        """Wait for somebody else; the resolve clock pauses until the case resumes."""
        return self.change(case, lifecycle.wait)


class ResumeCase(VerbEndpoint):
    @call(verb("resume_case"))
    def post(self, request: Request, case: str) -> Response:
        """Go on after waiting; the resolve clock runs again."""
        return self.change(case, lifecycle.resume)


class ResolveCase(VerbEndpoint):
    @call(
        verb(
            "resolve_case",
            Resolve,
            {"cause": "Carrier late", "text": "Arrived at 14:10."},
            ResolvedOut,
        )
    )
    def post(self, request: Request, case: str) -> Response:
        """Say that the problem is gone, and what caused it.

        It is taken at its word; `unkept` says if what was promised is over and has not come all the same.
        """
        answer = self.change(case, lifecycle.resolve)
        left = unkept_without(Case.objects.get(pk=answer.data["id"]), at=timezone.now())
        answer.data["unkept"] = None if left is None else UnkeptOut(left).data
        return answer


class CloseCase(VerbEndpoint):
    @call(verb("close_case"))
    def post(self, request: Request, case: str) -> Response:
        """Put a resolved case away."""
        return self.change(case, lifecycle.close)


class DismissCase(VerbEndpoint):
    @call(verb("dismiss_case", Reason, {"reason": "A test order."}))
    def post(self, request: Request, case: str) -> Response:
        """Say that it never was a problem, and why."""
        return self.change(case, lifecycle.dismiss)


class ReopenCase(VerbEndpoint):
    @call(verb("reopen_case", Reason, {"reason": "It came back damaged."}))
    def post(self, request: Request, case: str) -> Response:
        """Take it up again; the resolve clock goes on where it stood."""
        return self.change(case, lifecycle.reopen)


class ClaimCase(VerbEndpoint):
    @call(verb("claim_case"))
    def post(self, request: Request, case: str) -> Response:
        """Take it for the person behind the token; a new case is acknowledged by that."""
        return self.change(case, triage.claim)


class SplitCase(VerbEndpoint):
    @call(verb("split_case"))
    def post(self, request: Request, case: str) -> Response:
        """Take it out of the event it is one of many of; it is told of by itself from then on."""
        return self.change(case, triage.split)


class ReleaseCase(VerbEndpoint):
    @call(verb("release_case"))
    def post(self, request: Request, case: str) -> Response:
        """Give it back, so that somebody else can take it."""
        return self.change(case, triage.release)


class AssignCase(VerbEndpoint):
    @call(verb("assign_case", Assign, {"to": "ana", "note": "She knows the customer."}))
    def post(self, request: Request, case: str) -> Response:
        """Give it to somebody, with a hand-over note."""
        return self.change(case, triage.assign, to=user_id(self.asked["to"]))


class CommentCase(VerbEndpoint):
    @call(verb("comment_case", Comment, {"text": "The carrier called back.", "shared": True}))
    def post(self, request: Request, case: str) -> Response:
        """Write something down. A comment is taken whatever the version, so none is asked for."""
        if "If-Match" in request.headers:
            raise ValidationError(
                {"If-Match": ["A comment is taken at any version; leave it out."]}
            )
        return self.change(case, triage.comment)


class CaseSeverity(VerbEndpoint):
    @call(verb("change_severity", ChangeSeverity, {"severity": "critical", "reason": "VIP."}))
    def post(self, request: Request, case: str) -> Response:
        """Say that it is worse, or less bad; the targets of the new severity apply from the opening on."""
        return self.change(case, triage.change_severity)


def user_id(username: str | None) -> int | None:
    """The id behind a sign-in name. That there is none is said by the verb, once it knows who asks."""
    if username is None:
        return None
    return User.objects.filter(username=username).values_list("pk", flat=True).first() or NOBODY
