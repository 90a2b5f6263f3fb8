"""Tells when the workers stand still: something is due, and nothing has been tried for a while."""

from dataclasses import dataclass
from datetime import timedelta

PATIENCE = 15.0
_LONGEST = 600.0


@dataclass
class Watchdog:
    """Killing an idle django-q2 worker freezes the whole pool (django-q2 #23), so somebody looks.

    Patience doubles with every restart that changed nothing: then the reason lies elsewhere.
    """

    patience: float = PATIENCE
    moved: float | None = None
    attempts: int = -1

    def sees_stall(self, overdue: timedelta, attempts: int, *, now: float) -> bool:
        """Say whether to start the workers again; ``now`` is seconds on any steady clock."""
        if self.moved is None or attempts != self.attempts:
            self.patience, self.moved, self.attempts = PATIENCE, now, attempts
        if overdue.total_seconds() < PATIENCE or now - self.moved < self.patience:
            return False
        self.patience, self.moved = min(_LONGEST, self.patience * 2), now
        return True
