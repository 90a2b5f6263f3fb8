"""What a person fills in to make a mapping: an expression, a document, or a column for each fact."""

import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms

from dashboards.forms import chosen
from dashboards.guessing import guess, guessed_decimal, guessed_times, samples, tells_days
from exceptions_app.intake import mappings
from exceptions_app.intake.importing import LARGEST, Head
from exceptions_app.intake.models import SavedMapping
from exceptions_app.intake.saving import listed, sources
from exceptions_app.people.access import Actor
from exceptions_app.subjects.journeys import JOURNEYS, Journey
from exceptions_app.vocabulary import MappingKind, SubjectKind

STARTS: Mapping[str, str] = {
    MappingKind.JSON: """{
  type: 'order.shipped',
  external_id: event_id,
  occurred_at: shipped_at,
  subject: {
    reference: order.number,
    customer: {name: order.customer.name}
  }
}""",
    MappingKind.CSV: """{
  "reference": "order_id",
  "signals": [
    {"type": "order.placed", "occurred_at": "placed_at", "needed": true,
     "promise": {"promised_at": {"column": "promised", "end_of_day": true}}},
    {"type": "order.delivered", "occurred_at": "delivered_at"}
  ]
}""",
}
#: How a column tells its times, as strptime reads it.
TIME_FORMATS = (
    ("", "2018-02-28 23:57:18 (ISO)"),
    ("%d.%m.%Y %H:%M", "28.02.2018 23:57"),
    ("%d.%m.%Y", "28.02.2018"),
    ("%d/%m/%Y %H:%M", "28/02/2018 23:57"),
    ("%d/%m/%Y", "28/02/2018"),
    ("%m/%d/%Y %H:%M", "02/28/2018 23:57"),
    ("%m/%d/%Y", "02/28/2018"),
    ("%m/%d/%Y %I:%M %p", "02/28/2018 11:57 PM"),
    ("unix", "1519862238 (seconds since 1970)"),
)
SUBJECT = {"label": "Name shown", "value": "Value", "tier": "Customer tier"}
CUSTOMER = {"name": "Customer's name", "email": "Customer's email", "phone": "Customer's phone"}
#: So much of a column's first value stands beside its name.
SAMPLE = 24
#: What a signal says in a mapping that was made by choosing columns.
CHOSEN = frozenset({"type", "occurred_at", "needed", "subject", "promise"})
CODE = {"spellcheck": "false", "autocapitalize": "none", "class": "code"}


def about_mapping(form: forms.Form, by: Actor) -> None:
    """The sources of this person and all time zones, as choices."""
    chosen(form.fields["source"], [("", "Choose"), *((s.pk, s.name) for s in sources(by))])
    chosen(form.fields["zone"], zone_choices())


def zone_choices() -> list[tuple[str, str]]:
    places = available_timezones() - {"Factory", "localtime", "posixrules"}
    return [(zone, zone) for zone in sorted(places)]


