"""Signing in with a password, and changing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils import timezone

from dashboards.public import sender
from exceptions_app.errors import NotAllowedNow
from exceptions_app.people import guessing


@contextmanager
def counted(name: str, place: str) -> Iterator[None]:
    """What is refused within was a wrong password; after too many nothing is tried."""
    try:
        guessing.insist_may_try(name, place, at=timezone.now())
        yield
    except NotAllowedNow as refusal:
        raise forms.ValidationError(str(refusal)) from None
    except forms.ValidationError:
        guessing.note_wrong(name, place, at=timezone.now())
        raise


class SignIn(AuthenticationForm):
    """Name and password; the refusal says what to do."""

    error_messages = {
        "invalid_login": "This name and password do not go together. Check both, and capital letters.",
        "inactive": "This account is switched off. Ask an administrator to switch it on.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Sign-in name"
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        place = sender(self.request) if self.request else ""
        with counted(self.cleaned_data.get("username", ""), place):
            return super().clean()


class NewPassword(PasswordChangeForm):
    """The old password and the new one, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())

    def clean_old_password(self) -> str:
        with counted(self.user.get_username(), f"signed in {self.user.pk}"):
            return super().clean_old_password()
