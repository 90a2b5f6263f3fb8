"""Signals as sources send them, for the tests of the intake."""

from itertools import count

NUMBERS = count(1)


def booked(**changes):
    """An appointment booked on 10 March 2026, its technician due at 14:00 UTC."""
    sent = {
        "source": "scheduler",
        "external_id": f"evt-{next(NUMBERS)}",
        "type": "appointment.booked",
        "occurred_at": "2026-03-10T12:00:00+00:00",
        "subject": {"reference": "J-1", "customer": {"name": "Brauer KG"}},
        "milestones": {"checked_in": {"expected_at": "2026-03-10T15:00:00+01:00"}},
    }
    return {
        name: value
        for name, value in (sent | changes).items()
        if value is not None or name in changes
    }


def about(reference, word, at, **rest):
    """A signal that says nothing but its type."""
    return (
        booked(
            type=f"appointment.{word}",
            occurred_at=at.isoformat(),
            subject={"reference": reference},
            milestones={},
        )
        | rest
    )
