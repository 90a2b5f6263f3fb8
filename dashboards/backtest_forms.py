"""What a person says to have rules tried on history."""

from typing import Any

from django import forms

from exceptions_app.detection.changing import VERB
from exceptions_app.detection.risk.trained import NEEDED, is_there
from exceptions_app.models import Site
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import SubjectKind

TRAINED = "trained"
MODELS = (("plain", "Plain"), (TRAINED, "Trained (needs scikit-learn)"))


class Models(forms.Select):
    """The trained one stands there, but cannot be chosen where its library is not installed."""

    def create_option(self, name: str, value: Any, *args: Any, **more: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **more)
        option["attrs"]["disabled"] = value == TRAINED and not is_there()
        return option


class BacktestForm(forms.Form):
    """Whose history, of what, from when on, and with which model of risk."""

    site = forms.ModelChoiceField(Site.objects.none(), to_field_name="slug", empty_label=None)
    kind = forms.ChoiceField(label="Subjects", choices=SubjectKind.choices)
    start = forms.DateField(
        label="Judge promises due from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="What was before is only learned from. Empty: judge all.",
    )
    model = forms.ChoiceField(label="Learned risk", choices=MODELS, initial="plain", widget=Models)

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = access.sites(by, verb=VERB)
        self.fields["site"].queryset = mine.order_by("name")  # type: ignore[attr-defined]  # a model's choice
        self.fields["model"].help_text = "" if is_there() else NEEDED
        self.fields["site"].initial = self.initial.get("site") or mine.order_by("name").first()

    def clean_kind(self) -> SubjectKind:
        return SubjectKind(self.cleaned_data["kind"])


def decimal(typed: str) -> float | None:
    """A number as it was typed; None if it is none."""
    try:
        number = float(typed.replace(",", "."))
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
