"""What a person fills in: to flag, and for the verbs that need more than a press."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from dashboards import wording
from exceptions_app.cases.unkept import Unkept
from exceptions_app.errors import Refused
from exceptions_app.models import Calendar, Team
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.owners import owners
from exceptions_app.subjects.source_models import WEEK_OF_MINUTES
from exceptions_app.vocabulary import ExceptionType, Rhythm, Severity

#: Offered, not imposed: a cause is what the person writes.
CAUSES = (
    "Supplier late",
    "Carrier late",
    "Wrong data from a source",
    "Paperwork missing",
    "Payment or finance",
    "No capacity",
    "Customer changed plans",
    "Part not in stock",
    "False alarm",
)


class VerbForm(forms.Form):
    """What a verb asks for; ``by`` decides what can be chosen."""

    def __init__(
        self,
        *args: Any,
        by: Actor,
        site_id: int | None = None,
        team_id: int | None = None,
        unkept: Unkept | None = None,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.by, self.site_id, self.team_id, self.unkept = by, site_id, team_id, unkept
        self.choose()

    def choose(self) -> None:
        """Fill choices that depend on who asks and where."""


class LocalTime(forms.DateTimeField):
    """A time on the wall of the site; one that is there twice or not at all is refused."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError as refusal:
            if refusal.code != "ambiguous_timezone":
                raise
            sentence = "The clocks change then. Choose a time an hour earlier or later."
            raise forms.ValidationError(sentence, code=refusal.code) from refusal


class Wait(VerbForm):
    waiting_for = forms.CharField(
        label="Waiting for",
        max_length=120,
        help_text="Whom or what, such as: part from the supplier",
        error_messages={"required": "Say what or whom this case waits for."},
    )
    until = LocalTime(
        label="Until",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Resumes by itself then. Leave empty to resume by hand.",
    )

    def choose(self) -> None:
        self.fields["until"].label = f"Until, {timezone.get_current_timezone_name()} time"


class Resolve(VerbForm):
    cause = forms.CharField(
        label="Cause",
        max_length=40,
        widget=forms.TextInput(attrs={"list": "causes", "autocomplete": "off"}),
        error_messages={
            "required": "Name the cause, so that reports can show what keeps going wrong."
        },
    )
    text = forms.CharField(
        label="What was done", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    offered = CAUSES

    def choose(self) -> None:
        """While the promise is not kept, and nobody else is on it, resolving it asks to be confirmed."""
        if self.unkept is not None:
            self.fields["anyway"] = forms.BooleanField(
                label="Resolve all the same",
                help_text=still_to_come(self.unkept),
                error_messages={"required": "Tick it if the case is to be resolved all the same."},
            )

    def clean(self) -> dict[str, Any]:
        """What the verb is told."""
        return {name: value for name, value in self.cleaned_data.items() if name != "anyway"}


def still_to_come(left: Unkept) -> str:
    """That a promise is over and not kept, in words."""
    now, zone = timezone.now(), ZoneInfo(timezone.get_current_timezone_name())
    promised = wording.shown(left.promised_at, now=now, zone=zone)
    return (
        f"“{left.milestone.capitalize()}” has not come yet: promised for {promised}, "
        f"{wording.between(left.promised_at, now)} over. No other case is open about {left.subject}."
    )


class Reason(VerbForm):
    reason = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why; somebody may ask later."},
    )


class Comment(VerbForm):
    text = forms.CharField(
        label="Comment",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write something first."},
    )
    shared = forms.BooleanField(label="Share with linked platforms", required=False)


class Assign(VerbForm):
    to = forms.TypedChoiceField(
        label="Owner",
        coerce=int,
        error_messages={
            "required": "Choose who shall own it.",
            "invalid_choice": "This person does not work here. Choose somebody from the list.",
        },
    )
    note = forms.CharField(
        label="Hand-over note", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def choose(self) -> None:
        people = assignable(self.by, site_id=self.site_id, team_id=self.team_id)
        self.fields["to"].choices = [("", "Choose a person"), *people]  # type: ignore[attr-defined]  # a choice field


class ChangeSeverity(VerbForm):
    severity = forms.TypedChoiceField(
        label="Severity",
        choices=Severity.choices,
        coerce=lambda value: Severity(int(value)),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Why", required=False, max_length=300)


def assignable(by: Actor, *, site_id: int | None, team_id: int | None) -> list[tuple[int, str]]:
    """Who may own a case here; the person asking comes first. Without a site: anybody at a site they see."""
    active = owners(by, site_id=site_id, team_id=team_id).filter(is_active=True)
    users = active.order_by("first_name", "last_name", "username")
    people = [(user.pk, user.shown_name()) for user in users]
    return sorted(people, key=lambda one: one[0] != by.user_id)


class Flag(forms.Form):
    """One case, raised by hand in ten seconds."""

    #: Sent again because its answer was lost, a form flags nothing twice.
    key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)
    title = forms.CharField(
        label="What is wrong",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={"required": "Say in a few words what is wrong."},
    )
    exception_type = forms.ChoiceField(
        label="Type", choices=ExceptionType.choices, initial=ExceptionType.OTHER
    )
    severity = forms.TypedChoiceField(
        label="How bad",
        choices=Severity.choices,
        coerce=lambda value: Severity(int(value)),
        initial=Severity.MEDIUM.value,
        widget=forms.RadioSelect,
    )
    subject = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reference = forms.CharField(
        label="About",
        required=False,
        max_length=80,
        help_text="Order, deal, VIN or customer; leave empty if none",
    )
    site = forms.TypedChoiceField(
        label="Site", coerce=int, error_messages={"required": "Choose the site where it is."}
    )
    team = forms.TypedChoiceField(label="Team", required=False, coerce=int, empty_value=None)
    description = forms.CharField(
        label="What happened", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = access.sites(by, verb="flag")
        teams = access.visible(Team.objects.select_related("site"), by, verb="flag", team="pk")
        chosen(self.fields["site"], sites.values_list("pk", "name"))
        chosen(
            self.fields["team"], [("", "The whole site"), *((team.pk, str(team)) for team in teams)]
        )


def blame(form: forms.BaseForm, refusal: Refused) -> None:
    """Each reason beside its field, or above where there is none."""
    for name, problem in refusal.fields.items():
        form.add_error(name if name in form.fields else None, problem)


def chosen(field: forms.Field, choices: Iterable[tuple[Any, Any]]) -> None:
    field.choices = list(choices)  # type: ignore[attr-defined]  # a choice field


class Expectation(forms.Form):
    """How often a source has to speak."""

    rhythm = forms.ChoiceField(
        label="It should speak",
        required=False,
        choices=[("", "whenever it likes; nobody waits for it"), *Rhythm.choices],
    )
    every_minutes = forms.IntegerField(
        label="Minutes",
        required=False,
        min_value=1,
        max_value=WEEK_OF_MINUTES,
        help_text="How long it may say nothing",
    )
    daily_by = forms.TimeField(
        label="By",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Once a day, by this time at its site",
    )
    calendar = forms.ModelChoiceField(
        Calendar.objects.order_by("name"),
        label="Hours",
        required=False,
        empty_label="those of its site",
        help_text="Opening hours that count, or the days on which it speaks at all",
    )
    catch_up_minutes = forms.IntegerField(
        label="Minutes to catch up",
        min_value=0,
        max_value=24 * 60,
        help_text="How long it may tell what it kept to itself before it is believed again",
    )
    late_is_usual = forms.BooleanField(
        label="It tells of days long past, and that is how it is: no quarantine for that",
        required=False,
    )
