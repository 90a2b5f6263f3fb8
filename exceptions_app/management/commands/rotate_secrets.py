"""Seal every secret anew with the newest key, so that an old key can be thrown away (X3)."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from exceptions_app.sealed import SealedJSONField, unreadable


class Command(BaseCommand):
    """Put a new key before the old ones in FLAGSTAND_KEYS, run this, and drop the old."""

    help = "Seal every stored secret anew with the first key of FLAGSTAND_KEYS."

    def handle(self, *_: Any, **__: Any) -> None:
        left = []
        for model in apps.get_models():
            sealed = [f.name for f in model._meta.fields if isinstance(f, SealedJSONField)]
            if not sealed:
                continue
            with transaction.atomic():
                rows = list(model._default_manager.select_for_update())
                model._default_manager.bulk_update(rows, sealed, batch_size=500)
            named = model._meta.verbose_name_plural
            lost = sum(any(unreadable(getattr(row, name)) for name in sealed) for row in rows)
            self.stdout.write(f"{len(rows) - lost} {named} sealed with the newest key.")
            if lost:
                left.append(f"{lost} {named}")
        if left:
            raise CommandError(
                f"{' and '.join(left)} are sealed with a key that FLAGSTAND_KEYS lacks, "
                "and stay as they are. Put that key back and run this again."
            )
