"""Write the list of recurring jobs into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from config import schedules


class Command(BaseCommand):
    """Make the database's schedules the same as config/schedules.py."""

    help = "Make the recurring jobs in the database those of config/schedules.py."

    def handle(self, *_: Any, **__: Any) -> None:
        schedules.sync()
        self.stdout.write(f"{len(schedules.JOBS)} recurring jobs are set.")
