"""Sites, teams, people with their roles, and the tokens of programs."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from exceptions_app.admin.base import DeskAdmin, RecordAdmin
from exceptions_app.admin.pressing import Press, PressAdmin, actor
from exceptions_app.cases import triage
from exceptions_app.detection.changing import hours_changed
from exceptions_app.people import tokens
from exceptions_app.people.models import (
    ApiToken,
    IdempotentReply,
    Membership,
    Site,
    Team,
    User,
    WrongPassword,
)
from exceptions_app.vocabulary import Scope


class TeamInline(admin.TabularInline):  # type: ignore[type-arg]  # generic only to mypy
    model = Team
    extra = 0
    can_delete = False


@admin.register(Site)
class SiteAdmin(DeskAdmin):
    """A site stays; cases point to it for good."""

    list_display = ("name", "slug", "time_zone", "calendar")
    list_select_related = ("calendar",)
    search_fields = ("name", "slug")
    inlines = (TeamInline,)

    def save_model(self, request: HttpRequest, obj: Site, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's own
        super().save_model(request, obj, form, change)
        if change and {"calendar", "time_zone"} & set(form.changed_data):
            hours_changed([obj.pk], at=timezone.now())


@admin.register(Team)
class TeamAdmin(DeskAdmin):
    list_display = ("name", "slug", "site")
    list_filter = ("site",)
    list_select_related = ("site",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("site",)


class OthersRoles:
    """Nobody changes or ends a role of their own: the only administrator would be locked out."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)  # type: ignore[misc]  # the admin's
        return allowed and not is_own(obj, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]  # the admin's
        return allowed and not is_own(obj, request)


def is_own(obj: Any, request: HttpRequest) -> bool:
    """A person, or a role of theirs; superusers need none."""
    return not acts_above_roles(request) and request.user.pk in (
        obj.pk if isinstance(obj, User) else None,
        obj.user_id if isinstance(obj, Membership) else None,
    )


@admin.register(Membership)
class MembershipAdmin(OthersRoles, DeskAdmin):
    list_display = ("user", "role", "site", "team")
    list_filter = ("role", "site")
    list_select_related = ("user", "site", "team__site")
    search_fields = ("user__username", "user__last_name")
    autocomplete_fields = ("user", "site", "team")
    deletable = True


class MembershipInline(OthersRoles, admin.TabularInline):  # type: ignore[type-arg]  # generic only to mypy
    model = Membership
    extra = 0
    autocomplete_fields = ("site", "team")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("site", "team__site")


class NewPerson(AdminUserCreationForm[User]):
    class Meta(AdminUserCreationForm.Meta):
        model = User


class Person(UserChangeForm[User]):
    class Meta(UserChangeForm.Meta):
        model = User


@admin.register(User)
class PersonAdmin(DeskAdmin, UserAdmin):  # type: ignore[type-arg]  # generic only to mypy
    """What somebody may do is their memberships; whoever leaves is switched off and stays on the record."""

    form, add_form = Person, NewPerson
    list_display = ("username", "first_name", "last_name", "is_active", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    inlines = (MembershipInline,)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active", "is_superuser")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Preferences", {"fields": ("time_zone", "single_keys", "theme")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser changes a superuser: a role must not be a way to become one."""
        raises = obj is not None and obj.is_superuser and not acts_above_roles(request)
        return not raises and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            left = triage.release_all_of(obj, by=actor(request), at=timezone.now())
            free = sum(one.ok for one in left)
            if left:
                told = f"Open cases of {obj} that have no owner any more: {free} of {len(left)}."
                self.message_user(request, told)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        kept = tuple(super().get_readonly_fields(request, obj))
        kept += ("is_active",) if is_own(obj, request) else ()
        return kept if acts_above_roles(request) else (*kept, "is_superuser")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()


def acts_above_roles(request: HttpRequest) -> bool:
    return cast("User", request.user).is_superuser


class NewToken(forms.ModelForm):  # type: ignore[type-arg]  # generic only to mypy
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=forms.CheckboxSelectMultiple, help_text="As few as will do."
    )
    expires_at = forms.SplitDateTimeField(required=False, widget=AdminSplitDateTime)

    class Meta:
        model = ApiToken
        fields = ("name", "user", "scopes", "expires_at")

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError("Choose a time that is to come.")
        return expires_at


class NewTokenByRole(NewToken):
    """For all but superusers: a role must not be a way to act as one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = cast("forms.ModelChoiceField[User]", self.fields["user"])
        offered.queryset = User.objects.filter(is_superuser=False)


@admin.register(ApiToken)
class ApiTokenAdmin(PressAdmin):
    """A token is shown once, when it is made; afterwards it can only be revoked."""

    add_form = NewToken
    list_display = ("name", "start", "user", "created_at", "expires_at", "used_at", "revoked_at")
    list_filter = ("revoked_at",)
    list_select_related = ("user",)
    search_fields = ("name", "start", "user__username")
    exclude = ("digest",)
    presses = {"revoke": Press("Revoke", lambda token, by, at: tokens.revoke(token, at))}

    def offered(self, by: Any, row: Any) -> dict[str, str]:
        return {"revoke": "It is revoked already." if row.revoked_at else ""}

    def seen(self, row: Any, version: str) -> object:
        return row

    def has_add_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).has_perm("exceptions_app.add_apitoken")

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        if obj:
            return super().get_form(request, obj, *args, **kwargs)
        return self.add_form if acts_above_roles(request) else NewTokenByRole

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else self.add_form.Meta.fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        given = form.cleaned_data
        token, obj.plain = tokens.issue(
            given["user"], given["name"], given["scopes"], timezone.now(), given["expires_at"]
        )
        obj.pk = token.pk

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Token for {obj.name}",
            "opts": self.opts,
            "plain": obj.plain,
        }
        return TemplateResponse(request, "admin/token.html", context)


@admin.register(WrongPassword)
class WrongPasswordAdmin(RecordAdmin):
    """Sign-ins that failed within the last quarter of an hour or so; too many have to wait."""

    list_display = ("who", "at")
    search_fields = ("who",)
    search_help_text = "of, and a name, such as of ana"

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        return rows.filter(who=asked)


@admin.register(IdempotentReply)
class IdempotentReplyAdmin(RecordAdmin):
    """Answers kept for a day, given again when the same write is repeated."""

    list_display = ("actor", "key", "status", "created_at")
    search_fields = ("key",)
    search_help_text = "Actor and key, such as token:3 9f1c…"

    def sought(self, rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
        actor, _, key = asked.partition(" ")
        return rows.filter(actor=actor, key=key.strip())
