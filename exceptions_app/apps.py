"""The domain as a Django app."""

from django.apps import AppConfig


class ExceptionsAppConfig(AppConfig):
    name = "exceptions_app"
    verbose_name = "Exception desk"
    default_auto_field = "django.db.models.BigAutoField"
