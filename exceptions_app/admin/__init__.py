"""Django's admin for every table of the domain; what a verb should change is only shown."""

from exceptions_app.admin import (
    cases,
    complaints,
    detection,
    intake,
    outbox,
    people,
    sla,
    subjects,
)

__all__ = (
    "cases",
    "complaints",
    "detection",
    "intake",
    "outbox",
    "people",
    "sla",
    "subjects",
)
