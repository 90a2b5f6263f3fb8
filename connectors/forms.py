"""One form for every Config, of a connector or a source; a secret goes in and never comes out again."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings

from connectors.configuring import Config, Setting
from connectors.registry import BY_SLUG, CATALOGUE
from exceptions_app.errors import Refused
from exceptions_app.models import Connection
from exceptions_app.sealed import unreadable

KEPT = "Leave empty to keep the one that is sealed here."


class Blank(forms.Textarea):
    """Several lines that go in and never come out again: a key in PEM would lose them in one line."""

    def format_value(self, value: Any) -> str:
        return ""


class SealedForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only to mypy
    """A row whose sealed settings have a Config, which may depend on what is chosen in the form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sealed: dict[str, Any] = dict(self.instance.settings or {})
        self.unreadable = unreadable(self.instance.settings)
        for setting in self.schema():
            self.fields[named(setting)] = drawn(setting, self.sealed)

    def chosen(self) -> type[Config] | None:
        """Whose settings these are."""
        raise NotImplementedError

    def schema(self) -> tuple[Setting, ...]:
        """What is to be filled in; before anything is chosen, nothing."""
        config = self.chosen()
        return config.schema() if config else ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        config = self.chosen()
        if config and not self._leaves():
            given = {each.name: cleaned.get(named(each), "") for each in self.schema()}
            try:
                self.instance.settings = self.settled(config, given)
            except Refused as refusal:
                told = {f"setting_{name}": problem for name, problem in refusal.fields.items()}
                # Beside each field, unless it is known to be wrong already.
                self.add_error(None, {at: it for at, it in told.items() if at not in self.errors})
        return cleaned

    def settled(self, config: type[Config], given: dict[str, Any]) -> dict[str, Any]:
        return config.settled(given, self.sealed)

    def _leaves(self) -> bool:
        """Whether nothing was typed in the place of what cannot be read; it may be read again one day."""
        drawn = {named(each) for each in self.schema()}
        return bool(self.unreadable) and drawn.isdisjoint(self.changed_data)

    def settings_drawn(self) -> list["Drawn"]:
        return [Drawn(self[named(each)], each, self.note(each)) for each in self.schema()]

    def note(self, setting: Setting) -> str:
        """What stands behind a label: whether it may be left empty."""
        if setting.required or setting.choices or setting.kind is bool:
            return ""
        if setting.secret and self.sealed.get(setting.name):
            return "sealed"
        return f"for {setting.when}" if setting.when else "optional"

    def forgotten(self) -> list[str]:
        """The secrets that were typed into a form that is refused; they have to be typed again."""
        typed = (each for each in self.schema() if each.secret and self.data.get(named(each)))
        return [each.label for each in typed]


class ConnectionForm(SealedForm):
    """A connection and the settings of its platform; the platform is chosen once."""

    platform = forms.ChoiceField(choices=[(each.slug, each.name) for each in CATALOGUE])

    class Meta:
        model = Connection
        fields = ("platform", "name", "site", "sandbox", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "platform" in self.fields:
            self.fields["platform"].disabled = True

    def chosen(self) -> type[Config] | None:
        slug = self.instance.platform or self.data.get(self.add_prefix("platform"), "")
        return BY_SLUG[slug].config if slug in BY_SLUG else None

    def settled(self, config: type[Config], given: dict[str, Any]) -> dict[str, Any]:
        connector = next(one for one in CATALOGUE if one.config is config)
        return connector.settled(given, self.sealed)


class DeskForm(ConnectionForm):
    """The same on the desk's own pages, where the address names the platform and a button switches."""

    platform = None  # type: ignore[assignment]  # Django's way to leave a field out

    class Meta(ConnectionForm.Meta):
        fields = ("name", "site", "sandbox")  # type: ignore[assignment]  # fewer of them
        labels = {"sandbox": "Connect to the sandbox instead"}
        help_texts = {
            "name": "As people will see it on cases and in the delivery log",
            "site": "Whose cases it is told about",
            "sandbox": (
                "Nothing leaves this installation: a built-in stand-in takes what is sent. "
                "Any values of the right shape will do."
            ),
        }
        error_messages = {
            "name": {
                "required": "Give it a name.",
                "unique": "Another connection has this name. Choose a different one.",
            }
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].empty_label = "Every site"  # type: ignore[attr-defined]  # a choice of rows
        if not settings.SANDBOX and not self.instance.sandbox:
            del self.fields["sandbox"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A setting on the page, and what stands behind its label."""

    field: forms.BoundField
    of: Setting
    note: str


def named(setting: Setting) -> str:
    return f"setting_{setting.name}"


def drawn(setting: Setting, sealed: dict[str, Any]) -> forms.Field:
    """The field of a setting, with the reason where something must be filled in and is not."""
    kept = setting.secret and bool(sealed.get(setting.name))
    shown: dict[str, Any] = {
        "label": setting.label,
        "help_text": hint(setting, kept=kept),
        "required": setting.required and not kept,
        "error_messages": {"required": f"{setting.label} is missing."},
    }
    if setting.secret:
        once = {"autocomplete": "new-password", "spellcheck": "false"}
        blank = Blank({"rows": 4, **once}) if "PEM" in setting.help else forms.PasswordInput(once)
        return forms.CharField(widget=blank, **shown)
    usual = "" if setting.required else setting.default
    shown["initial"] = sealed.get(setting.name, usual)
    if setting.choices:
        return forms.ChoiceField(choices=[(each, each) for each in setting.choices], **shown)
    if setting.kind is bool:
        return forms.BooleanField(**shown | {"required": False})
    if setting.kind is int:
        return forms.IntegerField(**shown)
    return forms.CharField(**shown)


def hint(setting: Setting, *, kept: bool) -> str:
    """Where to find it, in the vendor's own words, and what it looks like."""
    told = setting.help.rstrip(".")
    if setting.secret:
        return f"{told}. {KEPT}".lstrip(". ") if kept else setting.help
    if not setting.example:
        return setting.help
    return f"{told}, such as {setting.example}" if told else f"Such as {setting.example}"
