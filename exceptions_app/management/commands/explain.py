"""Say why a signal became what it became, or what every rule says of a subject."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from exceptions_app.errors import DeskError
from exceptions_app.intake import why
from exceptions_app.intake.why import Answer
from exceptions_app.people.access import SYSTEM
from exceptions_app.subjects.models import Subject


class Command(BaseCommand):
    help = "Say why: what became of a signal, or what every rule says of a subject."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", nargs="?", help="Slug of the signal's source")
        parser.add_argument("external_id", nargs="?", help="The id it has there")
        parser.add_argument("--subject", help="A subject's reference, or kind:reference")
        parser.add_argument("--at", help="As of an ISO time with zone; with --subject")
        parser.add_argument("--json", action="store_true", help="For programs")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            answers = self.answers(options)
        except DeskError as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            told = [document(answer) for answer in answers]
            self.stdout.write(json.dumps(told if options["subject"] else told[0], default=str))
            return
        for answer in answers:
            self.stdout.write("\n".join(lines(answer)))

    def answers(self, options: dict[str, Any]) -> list[Answer]:
        if options["subject"]:
            at = instant(options["at"])
            return [
                why.of_subject(one, by=SYSTEM, now=timezone.now(), at=at)
                for one in subjects(options["subject"])
            ]
        if not options["external_id"]:
            raise CommandError("Name SOURCE and EXTERNAL_ID of a signal, or --subject REFERENCE.")
        return [why.named(options["source"], options["external_id"], by=SYSTEM)]


def subjects(asked: str) -> list[Subject]:
    """References repeat between sites and kinds; each is answered for."""
    kind, _, reference = asked.partition(":")
    found = Subject.objects.select_related("site").filter(reference=asked)
    if reference:
        found = found | Subject.objects.select_related("site").filter(
            kind=kind, reference=reference
        )
    rows = list(found.order_by("pk")[:20])
    if not rows:
        raise CommandError(f"There is no subject {asked}.")
    return rows


def instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError("--at takes an ISO time such as 2026-11-24T18:00:00+01:00.") from None
    if at.tzinfo is None:
        raise CommandError("--at needs a time zone, such as 2026-11-24T18:00:00Z.")
    return at.astimezone(UTC)


def document(answer: Answer) -> dict[str, Any]:
    named = (
        {"source": answer.source, "external_id": answer.external_id} if not_subject(answer) else {}
    )
    subject = answer.subject
    return {
        **named,
        "outcome": answer.outcome or None,
        "receipt": answer.receipt_id,
        "subject": f"{subject.kind}:{subject.reference}" if subject else None,
        "at": answer.at.isoformat(),
        "understood": answer.understood,
        "rules": [asdict(verdict) for verdict in answer.verdicts],
        "became": [asdict(became) for became in answer.became],
        "since": [asdict(turn) for turn in answer.since],
    }


def not_subject(answer: Answer) -> bool:
    return answer.signal is not None or answer.refused is not None


def lines(answer: Answer) -> list[str]:
    """The answer as text."""
    about = answer.subject
    head = f"{answer.source} {answer.external_id}: {answer.outcome}" if not_subject(answer) else ""
    said = [head] if head else []
    if answer.understood:
        said.append(f"  understood as: {'; '.join(answer.understood)}")
    if about is not None:
        said.append(f"{about.kind} {about.reference}, as of {answer.at:%Y-%m-%d %H:%M} UTC")
    said += [f"  {verdict.rule}: {verdict.sentence}" for verdict in answer.verdicts]
    said += [f"  then: {one.rule} {one.became} {one.case} {one.why}" for one in answer.became]
    said += [
        f"  {turn.at:%Y-%m-%d %H:%M} {turn.case} {turn.verb}: {turn.title}" for turn in answer.since
    ]
    if answer.next_look_at:
        said.append(f"  looks again {answer.next_look_at:%Y-%m-%d %H:%M} UTC")
    return said
