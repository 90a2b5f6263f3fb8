"""Wiring: every indirect call of the project, on one page."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import Tags, register

from config import checks, tables


class Wiring(AppConfig):
    """Joins what must not know each other."""

    name = "config"
    verbose_name = "Wiring"

    def ready(self) -> None:
        """Join them now, since models exist only from here on."""
        register(checks.production_is_safe, Tags.security)
        register(tables.can_be_migrated, Tags.database)

        from connectors import registry, tasks  # noqa: PLC0415 - these need the models
        from connectors.listening import taking  # noqa: PLC0415
        from exceptions_app.detection import own  # noqa: PLC0415
        from exceptions_app.intake import mending  # noqa: PLC0415
        from exceptions_app.playbooks import running  # noqa: PLC0415
        from exceptions_app.timeline import entries  # noqa: PLC0415

        mending.signals_in_call.append(taking.signals_of)
        running.can.append(registry.can)
        entries.recorded.append(running.on_recorded)
        entries.recorded.append(own.on_recorded)
        entries.committed.append(tasks.on_committed)


class Administration(AdminConfig):
    """Django's admin, entered as the desk is."""

    default_site = "config.administration.DeskAdministration"
