"""What a person fills in to change a rule, the threshold or a journey; each form becomes one edit."""

from typing import Any

from django import forms

from exceptions_app.backtest import asking
from exceptions_app.backtest.adopting import learned_by
from exceptions_app.detection import editing
from exceptions_app.detection.changing import document_now, learned_for, restoring
from exceptions_app.detection.durations import FIRST
from exceptions_app.detection.editing import Edit
from exceptions_app.detection.parameters import Parameter
from exceptions_app.detection.rulebook import Held, JourneyRow, RuleRow
from exceptions_app.errors import NotFound, Refused
from exceptions_app.models import Site
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import PromiseFrom

ON = (("on", "On"), ("off", "Off"))
AS_EVERYWHERE = ("", "As everywhere")
STEP = "step_"
SET = "set_"


class PolicyForm(forms.Form):
    """One thing at one place. ``restore`` names a version instead, whose setting is to hold again."""

    restore = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, *args: Any, about: str, site: Site | None = None, by: Actor, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.about, self.place, self.by = about, site, by
        self.edit: Edit | None = None

    @property
    def site_id(self) -> int | None:
        return self.place.pk if self.place else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            if cleaned.get("restore") is not None:
                self.errors.clear()  # what the version says is what counts
                self.edit = restoring(cleaned["restore"], self.about, self.site_id, by=self.by)
            elif not self.errors:
                self.edit = self.made(cleaned)
        except NotFound as refusal:
            self.add_error(None, str(refusal))
        except Refused as refusal:
            self.tell(refusal)
        return cleaned

    def made(self, cleaned: dict[str, Any]) -> Edit:
        raise NotImplementedError

    def tell(self, refusal: Refused) -> None:
        """Beside each field that it is about."""
        for name, problem in (refusal.fields or {"": str(refusal)}).items():
            field = self.field_of(name)
            self.add_error(field if field in self.fields else None, problem)

    def field_of(self, name: str) -> str:
        return name


class RuleForm(PolicyForm):
    """On or off, and the parameters that the rule has."""

    on = forms.ChoiceField(label="This rule is", widget=forms.RadioSelect, required=False)
    #: The backtest whose learned model comes with it.
    backtest = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rule: RuleRow, held: Held, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug, self.parameters = rule.slug, [value.of for value in held.values]
        choices = ON if self.place is None else (AS_EVERYWHERE, *ON)
        self.fields["on"].choices = choices  # type: ignore[attr-defined]  # a choice field
        inherits = self.place is not None and not own
        self.fields["on"].initial = "" if inherits else "on" if held.on else "off"
        for value in held.values:
            self.fields[SET + value.of.name] = drawn(value.of, value.words, value.value)

    def made(self, cleaned: dict[str, Any]) -> Edit:
        given = {one.name: taken(one, cleaned[SET + one.name]) for one in self.parameters}
        on = {"on": True, "off": False}.get(cleaned.get("on", ""))
        document = document_now()
        edit = editing.rule_edit(document, self.slug, on=on, parameters=given, site_id=self.site_id)
        if not cleaned.get("backtest"):
            return edit
        learned = learned_by(asking.one(cleaned["backtest"], by=self.by))
        edit = editing.adopting(edit, learned.pk, learned.made_at)
        learned_for(edit, edit.applied(document))
        return edit

    def field_of(self, name: str) -> str:
        return SET + name

    def settings(self) -> list[forms.BoundField]:
        return [self[SET + one.name] for one in self.parameters]


def drawn(one: Parameter, words: str, value: Any) -> forms.Field:
    """The field of a parameter; everything but a choice is typed as words."""
    shown: dict[str, Any] = {"label": one.label, "help_text": one.help, "required": False}
    if one.kind == "choice":
        return forms.ChoiceField(
            choices=[(c, c.replace("_", " ")) for c in one.choices], initial=value, **shown
        )
    if one.kind == "yes_no":
        yes_no = [("yes", "Yes"), ("no", "No")]
        return forms.ChoiceField(choices=yes_no, initial="yes" if value else "no", **shown)
    empty = forms.TextInput({"placeholder": one.unset}) if one.optional else None
    shown["initial"] = "" if value is None else words
    return forms.CharField(max_length=2000, widget=empty, **shown)


def taken(one: Parameter, typed: str) -> Any:
    """What was typed, as the rule takes it."""
    if one.kind == "yes_no":
        return typed == "yes"
    return None if one.optional and not typed.strip() else typed


class ThresholdForm(PolicyForm):
    """From which score on a finding opens a case."""

    threshold = forms.IntegerField(
        label="Findings open a case from this score on",
        help_text="0 to 100. Below it a finding is only watched. 0: every finding opens a case.",
        required=False,
        min_value=0,
        max_value=100,
    )

    def made(self, cleaned: dict[str, Any]) -> Edit:
        score = cleaned.get("threshold")
        if score is None and self.place is None:
            raise Refused("Write a number.", {"threshold": "Write a number from 0 to 100."})
        return editing.threshold_edit(document_now(), score, site_id=self.site_id)


class JourneyForm(PolicyForm):
    """After what and within which time each milestone is expected, and where the promise comes from."""

    promise = forms.ChoiceField(label="The promise comes from", choices=PromiseFrom.choices)

    def __init__(self, *args: Any, journey: JourneyRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.journey = journey
        self.fields["promise"].initial = journey.durations.promise
        labels = {FIRST: "the first that is known of it"}
        labels |= {step.name: step.label for step in journey.steps}
        for step in journey.steps:
            others = [(name, label) for name, label in labels.items() if name != step.name]
            self.fields[f"{STEP}{step.name}_after"] = forms.ChoiceField(
                label=f"“{step.label}” after",
                choices=[("", "not expected by itself"), *others],
                initial=step.after,
                required=False,
            )
            self.fields[f"{STEP}{step.name}_within"] = forms.CharField(
                label=f"“{step.label}” within", initial=step.within, required=False, max_length=60
            )

    def made(self, cleaned: dict[str, Any]) -> Edit:
        steps = {}
        for step in self.journey.steps:
            after = cleaned.get(f"{STEP}{step.name}_after", "")
            within = cleaned.get(f"{STEP}{step.name}_within", "").strip()
            if after:
                steps[step.name] = {"after": after, "within": within}
        given = {"promise": cleaned.get("promise"), "steps": steps}
        return editing.journey_edit(document_now(), self.journey.kind, given)

    def field_of(self, name: str) -> str:
        return f"{name.replace('steps.', STEP)}_within" if name.startswith("steps.") else name

    def rows(self) -> list[tuple[Any, forms.BoundField, forms.BoundField]]:
        return [
            (step, self[f"{STEP}{step.name}_after"], self[f"{STEP}{step.name}_within"])
            for step in self.journey.steps
        ]


class Why(forms.Form):
    """What goes on record with a change."""

    why = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.TextInput(
            {"autocomplete": "off", "placeholder": "For those who find it changed"}
        ),
        error_messages={"required": "Say why, for those who find it changed."},
    )
