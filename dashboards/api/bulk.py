"""One verb to many cases, each by itself."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.errors import urn
from dashboards.api.shapes import Asked, JsonList, OneOf
from dashboards.api.verbs import TO, user_id
from exceptions_app.cases import triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.triage import BULK, Done
from exceptions_app.vocabulary import Scope

MOST = 200
BULK_VERBS = sorted(BULK)


class SeenCase(Asked):
    id = serializers.IntegerField(min_value=1)
    version = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class Bulk(Asked):
    """One verb to many cases."""

    verb = OneOf(BULK_VERBS)
    cases = JsonList(child=SeenCase(), min_length=1, max_length=MOST)
    to = serializers.CharField(
        required=False, allow_null=True, max_length=150, help_text=f"For assign only. {TO}"
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=2000, help_text="For assign only"
    )

    def validate_cases(self, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        times = Counter(one["id"] for one in cases)
        if twice := [str(case_id) for case_id, times_named in times.items() if times_named > 1]:
            raise ValidationError(f"Name each case once; {', '.join(twice)} is here twice.")
        return cases

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["verb"] == "assign" and "to" not in said:
            raise ValidationError({"to": ["Say who shall own them; null releases them."]})
        extra = [name for name in ("to", "note") if name in said and said["verb"] != "assign"]
        if extra:
            raise ValidationError({name: ["Only assign takes this."] for name in extra})
        return said


class DoneOut(serializers.Serializer[Done]):
    """What became of one case."""

    id = serializers.IntegerField(source="case_id")
    number = serializers.CharField(help_text="Empty if you may not see it")
    ok = serializers.BooleanField()
    detail = serializers.CharField(source="sentence")
    type = serializers.SerializerMethodField(
        "type_of", help_text="Which kind of refusal, as in a problem document; null if it is done"
    )
    version = serializers.IntegerField(
        allow_null=True, help_text="The one that holds now; null if you may not see it"
    )

    def type_of(self, done: Done) -> str | None:
        return None if done.ok else urn(done.code)


class ChangedOut(serializers.Serializer[Mapping[str, Any]]):
    results = DoneOut(many=True)


class BulkCases(Endpoint):
    @call(
        Call(
            name="change_cases",
            scope=Scope.CASES_WRITE,
            asks=Bulk,
            gives=ChangedOut,
            example={"verb": "acknowledge", "cases": [{"id": 1, "version": 1}, {"id": 2}]},
        )
    )
    def post(self, request: Request) -> Response:
        """Do one verb to many cases, each by itself: one refusal does not stop the others.

        Each is answered in its turn; a refused one says by `type` whether it was `stale`, `not_found` and so
        on, as a problem document would. A case that is named twice is refused with all.
        """
        said = dict(self.asked)
        name, asked = said.pop("verb"), said.pop("cases")
        if "to" in said:
            said["to"] = user_id(said["to"])
        seens = {one["id"]: Seen(one["id"], one.get("version")) for one in asked}
        # In one order for everybody: with an Idempotency-Key the locks are held until the last is done.
        ordered = [seens[case_id] for case_id in sorted(seens)]
        done = {
            one.case_id: one
            for one in triage.each(name, ordered, by=self.by, at=timezone.now(), **said)
        }
        return Response(ChangedOut({"results": [done[case_id] for case_id in seens]}).data)
