"""Django's admin for the administrators of the desk, and for nobody else."""

from collections.abc import Iterable
from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse

from exceptions_app.people.administrators import administers

#: Roles are memberships, not groups; and who could edit a schedule could run any function.
NOT_SHOWN = frozenset({"auth", "django_q"})


class DeskAdministration(AdminSite):
    """The admin, entered by the desk's own sign-in."""

    site_title = site_header = "Flagstand administration"
    index_title = "Everything that is configured, and everything that was recorded"
    site_url = settings.LOGIN_REDIRECT_URL

    def has_permission(self, request: HttpRequest) -> bool:
        return administers(request.user)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied("Only an administrator of every site may enter here.")
        return redirect_to_login(request.GET.get("next", request.get_full_path()))

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: Any = None,
        **options: Any,
    ) -> None:
        given: Any = model_or_iterable
        models = cast("list[type[Model]]", [given] if isinstance(given, ModelBase) else [*given])
        shown = [model for model in models if model._meta.app_label not in NOT_SHOWN]
        super().register(shown, admin_class, **options)
