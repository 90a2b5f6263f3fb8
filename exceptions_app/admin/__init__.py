"""Django's admin for every table of the domain; what a verb should change is only shown."""

from exceptions_app.admin import cases, intake, outbox, people, sla, subjects

__all__ = ("cases", "intake", "outbox", "people", "sla", "subjects")
