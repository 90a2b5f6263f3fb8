"""Signing in with a password, and changing it."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils import timezone

from dashboards.public import sender
from exceptions_app.errors import NotAllowedNow
from exceptions_app.people import guessing


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
        who = self.cleaned_data.get("username", ""), place
        try:
            guessing.insist_may_try(*who, at=timezone.now())
            return super().clean()
        except NotAllowedNow as refusal:
            raise forms.ValidationError(str(refusal)) from None
        except forms.ValidationError:
            guessing.note_wrong(*who, at=timezone.now())
            raise


class NewPassword(PasswordChangeForm):
    """The old password and the new one, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())

    def clean_old_password(self) -> str:
        who, at = (self.user.get_username(), f"signed in {self.user.pk}"), timezone.now()
        try:
            guessing.insist_may_try(*who, at=at)
            return super().clean_old_password()
        except NotAllowedNow as refusal:
            raise forms.ValidationError(str(refusal)) from None
        except forms.ValidationError:
            guessing.note_wrong(*who, at=at)
            raise
