"""The form with which a source is given a vendor's webhooks."""

from typing import Any

from django import forms

from connectors.configuring import Config, Setting
from connectors.forms import SealedForm
from connectors.sources.registry import BY_SLUG
from exceptions_app.models import Source
from exceptions_app.subjects.listening import TAKEN

#: Stands for a secret while the form is checked.
YET_TO_COME = "\0"


class SourceForm(SealedForm):
    """Its names, its site, and the settings of its format, which is chosen by the page."""

    class Meta:
        model = Source
        fields = ("name", "slug", "site")
        labels = {"slug": "Short name"}
        help_texts = {
            "name": "As people see it beside signals",
            "slug": "As the API and its receipts name it",
            "site": "Where its orders, payments and appointments are",
        }
        error_messages = {
            "name": {"required": "Give it a name."},
            "slug": {"unique": TAKEN},
            "site": {"required": "Choose the site: what this vendor sends names none of yours."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.later = BY_SLUG[self.instance.format].later
        for name in self.later:
            self.fields[f"setting_{name}"].required = False
        site = self.fields["site"]
        site.required = not BY_SLUG[self.instance.format].ours
        if isinstance(site, forms.ModelChoiceField):
            site.empty_label = "Choose a site" if site.required else "As each signal says"

    def chosen(self) -> type[Config] | None:
        return BY_SLUG[self.instance.format].config

    def schema(self) -> tuple[Setting, ...]:
        return BY_SLUG[self.instance.format].drawn

    def note(self, setting: Setting) -> str:
        waits = setting.name in self.later and not self.sealed.get(setting.name)
        return (
            "later, if you get it once the address is entered there"
            if waits
            else super().note(setting)
        )

    def clean(self) -> dict[str, Any]:
        """What we make up ourselves is made once; what the vendor has yet to show is left out."""
        for name, make in BY_SLUG[self.instance.format].makes.items():
            self.sealed.setdefault(name, make())
        for name in () if self.unreadable else self.later:  # what was shown once is typed again
            self.sealed.setdefault(name, YET_TO_COME)
        cleaned = super().clean()
        self.sealed = {name: it for name, it in self.sealed.items() if it != YET_TO_COME}
        if told := self.instance.settings:  # what cannot be read is left as it is
            self.instance.settings = {n: value for n, value in told.items() if value != YET_TO_COME}
        return cleaned
