"""Check that nobody changed the timeline."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exceptions_app.cases.models import Case
from exceptions_app.timeline.entries import verify
from exceptions_app.timeline.models import Entry


class Command(BaseCommand):
    help = "Recompute the hash chain of every case's timeline, or of one, and name each break."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", help="Only this one, such as EX-1042")

    def handle(self, *_: Any, **options: Any) -> None:
        case = self.case(options["case"])
        breaks = verify(case.pk if case else None)
        for broken in breaks:
            number = Case.objects.filter(pk=broken.case_id).values_list("number", flat=True).first()
            self.stdout.write(f"EX-{number} entry {broken.seq}: {broken.reason}")
        if breaks:
            raise CommandError("The timeline was tampered with. The entries above do not hold.")
        entries = Entry.objects.filter(case=case) if case else Entry.objects.all()
        self.stdout.write(f"The timeline holds: {entries.count():,} entries checked.")

    def case(self, shown: str | None) -> Case | None:
        if shown is None:
            return None
        number = shown.upper().removeprefix("EX-")
        found: Case | None = (
            Case.objects.filter(number=number).first() if number.isdigit() else None
        )
        if found is None:
            raise CommandError(f"There is no case {shown}.")
        return found
