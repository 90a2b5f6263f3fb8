"""What a person sets for themselves: password, theme and single-key shortcuts. And the front door."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from dashboards.answers import back, wants_json
from exceptions_app.models import User


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return redirect("board")


@login_required
@require_GET
def password_changed(request: HttpRequest) -> HttpResponse:
    messages.success(
        request, "Your password is changed. Wherever else you were signed in, you are out."
    )
    return redirect("board")


@login_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system has it."""
    wanted = request.POST.get("theme", "")
    return remember(request, theme=wanted if wanted in {"light", "dark"} else "")


@login_required
@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Switch single-key shortcuts on or off."""
    return remember(request, single_keys=request.POST.get("single_keys") == "on")


def remember(request: HttpRequest, **values: object) -> HttpResponse:
    User.objects.filter(username=request.user.get_username()).update(**values)
    if wants_json(request):
        return HttpResponse(status=204)
    return redirect(back(request))
