"""Throw the demo's data away, so that the next start begins afresh."""

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import demo, embedded, home


class Command(BaseCommand):
    """Remove database, secrets, sign-ins and logs, unless somebody uses them."""

    help = "Throw the demo's data away. Refuses while a demo or a command uses them."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("DATABASE_URL is set. That database is yours to empty.")
        try:
            with demo.only_one():
                if not embedded.remove():
                    raise CommandError("A command still uses the database. End it first.")
                # By name, since FLAGSTAND_HOME may be a folder where other things lie, too.
                for folder in ("logs", "files", "static"):
                    shutil.rmtree(home.folder() / folder, ignore_errors=True)
                for pattern in ("sign-ins.json", "secret_key", "fernet_key", "stories-*"):
                    for file in home.folder().glob(pattern):
                        file.unlink()
        except demo.CannotShow as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write("The demo's data are gone; make demo begins afresh.")
