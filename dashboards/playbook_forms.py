"""What a person fills in to have cases pushed: on what, which ones, and where to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms

from exceptions_app.detection import rulebook
from exceptions_app.models import Connection, Playbook, Site, Team
from exceptions_app.people.access import Actor
from exceptions_app.playbooks.keeping import TAKEN
from exceptions_app.playbooks.running import wanted
from exceptions_app.vocabulary import ExceptionType, Moment, Severity

#: What conditions are drawn as, by the field of a case that they ask; tiers are typed.
ONLY = {
    "severity": "Severity",
    "exception_type": "Exception",
    "team": "Team",
    "site": "Site",
    "rule": "Raised by",
}
Choices = Sequence[tuple[str, str]]


class PlaybookForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only to mypy
    """``only_`` fields become conditions; what is left empty asks nothing."""

    moment = forms.ChoiceField(label="When", choices=Moment.choices)
    tiers = forms.CharField(
        label="Customer tiers",
        required=False,
        max_length=200,
        help_text="As sources name them, with commas between: gold, platinum",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Playbook
        fields = ("name", "connection", "moment", "site", "enabled")
        labels = {"connection": "Push it to", "site": "Cases of", "enabled": "This playbook is on"}
        error_messages = {
            "name": {
                "required": "Name it by what it does: Critical cases page a manager.",
                "unique": TAKEN,
            },
            "connection": {"required": "Choose the connection that is to get the cases."},
        }

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = conditions_by_field(self.instance.conditions)
        for name, label in ONLY.items():
            known = choices_of(name, by)
            lost = [(one, one) for one in said.get(name, ()) if one not in dict(known)]
            field = forms.MultipleChoiceField(
                label=label,
                required=False,
                choices=[*known, *lost],
                initial=said.get(name, []),
                widget=forms.CheckboxSelectMultiple,
            )
            self.fields[f"only_{name}"] = field
        was = self.instance.changed_at
        self.fields["seen"].initial = was.isoformat() if was else ""
        self.fields["tiers"].initial = ", ".join(said.get("tier", ()))
        chosen_site: Any = self.fields["site"]
        chosen_site.empty_label, chosen_site.queryset = "Every site", Site.objects.order_by("name")
        where: Any = self.fields["connection"]
        where.empty_label = "Choose"
        where.queryset = Connection.objects.order_by("name")

    @property
    def groups(self) -> list[forms.BoundField]:
        """The conditions that are ticked; none for what there is not."""
        return [self[f"only_{name}"] for name in ONLY if self[f"only_{name}"].subwidgets]

    def clean_tiers(self) -> list[str]:
        given = str(self.cleaned_data["tiers"]).split(",")
        return [one.strip() for one in given if one.strip()]

    def conditions(self) -> list[dict[str, Any]]:
        given = {name: self.cleaned_data[f"only_{name}"] for name in ONLY}
        given["tier"] = self.cleaned_data["tiers"]
        return [{"field": name, "is": values} for name, values in given.items() if values]

    def clean_seen(self) -> datetime | None:
        """What was shown; what is no time is as good as none."""
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            return None

    def filled(self) -> Playbook:
        """The playbook with what was typed; it is not saved."""
        made: Playbook = self.instance
        made.conditions = self.conditions()
        return made


def conditions_by_field(conditions: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    return {one["field"]: wanted(one) for one in conditions}


def drawable(playbook: Playbook) -> bool:
    """Whether a form can say as much: what asks a field twice, or is not typed as it stands, was written by
    hand.
    """
    said = conditions_by_field(playbook.conditions)
    tiers = [one for one in said.get("tier", ()) if not one or one != one.strip() or "," in one]
    return len(said) == len(playbook.conditions) and all(said.values()) and not tiers


def says(playbook: Playbook) -> str:
    """Which cases it pushes, in words; where to stands beside it."""
    asked = [
        f"{one['field']} {' or '.join(wanted(one))}".replace("_", " ")
        for one in playbook.conditions
    ]
    site = playbook.site or playbook.connection.site
    words = "cases" if asked else "every case"
    words += f" of {site.name}" if site else ""
    return words + (f" with {', and '.join(asked)}" if asked else "")


def choices_of(name: str, by: Actor) -> Choices:
    match name:
        case "severity":
            return [(one.slug, str(one.label).capitalize()) for one in Severity]
        case "exception_type":
            return [(value, str(label).capitalize()) for value, label in ExceptionType.choices]
        case "team":
            return distinct(Team.objects.order_by("name").values_list("slug", "name"))
        case "site":
            return distinct(Site.objects.order_by("name").values_list("slug", "name"))
    rows = rulebook.rules(by=by)
    return [(row.slug, f"{row.kind.label.capitalize()}: {row.title}") for row in rows]


def distinct(pairs: Iterable[tuple[str, str]]) -> Choices:
    """Teams of several sites may go by one name."""
    return list(dict(pairs).items())
