"""Issue an API token."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from django.utils import timezone

from exceptions_app.errors import Refused
from exceptions_app.people import tokens
from exceptions_app.people.models import User
from exceptions_app.vocabulary import Scope

NO_TABLES = (
    "There is no desk here yet (its data would be in {}). Run make demo first, or say where it is: "
    "FLAGSTAND_HOME or DATABASE_URL."
)


class Command(BaseCommand):
    help = "Issue an API token for a sign-in. Only the token goes to standard output, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="The sign-in name whose roles the token acts with")
        parser.add_argument("--name", required=True, help="Which program will use it")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=[*Scope.values, "all"],
            help="What it may do; repeat it for more, or say all",
        )
        parser.add_argument(
            "--days", type=int, default=365, help="Days until it expires (365); 0: never"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        at = timezone.now()
        scopes = Scope.values if "all" in options["scope"] else options["scope"]
        expires_at = at + timedelta(days=options["days"]) if options["days"] else None
        try:
            token, plain = tokens.issue(
                self.user(options["user"]), options["name"], scopes, at, expires_at
            )
        except Refused as refusal:
            raise CommandError(" ".join([str(refusal), *refusal.fields.values()])) from refusal
        except ProgrammingError:
            raise CommandError(NO_TABLES.format(settings.FLAGSTAND_HOME)) from None
        self.stdout.write(plain)
        until = f"until {expires_at:%Y-%m-%d}" if expires_at else "for ever"
        told = f"“{token.name}” may do {', '.join(token.scopes)} {until}."
        self.stderr.write(f"{told} Keep it now; only a hash stays.", self.style.SUCCESS)

    def user(self, username: str) -> User:
        found = User.objects.filter(username=username).first()
        if found is None:
            raise CommandError(f"There is no sign-in “{username}”. An administrator can add it.")
        return found
