"""What rules, thresholds and journeys look like to programs."""

from typing import Any

from rest_framework import serializers

from dashboards.api.shapes import Asked, JsonObject, OneOf, OrNull
from exceptions_app.detection.rulebook import Changed, Held, JourneyRow, RuleRow, StepRow, Value
from exceptions_app.vocabulary import ExceptionType, PromiseFrom, SubjectKind

PARAMETER_KINDS = (
    "minutes", "number", "percent", "share", "decimal", "yes_no", "choice", "text", "words",
)  # fmt: skip


class PolicyChangeOut(serializers.Serializer[Changed]):
    """A change: who, when and why."""

    version = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    why = serializers.CharField()
    said = serializers.CharField(help_text="What was changed, in words")
    site = OrNull(source="site_slug", default=None, help_text="Null: everywhere")


class ParameterOut(serializers.Serializer[Value]):
    """A parameter and what it is; lengths are in minutes."""

    name = serializers.CharField(source="of.name")
    kind = serializers.ChoiceField(PARAMETER_KINDS, source="of.kind")
    value = serializers.JSONField(help_text="Null: see what its help says of empty")
    shipped = serializers.JSONField(source="of.shipped")
    choices = serializers.ListField(child=serializers.CharField(), source="of.choices")
    help = serializers.CharField(source="of.help")


class HeldOut(serializers.Serializer[Held]):
    """What holds of a rule at one place."""

    site = OrNull(source="site_slug", default=None, help_text="Null: everywhere")
    on = serializers.BooleanField()
    parameters = ParameterOut(source="values", many=True)


class RuleOut(serializers.Serializer[RuleRow]):
    """A rule: what it looks for, and what holds of it."""

    slug = serializers.CharField()
    kind = serializers.ChoiceField(SubjectKind.choices)
    exception_type = serializers.ChoiceField(ExceptionType.choices)
    title = serializers.CharField(help_text="How its cases are called")
    says = serializers.CharField()
    everywhere = HeldOut()
    sites = HeldOut(many=True, help_text="Only sites that have a setting of their own")
    last_change = PolicyChangeOut(source="last", allow_null=True)


class RulesOut(serializers.Serializer[Any]):
    results = RuleOut(many=True)


class ChangeIn(Asked):
    """A change goes on record with its reason."""

    why = serializers.CharField(max_length=300)
    seen = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="The version of its last change that you saw; refused with `stale` if it changed",
    )


class SettingIn(Asked):
    """What is left out stays as it is."""

    site = serializers.CharField(
        required=False, allow_null=True, max_length=50, help_text="Slug; null: everywhere"
    )
    on = serializers.BooleanField(required=False)
    parameters = JsonObject(
        required=False, help_text="By name; lengths in minutes, or as text such as “2 days”"
    )


class RuleIn(SettingIn, ChangeIn):
    pass


class TryRuleIn(SettingIn):
    after = serializers.IntegerField(
        required=False, default=0, min_value=0, help_text="Where the stretch before ended"
    )
    limit = serializers.IntegerField(required=False, default=2000, min_value=1, max_value=5000)


class AffectedOut(serializers.Serializer[Any]):
    subject_id = serializers.IntegerField()
    reference = serializers.CharField()
    what = serializers.ChoiceField(("opens", "reopens", "watched", "ceases"))
    title = serializers.CharField()


class EffectsOut(serializers.Serializer[Any]):
    """What a change would do to a stretch of the open subjects, as of now."""

    total = serializers.IntegerField(help_text="Open subjects that it may touch")
    looked = serializers.IntegerField(help_text="Those of this stretch, like the next five")
    opens = serializers.IntegerField(help_text="Cases that would open")
    reopens = serializers.IntegerField(help_text="Settled cases that would reopen")
    watched = serializers.IntegerField(help_text="Findings that would only be watched")
    ceases = serializers.IntegerField(help_text="Open cases that would not be found any more")
    moved = serializers.IntegerField(
        help_text="Subjects of which a rule may next find something at another time"
    )
    after = serializers.IntegerField(help_text="Send it for the next stretch")
    done = serializers.BooleanField()
    rows = AffectedOut(many=True)


class JourneyStepOut(serializers.Serializer[StepRow]):
    """A milestone; `after` and `within` are null where it is not expected by itself."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes the attribute for its own
    after = OrNull()
    within = OrNull(help_text="Such as 4 working hours, 2 business days, 12 calendar days")
    watched_by = serializers.ListField(
        child=serializers.CharField(), help_text="Rules that wait for it by the time it is expected"
    )
    timed_by = serializers.ListField(
        child=serializers.CharField(), help_text="Rules that wait for it by a time of their own"
    )


class JourneyOut(serializers.Serializer[JourneyRow]):
    """What a kind of subject goes through."""

    kind = serializers.ChoiceField(SubjectKind.choices)
    promise = serializers.ChoiceField(PromiseFrom.choices, source="durations.promise")
    steps = JourneyStepOut(many=True)
    last_change = PolicyChangeOut(source="last", allow_null=True)


class JourneysOut(serializers.Serializer[Any]):
    results = JourneyOut(many=True)


class JourneyIn(ChangeIn):
    promise = OneOf(PromiseFrom.choices, required=False)
    steps = JsonObject(
        required=False, help_text="By milestone: `after` and `within`; null takes one out"
    )


class ThresholdOut(serializers.Serializer[Any]):
    """From which score on findings open cases."""

    everywhere = serializers.IntegerField()
    sites = serializers.DictField(child=serializers.IntegerField(), help_text="By slug")
    last_change = PolicyChangeOut(source="last", allow_null=True)


class ThresholdIn(ChangeIn):
    threshold = serializers.IntegerField(
        allow_null=True, min_value=0, max_value=100, help_text="Null: the site follows the others"
    )
    site = serializers.CharField(
        required=False, allow_null=True, max_length=50, help_text="Slug; null: everywhere"
    )
