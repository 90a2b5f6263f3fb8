"""One form for every connector, drawn from its Config; a secret goes in and never comes out again."""

from typing import Any

from django import forms

from connectors.configuring import Setting
from connectors.registry import BY_SLUG, CATALOGUE
from exceptions_app.errors import Refused
from exceptions_app.models import Connection

KEPT = "Leave empty to keep the one that is sealed here."


class ConnectionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only to mypy
    """A connection and the settings of its platform; the platform is chosen once."""

    platform = forms.ChoiceField(choices=[(each.slug, each.name) for each in CATALOGUE])

    class Meta:
        model = Connection
        fields = ("platform", "name", "site", "sandbox", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sealed: dict[str, Any] = dict(self.instance.settings or {})
        if self.instance.pk:
            self.fields["platform"].disabled = True
        for setting in self.schema():
            self.fields[named(setting)] = drawn(setting, self.sealed)

    def schema(self) -> tuple[Setting, ...]:
        """What the chosen platform wants; before one is chosen, nothing."""
        chosen = self.instance.platform or self.data.get(self.add_prefix("platform"), "")
        return BY_SLUG[chosen].config.schema() if chosen in BY_SLUG else ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        slug = cleaned.get("platform")
        if slug in BY_SLUG:
            given = {each.name: cleaned.get(named(each), "") for each in self.schema()}
            for each in self.schema():
                if each.secret and not given[each.name]:
                    given[each.name] = self.sealed.get(each.name, "")
            self.instance.settings = {k: v for k, v in given.items() if v not in ("", None)}
            self._check(slug)
        return cleaned

    def _check(self, slug: str) -> None:
        try:
            BY_SLUG[slug].config.read(self.instance.settings)
        except Refused as refusal:
            for name, problem in refusal.fields.items():
                self.add_error(f"setting_{name}", problem)


def named(setting: Setting) -> str:
    return f"setting_{setting.name}"


def drawn(setting: Setting, sealed: dict[str, Any]) -> forms.Field:
    """The field of a setting; what must be filled in is asked by the Config itself."""
    shown: dict[str, Any] = {
        "label": setting.label,
        "help_text": setting.help,
        "required": False,
        "initial": None if setting.secret else sealed.get(setting.name, setting.shown_default),
    }
    if setting.secret:
        help_text = f"{setting.help} {KEPT}" if sealed.get(setting.name) else setting.help
        blank = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
        return forms.CharField(**shown | {"help_text": help_text}, widget=blank)
    if setting.choices:
        return forms.ChoiceField(choices=[(each, each) for each in setting.choices], **shown)
    if setting.kind is bool:
        return forms.BooleanField(**shown)
    hint = {"placeholder": str(setting.example or setting.shown_default)}
    if setting.kind is int:
        return forms.IntegerField(**shown, widget=forms.NumberInput(attrs=hint))
    return forms.CharField(**shown, widget=forms.TextInput(attrs=hint))
