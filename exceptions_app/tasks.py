"""The domain's recurring jobs, as django-q2 calls them."""

from django.utils import timezone

from exceptions_app.intake import refusing
from exceptions_app.people import replies


def forget_replies() -> None:
    replies.purge(timezone.now())


def forget_refused() -> None:
    refusing.forget_refused(timezone.now())
