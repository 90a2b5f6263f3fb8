"""Playbooks for programs of administrators: made, tried on the last weeks, changed, deleted (B1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.connections import site_of
from dashboards.api.endpoint import Endpoint
from dashboards.api.shapes import Asked, Instant, OneOf, OrNull, told
from dashboards.playbook_forms import ONLY, choices_of, says
from exceptions_app.errors import Refused
from exceptions_app.models import Connection, Playbook
from exceptions_app.people.access import Actor
from exceptions_app.playbooks import keeping
from exceptions_app.playbooks.running import FIELDS, wanted
from exceptions_app.vocabulary import Moment, Scope

CONDITIONS = [{"field": "severity", "is": ["critical", "high"]}]
EXAMPLE = {"connection": 1, "moment": "case.opened", "conditions": CONDITIONS}
#: What is taken over as it is given; sites and connections are looked up.
PLAIN = ("name", "enabled", "moment", "conditions")
#: A case may have no team, and what people flag was raised by no rule.
EMPTY = ("team", "rule")


class PlaybookConditionOut(serializers.Serializer[Any]):
    """One of these is what the field must be."""

    field = serializers.ChoiceField(list(FIELDS))

    def get_fields(self) -> dict[str, Any]:
        """Python keeps ``is`` for itself."""
        return super().get_fields() | {
            "is": serializers.ListField(child=serializers.CharField(allow_blank=True))
        }

    def to_representation(self, row: Any) -> dict[str, Any]:
        return {"field": row["field"], "is": wanted(row)}


class PlaybookOut(serializers.Serializer[Playbook]):
    """Which cases are pushed where, and when."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    enabled = serializers.BooleanField()
    moment = serializers.ChoiceField(Moment.choices)
    site = OrNull(source="site.slug", default=None, help_text="Null: cases of every site")
    connection = serializers.IntegerField(source="connection_id", help_text="Its id")
    conditions = PlaybookConditionOut(many=True, help_text="All must hold")
    says = serializers.SerializerMethodField("in_words", help_text="Which cases those are")
    changed_at = serializers.DateTimeField(allow_null=True)
    changed_by = serializers.CharField()

    def in_words(self, row: Playbook) -> str:
        return says(row)


class PlaybooksOut(serializers.Serializer[Any]):
    results = PlaybookOut(many=True)


class WhichIn(Asked):
    """Which cases, and where to."""

    connection = serializers.IntegerField(min_value=1, help_text="Its id")
    moment = OneOf(Moment.choices, required=False)
    site = serializers.CharField(
        required=False, allow_null=True, max_length=50, help_text="Slug; null: every site"
    )
    conditions = serializers.JSONField(
        required=False, help_text=f"All must hold; fields are {', '.join(FIELDS)}"
    )


class MakePlaybookIn(WhichIn):
    name = serializers.CharField(max_length=80)
    enabled = serializers.BooleanField(required=False, help_text="True unless it is said")


class ChangePlaybookIn(MakePlaybookIn):
    """What is left out stays as it is."""

    name = serializers.CharField(required=False, max_length=80)
    connection = serializers.IntegerField(required=False, min_value=1, help_text="Its id")
    seen = Instant(
        required=False,
        help_text="The `changed_at` that you saw; refused with `stale` if it changed since",
    )


class PushedOut(serializers.Serializer[Any]):
    number = serializers.CharField(source="shown_number")
    title = serializers.CharField()
    site = serializers.CharField(source="site.slug")
    opened_at = serializers.DateTimeField()


class RehearsedOut(serializers.Serializer[keeping.Rehearsal]):
    """What it would have pushed, of the cases opened lately as they stand now."""

    days = serializers.IntegerField(default=keeping.SPAN.days)
    cases = serializers.IntegerField(source="of.number", help_text="Opened in these days")
    pushed = serializers.IntegerField(source="pushed.number")
    capped = serializers.BooleanField(source="of.capped", help_text="There are more than that")
    newest = PushedOut(many=True)


