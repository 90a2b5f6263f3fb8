"""Rules about status questions: asked again and again, whatever it is about (T21)."""

from datetime import timedelta

from exceptions_app.detection.rules.repeated import Repeated
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import ExceptionType, Severity

RULES = tuple(
    Repeated(
        slug=f"{kind.value}.asked_often",
        kind=kind,
        exception_type=ExceptionType.STATUS_QUESTIONS,
        word="asked",
        more_than=2,
        within=timedelta(days=7),
        title="{customer} asks again and again about {name}",
        team="support",
        severity=Severity.MEDIUM,
        about="questions",
    )
    for kind, journey in JOURNEYS.items()
    if "asked" in journey.reports
)
