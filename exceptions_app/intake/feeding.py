"""Taking an uploaded file in, shift by shift: any shift may be killed, the next goes on where it stood (I4).

First the rows are read into a spool in time order, then its signals are fed to the intake, a thousand at a
time. Position, counts and refused rows commit with the signals; the lease keeps a shift that was given up for
dead from writing.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from exceptions_app import leases
from exceptions_app.errors import DeskError, Refused
from exceptions_app.intake import tables
from exceptions_app.intake.accept import MOST, accept
from exceptions_app.intake.documents import compiled
from exceptions_app.intake.histories import running, told_by_hand
from exceptions_app.intake.importing import path, spool_path
from exceptions_app.intake.models import ImportProblem, TableImport
from exceptions_app.intake.renewing import renewed
from exceptions_app.intake.replay import Bad, Replayed, heard_at, passing, patiently
from exceptions_app.intake.spool import BEGIN, Place, Spool, Spooled
from exceptions_app.people.access import person
from exceptions_app.vocabulary import ImportMode, ImportState

ROWS = 2_000
#: More problems than these are counted, and not kept one by one.
MOST_PROBLEMS = 100_000

Clock = Callable[[], datetime]


def shift(*, now: Clock, seconds: float) -> bool:
    """Work on one import for so long; whether there may be more to do."""
    ours = claim(now())
    if ours is None:
        return False
    try:
        Work(ours, now, time.monotonic() + seconds).go_on()
    except leases.TakenOver:
        return True
    except DeskError as refusal:
        end(ours, ImportState.FAILED, at=now(), said=str(refusal))
    leases.give_back(ours)
    return True


def claim(at: datetime) -> TableImport | None:
    """Of the imports that nobody works on, the one that had the fewest shifts: a short one overtakes."""
    rows = free(at).order_by("token", "started_at").select_related("by")
    return leases.claim(
        rows, at, partial(end, state=ImportState.FAILED, at=at, said=leases.GIVEN_UP)
    )


def free(at: datetime) -> QuerySet[TableImport]:
    """Those that nobody works on; of the histories of one site the first, until it has ended."""
    told_first = running().filter(site=OuterRef("site")).order_by("started_at", "pk").values("pk")
    turn = ~Q(site__in=told_by_hand()) & Q(pk=Subquery(told_first[:1]))
    return TableImport.objects.filter(
        leases.left(at), ~Q(mode=ImportMode.HISTORY) | turn, state=ImportState.RUNNING
    )


def waiting(at: datetime) -> bool:
    return free(at).exists()


def end(of: TableImport, state: ImportState, *, at: datetime, said: str = "") -> None:
    leases.end(of, state, ended_at=at, said=said[:500])
    spool_path(of).unlink(missing_ok=True)


class Work:
    """One shift of one import."""

    def __init__(self, of: TableImport, now: Clock, until: float) -> None:
        self.of, self.now, self.until = of, now, until
        self.mapping = compiled(of.document, of.mapping)
        self.by = person(of.by)
        self.history = of.mode == ImportMode.HISTORY

    def go_on(self) -> None:
        spool_path(self.of).parent.mkdir(parents=True, exist_ok=True)
        spool = Spool(spool_path(self.of))
        try:
            if self.read_on(spool) and self.post_on(spool):
                end(self.of, ImportState.DONE, at=self.now())
        finally:
            spool.close()

    def time_left(self) -> bool:
        return time.monotonic() < self.until

    def noted(self, bad: Sequence[Bad] = (), **changes: Any) -> None:
        """Write down how far it is, within the caller's transaction; not if it is no longer ours."""
        room = max(0, MOST_PROBLEMS - self.of.problems)
        self.of.problems += len(bad)
        told = F("problems") + len(bad)
        leases.note(self.of, self.now(), problems=told, tries=0, **changes)
        ImportProblem.objects.bulk_create(
            ImportProblem(of=self.of, row=one.row, field=one.field[:120], reason=one.reason[:500])
            for one in bad[:room]
        )

    def read_on(self, spool: Spool) -> bool:
        """Read rows into the spool; whether all of the file is in it."""
        done = spool.lines()
        if self.of.signals is not None and done >= self.of.rows:
            return True
        rows = enumerate(tables.rows(path(self.of), self.mapping), start=1)
        for _ in islice(rows, done):
            pass
        while True:  # one piece at least: passing over a million rows may have taken all the time
            piece = list(islice(rows, ROWS))
            signals, bad = [], []
            for number, read in piece:
                try:
                    made = enumerate(self.mapping.signals(read))
                    signals += [(number + 1, place, signal) for place, signal in made]
                except Refused as refusal:
                    bad += [Bad(number + 1, *one) for one in refusal.fields.items()]
            done += len(piece)
            # After a spool was lost, rows are read that were told of before.
            fresh = [one for one in bad if one.row > self.of.rows + 1]
            with transaction.atomic():
                self.noted(fresh, rows=max(self.of.rows, done))
            spool.add(signals, lines=done)
            self.of.rows = max(self.of.rows, done)
            if len(piece) < ROWS:
                self.of.signals = spool.count()
                leases.held(self.of).update(signals=self.of.signals)
                return True
            if not self.time_left():
                return False

    def post_on(self, spool: Spool) -> bool:
        """Feed the spool to the intake; whether all of it is fed."""
        place = placed(self.of.position)
        while self.come_up_to(self.of.moment):
            piece = spool.after(place, MOST)
            if not piece:
                return True
            place = piece[-1].place
            self.post(piece, place)
            if not self.time_left():
                return False
        return False

    def post(self, piece: Sequence[Spooled], place: Place) -> None:
        last = min(datetime.fromisoformat(place[0]), self.now())
        patiently(lambda: self.posted(piece, place, last))
        self.of.moment = last

    @transaction.atomic
    def posted(self, piece: Sequence[Spooled], place: Place, last: datetime) -> None:
        done = Replayed()
        signals, rows = [one.signal for one in piece], [one.place[1] for one in piece]
        if self.history:
            receipt = accept(
                signals, by=self.by, at=last, moment=heard_at, now=self.now(), keep=False
            )
            done.count(receipt, rows, self.mapping.fields)
        else:
            self.sent(signals, rows, done)
        self.noted(
            done.bad,
            fed=F("fed") + len(piece),
            position="|".join(map(str, place)),
            moment=last if self.history else None,
            stored=F("stored") + done.stored,
            duplicate=F("duplicate") + done.duplicate,
            opened=F("opened") + len(done.opened),
        )

    def sent(self, signals: Sequence[Any], rows: Sequence[int], done: Replayed) -> None:
        """As their source would have; what it tells otherwise than in its last export is told now.

        Nothing is kept to be mended: what is refused is in the file of refused rows.
        """
        at = self.now()
        receipt = accept(signals, by=self.by, at=at, keep=False)
        again = renewed(signals, receipt, at=at)
        done.count(receipt, rows, self.mapping.fields, known=again.known)
        if again.updates:
            told = accept(list(again.updates.values()), by=self.by, at=at, keep=False)
            done.count(told, [rows[place] for place in again.updates], self.mapping.fields)

    def come_up_to(self, moment: datetime | None) -> bool:
        """In history, everything that came due by then; whether all of it is found.

        It may be much: every order of a day has its promise at the same second.
        """
        if not self.history or moment is None or self.of.site is None:
            return True
        found = Replayed()
        for _ in passing(moment, self.of.site, found, within=self.noted):
            self.noted(opened=F("opened") + len(found.opened))
            found.opened.clear()
            if not self.time_left():
                return False
        return True


def placed(position: str) -> Place:
    if not position:
        return BEGIN
    at, line, place = position.split("|")
    return at, int(line), int(place)
