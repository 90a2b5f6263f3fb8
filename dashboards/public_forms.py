"""The public complaint form, in the visitor's words, and what gives away that no person sent it."""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.core.validators import EmailValidator
from django.utils.crypto import salted_hmac

SALT = "complaint-form"
#: Nobody writes a complaint faster; and a form that old was kept by a program.
FASTEST, OLDEST = timedelta(seconds=3), timedelta(days=2)
MOST_LINKS = 2
LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)
LONGEST = {"name": 120, "contact": 160, "reference": 80, "text": 5_000}
is_email = EmailValidator()


def stamp(at: datetime) -> str:
    """When the form was shown, signed, with a name for what will be sent with it."""
    return signing.dumps([secrets.token_urlsafe(12), at.timestamp()], salt=SALT)


def read_stamp(given: str) -> tuple[str, float] | None:
    try:
        name, shown_at = signing.loads(given, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return str(name), float(shown_at)


class Complaint(forms.Form):
    """Name, how to answer, about what, what happened; ``website`` is for machines to fill in."""

    name = forms.CharField(max_length=LONGEST["name"])
    contact = forms.CharField(max_length=LONGEST["contact"])
    reference = forms.CharField(max_length=LONGEST["reference"], required=False)
    text = forms.CharField(max_length=LONGEST["text"])
    website = forms.CharField(required=False)
    began = forms.CharField(required=False)

    def __init__(self, *args: Any, words: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        for name, most in LONGEST.items():
            self.fields[name].error_messages |= {
                "required": words["required"],
                "max_length": words["too_long"].format(most=f"{most:,}"),
            }

    def clean_contact(self) -> str:
        given: str = self.cleaned_data["contact"].strip()
        digits = re.sub(r"\D", "", given)
        if "@" in given:
            try:
                is_email(given)
            except forms.ValidationError:
                raise forms.ValidationError(self.words["wrong_contact"]) from None
        elif not 6 <= len(digits) <= 20 or len(given) > 40:
            raise forms.ValidationError(self.words["wrong_contact"])
        return given

    @property
    def email(self) -> str:
        given: str = self.cleaned_data["contact"]
        return given if "@" in given else ""

    @property
    def phone(self) -> str:
        return "" if self.email else str(self.cleaned_data["contact"])

    def key(self) -> str:
        """The same form with the same words is the same complaint."""
        found = read_stamp(self.cleaned_data["began"])
        name = found[0] if found else secrets.token_urlsafe(12)
        said = "\n".join((name, self.cleaned_data["contact"], self.cleaned_data["text"]))
        return salted_hmac(SALT, said, algorithm="sha256").hexdigest()[:40]

    def suspicion(self, at: datetime) -> str:
        """Why this may be no person's; for the list of what is doubted."""
        if self.cleaned_data["website"]:
            return "filled in a field that people do not see"
        found = read_stamp(self.cleaned_data["began"])
        if found is None:
            return "was not sent with a form of ours"
        took = at.timestamp() - found[1]
        if took < FASTEST.total_seconds():
            return f"was written in {max(took, 0):.0f} seconds"
        if took > OLDEST.total_seconds():
            return "was sent with a form from days before"
        links = len(LINK.findall(self.cleaned_data["text"]))
        return f"carries {links} links" if links > MOST_LINKS else ""
