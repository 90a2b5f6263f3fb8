"""Trying a connection."""

from django.utils import timezone

from connectors import worker
from connectors.worker import Probed
from exceptions_app.models import Connection
from exceptions_app.outbox import gates


def tried(connection: Connection) -> Probed:
    """Ask something harmless, and remember how it went: what answers need not stay open."""
    probed, at = worker.probe(connection), timezone.now()
    if probed.ok and not probed.request:
        return probed  # nothing was asked, so nothing is known
    if probed.ok:
        gates.note_answer(connection.pk)
    told = {"succeeded_at": at, "last_error": ""}
    failed = {"failed_at": at, "last_error": probed.verdict[:500]}
    Connection.objects.filter(pk=connection.pk).update(**(told if probed.ok else failed))
    return probed
