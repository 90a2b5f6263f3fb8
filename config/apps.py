"""Wiring: every indirect call of the project, on one page."""

from django.apps import AppConfig


class Wiring(AppConfig):
    name = "config"
    verbose_name = "Wiring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join what must not know each other; imports stand here because models exist only now."""
        from exceptions_app.playbooks import running
        from exceptions_app.timeline import entries

        entries.recorded.append(running.on_recorded)
