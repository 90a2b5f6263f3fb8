"""What platforms and connections look like to programs; no shape has a place for a secret."""

from typing import Any

from rest_framework import serializers

from connectors.configuring import Setting
from connectors.registry import BY_SLUG
from dashboards.api.shapes import Asked, JsonObject, OneOf, OrNull
from exceptions_app.models import Connection
from exceptions_app.outbox.connections import ConnectionRow

TOLD = ("name", "label", "required", "secret", "choices", "help", "when")
TYPES = {str: "string", int: "integer", bool: "boolean"}


class RateOut(serializers.Serializer[Any]):
    """How many requests in how many seconds the platform bears."""

    requests = serializers.IntegerField()
    seconds = serializers.IntegerField()


class SettingOut(serializers.Serializer[Any]):
    """A setting that a connection to the platform takes."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for its own
    type = serializers.ChoiceField(list(TYPES.values()))
    required = serializers.BooleanField()  # type: ignore[assignment]  # as above
    secret = serializers.BooleanField(help_text="Sealed at rest, and never told again")
    choices = serializers.ListField(child=serializers.CharField())
    example = serializers.CharField()
    help = serializers.CharField(help_text="Where to find it, in the vendor's own words")
    when = serializers.CharField(help_text="The choice that it is needed for, if only for one")


class CannotOut(serializers.Serializer[Any]):
    ability = serializers.CharField()
    reason = serializers.CharField()


class PlatformOut(serializers.Serializer[Any]):
    """A platform that can be connected, and what it can do."""

    slug = serializers.CharField()
    name = serializers.CharField()
    docs = serializers.URLField()
    can = serializers.ListField(child=serializers.CharField(), help_text="Such as create, inbound")
    cannot = CannotOut(many=True)
    rate = RateOut()
    settings = SettingOut(many=True)


class PlatformsOut(serializers.Serializer[Any]):
    results = PlatformOut(many=True)


class CircuitOut(serializers.Serializer[ConnectionRow]):
    """Open after failures in a row: then one delivery at a time probes whether it answers again."""

    open = serializers.BooleanField()
    opened_at = serializers.DateTimeField(allow_null=True)
    next_probe_at = serializers.DateTimeField(allow_null=True)


class ConnectionOut(serializers.Serializer[ConnectionRow]):
    """A connection and how it stands."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    platform = serializers.CharField()
    site = OrNull(source="site_slug", default=None, help_text="Null: cases of every site")
    sandbox = serializers.BooleanField()
    enabled = serializers.BooleanField()
    succeeded_at = serializers.DateTimeField(allow_null=True)
    failed_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField()
    waiting = serializers.IntegerField(help_text="Deliveries, like the next three")
    sending = serializers.IntegerField()
    dead = serializers.IntegerField()
    uncertain = serializers.IntegerField()
    rate = RateOut()
    free_at = serializers.DateTimeField(
        allow_null=True, help_text="When the next request is within the budget; null: not used yet"
    )
    held_until = serializers.DateTimeField(allow_null=True, help_text="Until when it is left alone")
    circuit = CircuitOut()


class ConnectionsOut(serializers.Serializer[Any]):
    results = ConnectionOut(many=True)


class ConnectionDetailOut(ConnectionOut):
    settings = serializers.DictField(help_text="Without the secrets")
    sealed = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the secrets that are kept"
    )
    hook_address = OrNull(
        default=None, help_text="Where the platform sends what happens there; null: it cannot"
    )


class ChangeIn(Asked):
    """What is left out stays as it is; so do the settings that are left out."""

    name = serializers.CharField(required=False, max_length=80)
    site = serializers.CharField(
        required=False, allow_null=True, max_length=50, help_text="Slug; null: every site"
    )
    sandbox = serializers.BooleanField(required=False)
    enabled = serializers.BooleanField(
        required=False, help_text="False disconnects it: nothing is sent until it is true again"
    )
    settings = JsonObject(
        required=False, help_text="By name, as the platform lists them; null takes one out"
    )


class ConnectIn(ChangeIn):
    platform = OneOf(list(BY_SLUG))
    name = serializers.CharField(max_length=80)
    settings = JsonObject()


class ProbedOut(serializers.Serializer[Any]):
    """A round trip, its secrets struck out."""

    ok = serializers.BooleanField()
    verdict = serializers.CharField()
    request = serializers.CharField()
    answer = serializers.CharField()


def setting_facts(one: Setting) -> dict[str, Any]:
    """An example of a secret would be taken for one."""
    facts = {name: getattr(one, name) for name in TOLD}
    return facts | {"type": TYPES[one.kind], "example": "" if one.secret else one.example}


def shown_settings(connection: Connection) -> dict[str, Any]:
    """What is not secret, and the names of what is."""
    config = BY_SLUG[connection.platform].config if connection.platform in BY_SLUG else None
    schema = config.schema() if config else ()
    told = {
        each.name: connection.settings[each.name]
        for each in schema
        if not each.secret and each.name in connection.settings
    }
    sealed = [each.name for each in schema if each.secret and connection.settings.get(each.name)]
    return {"settings": told, "sealed": sealed}