class MappingForm(forms.Form):
    """A mapping as it is written."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        error_messages={"required": "Name it, so that others find it."},
    )
    source = forms.TypedChoiceField(
        label="Source",
        coerce=int,
        help_text="Whose signals these are",
        error_messages={"required": "Choose the source that sends them."},
    )
    zone = forms.ChoiceField(label="Time zone", help_text="Of times that name none", initial="UTC")
    body = forms.CharField(
        label="Expression",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, **CODE}),
        error_messages={"required": "Write what makes signals."},
    )
    seen = forms.IntegerField(required=False, initial=0, widget=forms.HiddenInput)
    sample = forms.CharField(
        label="Sample",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, **CODE}),
    )

    def __init__(self, *args: Any, by: Actor, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about_mapping(self, by)
        if kind == MappingKind.CSV:
            self.fields["body"].label = "Column mapping, as JSON"


class Upload(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text=f"CSV or gzipped CSV, in UTF-8, at most {LARGEST // 2**20} MB",
        widget=forms.FileInput(attrs={"accept": ".csv,.gz"}),
        error_messages={"required": "Choose a file."},
    )


class ColumnsForm(forms.Form):
    """A column of the file for each fact; what it gives is a mapping document."""

    name = MappingForm.base_fields["name"]
    source = MappingForm.base_fields["source"]
    zone = MappingForm.base_fields["zone"]
    time_format = forms.ChoiceField(label="Times look like", choices=TIME_FORMATS, required=False)
    decimal = forms.ChoiceField(
        label="Numbers look like", choices=((".", "1234.56"), (",", "1.234,56"))
    )
    seen = forms.IntegerField(required=False, initial=0, widget=forms.HiddenInput)
    reference = forms.ChoiceField(
        label="Reference",
        help_text="What the subject is known by: order number, VIN, appointment",
        error_messages={"required": "Choose the column that names the subject."},
    )

    def __init__(self, *args: Any, by: Actor, kind: SubjectKind, head: Head, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about_mapping(self, by)
        self.kind, self.columns = kind, head.columns
        self.samples = samples(head.rows)
        self.about_file(head)
        self.journey: Journey = JOURNEYS[kind]
        chosen(self.fields["reference"], self.choices())
        self.fields["reference"].initial = guess("reference", self.columns)
        self.add("at", self.journey.milestones)
        self.add("at", self.journey.reports)
        self.add("promise", {"promised": "Promised"})
        self.fields["end_of_day"] = forms.BooleanField(
            label="The promise is a day: kept until it ends",
            required=False,
            initial=tells_days(
                self.samples.get(self.fields["promise_promised"].initial, ""),
                self.fields["time_format"].initial,
            ),
        )
        self.add("subject", SUBJECT)
        self.add("customer", CUSTOMER)
        hints = self.journey.attributes.__dataclass_fields__  # type: ignore[attr-defined]  # a dataclass
        self.add("attribute", {name: name.replace("_", " ").capitalize() for name in hints})

    def about_file(self, head: Head) -> None:
        """How it writes its times and numbers; of a zone it says nothing."""
        shapes = [shape for shape, _ in TIME_FORMATS]
        self.fields["time_format"].initial = guessed_times(head.rows, shapes)
        self.fields["decimal"].initial = guessed_decimal(head.rows)
        zone = self.fields["zone"]
        zone.required, zone.initial = False, ""
        chosen(zone, [("", "As where the source is"), *zone_choices()])

    def choices(self) -> list[tuple[str, str]]:
        """Every column, and what is in it."""
        shown = ((name, self.samples.get(name, "")[:SAMPLE]) for name in self.columns)
        named = ((name, f"{name} · {value}" if value else name) for name, value in shown)
        return [("", "not in the file"), *named]

    def add(self, part: str, names: Mapping[str, str]) -> None:
        for name, label in names.items():
            field = forms.ChoiceField(label=label.capitalize(), required=False)
            chosen(field, self.choices())
            field.initial = guess(name, self.columns)
            self.fields[f"{part}_{name}"] = field

    def drawn(self, *beginnings: str) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(beginnings)]

    @property
    def steps(self) -> list[forms.BoundField]:
        return self.drawn("at_")

    @property
    def promised(self) -> list[forms.BoundField]:
        return self.drawn("promise_", "end_of_day")

    @property
    def facts(self) -> list[forms.BoundField]:
        return self.drawn("subject_", "customer_", "attribute_")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(given.get(name) for name in self.fields if name.startswith("at_")):
            raise forms.ValidationError("Choose a column with the time of at least one step.")
        return given

    def picked(self, part: str) -> dict[str, str]:
        """The columns that were chosen for this part, by name."""
        found = {
            name.removeprefix(f"{part}_"): self.cleaned_data[name]
            for name in self.fields
            if name.startswith(f"{part}_")
        }
        return {name: column for name, column in found.items() if column}

    def document(self) -> dict[str, Any]:
        """The first step that is in the file carries what is known of the subject."""
        steps = [
            {"type": f"{self.kind}.{word}", "occurred_at": column}
            for word, column in self.picked("at").items()
        ]
        first, rest = steps[0], steps[1:]
        about = {
            **self.picked("subject"),
            "customer": self.picked("customer"),
            "attributes": self.picked("attribute"),
        }
        carried: dict[str, Any] = {**first, "needed": True}
        if subject := {name: part for name, part in about.items() if part}:
            carried["subject"] = subject
        if column := self.picked("promise").get("promised"):
            ends = self.cleaned_data["end_of_day"]
            carried["promise"] = {"promised_at": {"column": column, "end_of_day": ends}}
        made: dict[str, Any] = {
            "reference": self.cleaned_data["reference"],
            "decimal": self.cleaned_data["decimal"],
            "signals": [carried, *rest],
        }
        if shape := self.cleaned_data["time_format"]:
            made["time_format"] = [
                *dict.fromkeys((shape, shape.partition(" ")[0]))
            ]  # or the day alone
        return made


def by_choosing(document: Mapping[str, Any]) -> bool:
    """Whether it says no more than can be chosen column by column."""
    signals = document.get("signals", ())
    return isinstance(document.get("reference"), str) and all(
        set(one) <= CHOSEN and isinstance(one["occurred_at"], str) for one in signals
    )


def columns_in(mapping: SavedMapping, kind: SubjectKind) -> dict[str, Any]:
    """What was chosen to make this mapping."""
    document = mappings.read(mapping.body, ".json")
    signals = [one for one in document.get("signals", ()) if str(one.get("type")).startswith(kind)]
    carried: dict[str, Any] = next(iter(signals), {})
    about = {**carried.get("subject", {})}
    promise = carried.get("promise", {}).get("promised_at", {})
    parts = {
        "at": {one["type"].partition(".")[2]: one.get("occurred_at") for one in signals},
        "customer": about.pop("customer", {}),
        "attribute": about.pop("attributes", {}),
        "subject": about,
        "promise": {"promised": promise.get("column") if isinstance(promise, dict) else promise},
    }
    picked = {
        f"{part}_{name}": column for part, one in parts.items() for name, column in one.items()
    }
    return {
        **picked,
        "name": mapping.name,
        "source": mapping.source_id,
        "zone": mapping.zone,
        "time_format": next(iter(document.get("time_format", ())), ""),
        "decimal": document.get("decimal", "."),
        "reference": document.get("reference", ""),
        "end_of_day": isinstance(promise, dict) and bool(promise.get("end_of_day")),
        "seen": mapping.version,
    }


def column_choices(by: Actor) -> list[tuple[str, str]]:
    """Every mapping for files: those that staff saved, then those that come along."""
    saved = [(one.slug, one.name) for one in listed(by, MappingKind.CSV)]
    along = {each.name: each.title for each in mappings.shipped().values()}
    return [*saved, *along.items()]


def body_of(document: Mapping[str, Any]) -> str:
    """A document to be read and changed, without what has a field of its own."""
    around = {"name", "source", "site", "zone", "aliases"}
    inner = {name: part for name, part in document.items() if name not in around}
    return json.dumps(inner, indent=2, ensure_ascii=False)


def initial_of(mapping: SavedMapping) -> dict[str, Any]:
    return {
        "name": mapping.name,
        "source": mapping.source_id or "",
        "zone": mapping.zone,
        "body": mapping.body,
        "seen": mapping.version,
    }