class PlaybookEndpoint(Endpoint):
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        keeping.insist(self.by)

    def filled(self, playbook: Playbook) -> Playbook:
        """The playbook with what is asked for; it is not saved."""
        asked = self.asked
        for name in PLAIN:
            if name in asked:
                setattr(playbook, name, asked[name])
        if "site" in asked:
            playbook.site = site_of(asked["site"])
        if "connection" in asked:
            playbook.connection = connection_of(asked["connection"])
        if "conditions" in asked:
            insist_known(asked["conditions"], by=self.by)
        return playbook

    def kept(self, playbook: Playbook, **seen: Any) -> dict[str, Any]:
        kept = keeping.keep(self.filled(playbook), by=self.by, at=timezone.now(), **seen)
        return dict(PlaybookOut(kept).data)


class Playbooks(PlaybookEndpoint):
    @call(Call(name="list_playbooks", scope=Scope.PLAYBOOKS_READ, gives=PlaybooksOut))
    def get(self, request: Request) -> Response:
        """List the playbooks by name."""
        return Response({"results": told(PlaybookOut, keeping.listed(by=self.by))})

    @call(
        Call(
            name="make_playbook",
            scope=Scope.PLAYBOOKS_WRITE,
            asks=MakePlaybookIn,
            gives=PlaybookOut,
            status=201,
            example={**EXAMPLE, "name": "Grave cases to customer care", "enabled": False},
        )
    )
    def post(self, request: Request) -> Response:
        """Have cases pushed to a connection when something happens to them. It holds at once."""
        return Response(self.kept(Playbook(moment=Moment.OPENED)), status=201)


class OnePlaybook(PlaybookEndpoint):
    http_method_names = [*Endpoint.http_method_names, "delete"]

    @call(Call(name="read_playbook", scope=Scope.PLAYBOOKS_READ, gives=PlaybookOut))
    def get(self, request: Request, playbook_id: int) -> Response:
        """Read a playbook."""
        return Response(PlaybookOut(keeping.one(playbook_id, by=self.by)).data)

    @call(
        Call(
            name="change_playbook",
            scope=Scope.PLAYBOOKS_WRITE,
            asks=ChangePlaybookIn,
            gives=PlaybookOut,
            refuses=("stale",),
            example={"enabled": False},
        )
    )
    def patch(self, request: Request, playbook_id: int) -> Response:
        """Change a playbook, or switch it. It holds at once."""
        found = keeping.one(playbook_id, by=self.by)
        return Response(self.kept(found, seen=self.asked.get("seen", found.changed_at)))

    @call(
        Call(
            name="delete_playbook",
            scope=Scope.PLAYBOOKS_WRITE,
            gives=PlaybookOut,
            refuses=("not_allowed_now",),
        )
    )
    def delete(self, request: Request, playbook_id: int) -> Response:
        """Delete a playbook that is off; the answer is what it was. What it pushed stays."""
        gone = keeping.one(playbook_id, by=self.by)
        keeping.remove(playbook_id, by=self.by)
        return Response(PlaybookOut(gone).data)


class TryPlaybook(PlaybookEndpoint):
    @call(
        Call(
            name="try_playbook",
            scope=Scope.PLAYBOOKS_WRITE,
            asks=WhichIn,
            gives=RehearsedOut,
            example=EXAMPLE,
        )
    )
    def post(self, request: Request) -> Response:
        """Count which of the last weeks' cases a playbook would have pushed. Nothing is sent."""
        made = self.filled(Playbook(moment=Moment.OPENED))
        return Response(RehearsedOut(keeping.rehearsed(made, by=self.by, at=timezone.now())).data)


def connection_of(pk: int) -> Connection:
    found = Connection.objects.filter(pk=pk).first()
    if found is None:
        raise Refused.about(
            "connection", f"There is no connection {pk}. Use an id of /connections/."
        )
    return found


def insist_known(conditions: Any, *, by: Actor) -> None:
    """What nobody has heard of would hold of no case, and nothing would ever say so."""
    if not keeping.well_formed(conditions):
        raise Refused.about("conditions", keeping.how_to_write())
    for one in conditions:
        known = known_values(one, by=by)
        if strange := [value for value in wanted(one) if known and value not in known]:
            asked, there = ", ".join(strange), ", ".join(filter(None, known))
            raise Refused.about(
                "conditions", f"There is no {one['field']} {asked}. Use one of {there}."
            )


def known_values(condition: Mapping[str, Any], *, by: Actor) -> Sequence[str]:
    """What the field can be; tiers are as sources name them, so they can be anything."""
    name = condition["field"]
    known = [value for value, _ in choices_of(name, by)] if name in ONLY else []
    return [*known, ""] if name in EMPTY else known
