"""Uploaded files: looked at, tried, taken in shift by shift, whatever is killed meanwhile."""

import gzip
import stat
from datetime import timedelta
from errno import ENOSPC
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError

from exceptions_app import leases
from exceptions_app.detection import watch
from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted, Refused
from exceptions_app.intake import feeding, importing, replay, saving, spool, tables
from exceptions_app.intake.histories import telling
from exceptions_app.models import Case, ImportProblem, Receipt, Signal, Source, Subject, TableImport
from exceptions_app.people.access import person
from exceptions_app.storage import NO_ROOM
from exceptions_app.vocabulary import ImportState, Role
from tests.factories import (
    HOUR,
    NOON,
    SavedMappingFactory,
    SiteFactory,
    SourceFactory,
    SubjectFactory,
    UserFactory,
)  # fmt: skip

pytestmark = pytest.mark.django_db

HEAD = "order_id,purchase,approved,carrier,delivered,promise,status_at_cut\n"
LATE = "o-1,2018-01-01 10:00:00,,,,2018-01-20,created\n"
KEPT = "o-2,2018-01-02 10:00:00,2018-01-02 11:00:00,,2018-01-05 10:00:00,2018-01-20,delivered\n"
BAD = "o-3,yesterday,,,,2018-01-20,created\n"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def ingrid():
    return person(UserFactory(role=Role.ADMINISTRATOR))


@pytest.fixture
def olist():
    return SourceFactory(
        slug="olist", site=SiteFactory(slug="olist", time_zone="America/Sao_Paulo")
    )


def damaged():
    """A gzip file, one bit of which was lost on its way."""
    raw = bytearray(gzip.compress(b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(999))))
    raw[40] ^= 0xFF
    return bytes(raw)


def uploaded(by, text=HEAD + LATE + KEPT, name="orders.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return importing.upload(name, BytesIO(content), len(content), by=by, at=NOON)


def started(by, text=HEAD + LATE + KEPT, mode="history", **given):
    return importing.start(uploaded(by, text, **given).pk, "olist", mode, by=by, at=NOON)


def shift(seconds=30.0, at=NOON):
    return feeding.shift(now=lambda: at, seconds=seconds)


def work(at=NOON):
    """All shifts, until nothing is left to do."""
    for _ in range(50):
        if not shift(at=at):
            return
    raise AssertionError("It never ends.")


def state_of(one):
    one.refresh_from_db()
    return one


def test_a_file_is_kept_and_nothing_is_taken_in_before_it_is_started(ingrid, files):
    one = uploaded(ingrid)

    assert importing.head(one).columns[:2] == ["order_id", "purchase"]
    assert [row["order_id"] for row in importing.head(one).rows] == ["o-1", "o-2"]
    assert (one.state, Signal.objects.count()) == (ImportState.UPLOADED, 0)
    assert [path.read_bytes() for path in (files / "imports").iterdir()] == [
        (HEAD + LATE + KEPT).encode()
    ]
    assert not shift()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("orders.xlsx", b"a,b\n"),
        ("orders.csv", b""),
        ("orders.csv", "Größe\n".encode("latin-1")),
        ("orders.csv", b"a," + b"x" * 1_000_001),
        ("orders.csv", b"a,b\n" + b"\n" * 10_002),
        ("orders.csv.gz", b"a,b\n"),
        ("orders.csv.gz", damaged()),
    ],
)
def test_a_file_that_is_no_csv_is_refused_and_not_kept(ingrid, files, name, content):
    with pytest.raises(Refused) as refusal:
        uploaded(ingrid, content, name)

    assert list(refusal.value.fields) == ["file"]
    assert not TableImport.objects.exists()
    assert not [*files.glob("imports/*")]


def test_a_file_for_which_there_is_no_room_is_refused_and_nothing_of_it_stays(ingrid, files):
    class Long(BytesIO):
        def read(self, *_):
            if any(path.is_file() for path in files.glob("imports/*")):
                raise OSError(ENOSPC, "No space left on device")
            return b"a,b\n"

    with pytest.raises(Refused, match=NO_ROOM) as refusal:
        importing.upload("a.csv", Long(b"a,b\n"), 4, by=ingrid, at=NOON)

    assert refusal.value.fields["file"] == NO_ROOM
    assert not [*files.glob("imports/*")]


def test_a_file_that_is_too_large_is_refused(ingrid):
    with pytest.raises(Refused, match="too large"):
        importing.upload("a.csv", BytesIO(), importing.LARGEST + 1, by=ingrid, at=NOON)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_are_found_whatever_parts_them(ingrid, delimiter):
    text = "\ufeff" + (HEAD + LATE).replace(",", delimiter)

    one = uploaded(ingrid, gzip.compress(text.encode()), "orders.CSV.gz".lower())

    assert importing.head(one).rows[0]["purchase"] == "2018-01-01 10:00:00"


def test_a_dry_run_tells_what_would_become_of_each_row_and_stores_nothing(ingrid, olist):
    one = uploaded(ingrid, HEAD + LATE + BAD + KEPT)
    mapping = saving.columns_of("olist", by=ingrid)

    rows = importing.dry_run(one, mapping, by=ingrid, at=NOON)

    assert [(row.number, list(row.wrong), len(row.signals)) for row in rows] == [
        (2, [], 1),
        (3, ["purchase"], 0),
        (4, [], 3),
    ]
    assert importing.counts(rows) == {
        "stored": 4, "duplicate": 0, "conflict": 0, "refused": 0, "rows": 3, "bad_rows": 1,
    }  # fmt: skip
    assert not Signal.objects.exists()
    assert not Receipt.objects.exists()


def test_history_opens_what_a_desk_would_have_opened_then_and_sleeps(ingrid, olist):
    one = started(
        ingrid, HEAD + LATE + KEPT + BAD + "o-9,2018-02-20 10:00:00,,,,2018-03-20,created\n"
    )

    work()

    assert state_of(one).state == ImportState.DONE
    assert (one.rows, one.signals, one.fed, one.stored, one.problems) == (4, 5, 5, 5, 1)
    late = Case.objects.get(rule="order.late")
    assert (late.reference, late.opened_at.date().isoformat()) == ("o-1", "2018-01-21")
    assert Subject.objects.get(reference="o-1").imported
    assert one.opened == Case.objects.count()
    assert list(importing.problems(one)) == [
        (4, "purchase", "“yesterday” is no time; write one such as 2018-02-28 23:57:18.")
    ]


def test_what_is_uploaded_is_nobody_elses_on_the_machine(ingrid, files):
    kept = importing.path(uploaded(ingrid))

    assert [stat.S_IMODE(one.stat().st_mode) for one in (kept, kept.parent)] == [0o600, 0o700]


@pytest.mark.parametrize("mode", ["history", "live"])
def test_a_row_of_a_year_to_come_is_refused_and_keeps_nothing_from_being_told(ingrid, olist, mode):
    ahead = KEPT.replace("2018-01-05", "2038-01-05").replace("o-2", "o-3")
    one = started(ingrid, HEAD + LATE + ahead + KEPT, mode=mode)

    work()

    assert state_of(one).state == ImportState.DONE
    ((row, _, why),) = importing.problems(one)
    assert (row, "is still to come" in why) == (3, True)
    assert not one.moment or one.moment <= NOON
    assert Case.objects.filter(reference="o-1", rule="order.late").count() == 1


def test_live_rows_are_heard_now(ingrid, olist):
    one = started(ingrid, mode="live")

    work()

    assert state_of(one).state == ImportState.DONE
    assert not Subject.objects.filter(imported=True).exists()
    assert Subject.objects.get(reference="o-1").last_signal_at == NOON


def test_the_next_export_tells_what_is_otherwise_now(ingrid, olist):
    """A promise is moved, and moved back; each night the whole file is sent again."""
    promised, stored = [], []
    for number, day in enumerate(("2018-01-20", "2018-01-25", "2018-01-25", "2018-01-20")):
        night = started(ingrid, HEAD + LATE.replace("2018-01-20", day) + KEPT, mode="live")
        work(NOON + 24 * number * HOUR)
        zone = ZoneInfo("America/Sao_Paulo")
        promised.append(Subject.objects.get(reference="o-1").promised_at.astimezone(zone).day)
        stored.append((state_of(night).stored, night.problems))

    assert promised == [20, 25, 25, 20]
    assert stored == [(4, 0), (1, 0), (0, 0), (1, 0)]


def test_two_rows_of_one_name_in_a_file_are_told_as_a_mistake(ingrid, olist):
    one = started(ingrid, HEAD + LATE + LATE.replace("2018-01-20", "2018-01-25"), mode="live")

    work()

    assert (state_of(one).stored, one.problems) == (1, 1)


def test_the_same_file_again_changes_nothing(ingrid, olist):
    started(ingrid)
    work()
    before = Signal.objects.count(), Case.objects.count()
    again = started(ingrid)

    work()

    assert (state_of(again).stored, again.duplicate) == (0, before[0])
    assert (Signal.objects.count(), Case.objects.count()) == before


def many(count):
    rows = (f"o-{n},2018-01-01 10:{n % 60:02}:00,,,,2018-01-20,created\n" for n in range(count))
    return HEAD + "".join(rows) + BAD


def test_an_import_goes_on_where_each_short_shift_left_it(ingrid, olist, monkeypatch):
    monkeypatch.setattr(feeding, "ROWS", 40)
    monkeypatch.setattr(feeding, "MOST", 30)
    one = started(ingrid, many(100))

    shifts = 0
    while shift(seconds=0):
        shifts += 1

    assert shifts > 5
    assert (state_of(one).state, one.rows, one.fed, one.stored, one.problems) == (
        ImportState.DONE, 101, 100, 100, 1,
    )  # fmt: skip
    assert Signal.objects.count() == 100


def test_a_short_import_overtakes_one_that_has_had_many_shifts(ingrid, olist, monkeypatch):
    monkeypatch.setattr(feeding, "ROWS", 10)
    long = started(ingrid, many(200), "live")
    for _ in range(8):
        shift(seconds=0)
    short = started(ingrid, mode="live")
    TableImport.objects.filter(pk=long.pk).update(started_at=NOON - timedelta(minutes=1))

    while state_of(short).state == ImportState.RUNNING:
        shift(seconds=0)

    assert state_of(short).state == ImportState.DONE
    assert state_of(long).state == ImportState.RUNNING


@pytest.mark.parametrize("lost_spool", [False, True])
def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    ingrid, olist, monkeypatch, lost_spool, files
):
    """It dies at each place in turn: before rows are spooled, before and after signals are fed."""
    monkeypatch.setattr(feeding, "ROWS", 40)
    monkeypatch.setattr(feeding, "MOST", 30)
    one = started(ingrid, many(100))

    class Killed(BaseException):
        pass

    def dying(real, *, after):
        left = [1]

        def once(*args, **kwargs):
            found = real(*args, **kwargs) if after else None
            if left.pop() if left else None:
                raise Killed
            return found if after else real(*args, **kwargs)

        return once

    deaths = [
        (spool.Spool, "add", False),
        (spool.Spool, "add", True),
        (feeding.Work, "posted", False),
        (feeding.Work, "posted", True),
        (feeding.Work, "noted", True),
        (feeding, "accept", True),
    ]
    for where, name, after in deaths:
        with monkeypatch.context() as patch:
            patch.setattr(where, name, dying(getattr(where, name), after=after))
            with pytest.raises(Killed):
                work()
        TableImport.objects.update(leased_until=None)  # as it does by itself after a while
        if lost_spool:
            for gone in files.glob("imports/*.spool"):
                gone.unlink()

    work()

    assert (state_of(one).state, one.rows, one.fed, one.stored, one.problems) == (
        ImportState.DONE, 101, 100, 100, 1,
    )  # fmt: skip
    assert (Signal.objects.count(), ImportProblem.objects.count()) == (100, 1)


def test_an_import_that_somebody_works_on_is_left_alone_until_its_lease_ends(ingrid, olist):
    one = started(ingrid)
    TableImport.objects.update(leased_until=NOON + HOUR)

    assert not shift()

    TableImport.objects.update(leased_until=NOON - HOUR)
    work()
    assert state_of(one).state == ImportState.DONE


def test_histories_of_one_site_are_told_one_after_the_other(ingrid, olist):
    """Each looks at all that is asleep there: the other's half told orders would be late."""
    first, second, live = started(ingrid), started(ingrid), started(ingrid, mode="live")
    for later, one in enumerate((first, live, second)):
        TableImport.objects.filter(pk=one.pk).update(started_at=NOON + later * HOUR)

    claimed = [feeding.claim(NOON), feeding.claim(NOON), feeding.claim(NOON)]

    assert [one and one.pk for one in claimed[:2]] == [first.pk, live.pk]
    assert claimed[2] is None
    assert claimed[0]
    leases.give_back(claimed[0])  # between two shifts it is still its turn
    assert feeding.claim(NOON).pk == first.pk
    feeding.end(state_of(first), ImportState.DONE, at=NOON)
    assert feeding.claim(NOON).pk == second.pk


def test_history_is_told_by_hand_or_by_an_import_and_never_by_both(ingrid, olist):
    with telling(olist.site), pytest.raises(NotAllowedNow, match="already"), telling(olist.site):
        raise AssertionError("Two tell it.")
    with telling(olist.site):
        started(ingrid)
        assert feeding.claim(NOON) is None

    with pytest.raises(NotAllowedNow), telling(olist.site):
        raise AssertionError("An import has begun.")

    assert feeding.claim(NOON) is not None


def test_a_cancelled_import_looks_at_nothing_more(ingrid, olist):
    """Whose turn it is now tells of an earlier time."""
    one = started(ingrid)
    held = feeding.claim(NOON)
    assert held
    importing.cancel(one.pk, by=ingrid, at=NOON)
    work = feeding.Work(held, lambda: NOON, 0)
    asleep = SubjectFactory(site=olist.site, imported=True, next_look_at=NOON - HOUR)

    with pytest.raises(leases.TakenOver):
        work.come_up_to(NOON)

    assert state_of(asleep).next_look_at == NOON - HOUR


def test_a_cancelled_import_stops_and_what_was_taken_stays(ingrid, olist, monkeypatch):
    monkeypatch.setattr(feeding, "MOST", 30)
    one = started(ingrid, many(100))
    while state_of(one).fed < 30:
        shift(seconds=0)

    importing.cancel(one.pk, by=ingrid, at=NOON)

    assert not shift()
    assert (state_of(one).state, one.fed) == (ImportState.CANCELLED, Signal.objects.count())
    with pytest.raises(NotAllowedNow):
        importing.cancel(one.pk, by=ingrid, at=NOON)


def test_a_worker_that_was_given_up_for_dead_writes_nothing_more(ingrid, olist):
    one = started(ingrid)
    held = feeding.claim(NOON)
    assert held is not None
    TableImport.objects.update(token=held.token + 1)

    with pytest.raises(leases.TakenOver):
        feeding.Work(held, lambda: NOON, 0).go_on()

    assert not Signal.objects.exists()
    assert state_of(one).rows == 0


def test_what_cannot_go_on_fails_with_the_reason(ingrid, olist):
    one = started(ingrid)
    one.by.memberships.all().delete()

    work()

    assert (state_of(one).state, "may not send" in one.said) == (ImportState.FAILED, True)


def test_a_file_that_ends_early_fails_with_the_reason(ingrid, olist):
    whole = gzip.compress(many(3_000).encode())
    one = started(ingrid, whole[:-20], name="orders.csv.gz")

    work()

    assert (state_of(one).state, "ends early" in one.said) == (ImportState.FAILED, True)


def test_what_stops_again_and_again_is_given_up(ingrid, olist, monkeypatch):
    one = started(ingrid)

    def broken(*_, **__):
        raise OperationalError("the disk is full")

    monkeypatch.setattr(feeding, "Spool", broken)
    for _ in range(leases.TRIES):
        with pytest.raises(OperationalError):
            shift()
        TableImport.objects.update(leased_until=None)

    assert not shift()
    assert (state_of(one).state, one.said) == (ImportState.FAILED, leases.GIVEN_UP)


def test_more_problems_than_are_kept_are_counted(ingrid, olist, monkeypatch):
    monkeypatch.setattr(feeding, "MOST_PROBLEMS", 3)
    one = started(ingrid, HEAD + BAD * 5 + LATE)

    work()

    assert (state_of(one).problems, ImportProblem.objects.count(), one.stored) == (5, 3, 1)


def test_a_row_too_many_ends_it_with_a_sentence(ingrid, olist, monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 1)
    one = started(ingrid)

    work()

    assert (state_of(one).state, "split it" in one.said) == (ImportState.FAILED, True)


def test_a_later_change_of_the_mapping_does_not_touch_what_was_started(ingrid, olist):
    body = '{"reference": "order_id", "signals": [{"type": "order.placed", "occurred_at": "purchase"}]}'
    mapping = SavedMappingFactory(kind="csv", source=olist, body=body)
    one = uploaded(ingrid)
    importing.start(one.pk, mapping.slug, "history", by=ingrid, at=NOON)
    mapping.body = mapping.body.replace("placed", "paid")
    mapping.save()

    work()

    assert set(Signal.objects.values_list("type", flat=True)) == {"order.placed"}


@pytest.mark.parametrize(
    ("name", "mode", "refusal"),
    [
        ("olist", "sometimes", Refused),
        ("nothing", "live", NotFound),
        ("incidents", "live", Refused),
    ],
)
def test_what_cannot_be_started_is_refused(ingrid, olist, name, mode, refusal):
    one = uploaded(ingrid)

    with pytest.raises(refusal):
        importing.start(one.pk, name, mode, by=ingrid, at=NOON)

    assert state_of(one).state == ImportState.UPLOADED


def test_an_import_is_started_once(ingrid, olist):
    one = started(ingrid)

    with pytest.raises(NotAllowedNow):
        importing.start(one.pk, "olist", "live", by=ingrid, at=NOON)


def test_a_missing_source_is_made_by_administrators_only(ingrid):
    there = person(UserFactory(role=Role.INTEGRATOR))
    with pytest.raises(NotPermitted):
        started(there)

    started(ingrid)
    work()

    assert Signal.objects.count() == 4


def test_a_source_that_an_import_makes_is_in_quarantine_until_somebody_has_looked(ingrid):
    importing.start(uploaded(ingrid).pk, "olist", "live", by=ingrid, at=NOON)

    made = Source.objects.get()
    assert (made.quarantined_at, made.doubt) == (NOON, "new")


def test_history_needs_a_site(ingrid):
    SourceFactory(slug="olist", site=None)

    with pytest.raises(Refused, match="History needs a site"):
        started(ingrid)


def test_a_file_is_seen_by_its_uploader_and_by_those_of_its_site(ingrid, olist):
    uploader = person(UserFactory(role=Role.INTEGRATOR, role__site=olist.site))
    colleague = person(UserFactory(role=Role.INTEGRATOR, role__site=olist.site))
    elsewhere = person(UserFactory(role=Role.INTEGRATOR, role__site=SiteFactory(slug="south")))
    one = uploaded(uploader)

    def seers():
        return [list(importing.visible(by)) == [one] for by in (uploader, colleague, elsewhere)]

    assert seers() == [True, False, False]
    importing.start(one.pk, "olist", "history", by=uploader, at=NOON)
    assert seers() == [True, True, False]
    with pytest.raises(NotPermitted):
        importing.visible(person(UserFactory(role=Role.MANAGER)))


def test_files_are_deleted_after_a_week_and_what_is_known_of_them_stays(ingrid, olist, files):
    done, waiting = started(ingrid), uploaded(ingrid)
    work()
    running = started(ingrid)

    assert importing.forget(NOON + timedelta(days=6)) == 0
    assert importing.forget(NOON + timedelta(days=8)) == 2

    assert (state_of(done).file, state_of(waiting).file) == ("", "")
    assert default_storage.exists(state_of(running).file)
    assert len([*files.glob("imports/*")]) == 1
    with pytest.raises(NotAllowedNow, match="seven days"):
        importing.head(waiting)


def test_a_day_on_which_much_comes_due_is_told_in_several_shifts(ingrid, olist, monkeypatch):
    look = watch.look_again

    def one_by_one(at, **given):
        return look(at, **(given | {"limit": 1}))

    monkeypatch.setattr(replay, "look_again", one_by_one)
    later = "o-9,2018-02-20 10:00:00,,,,2018-03-20,created\n"
    one = started(ingrid, HEAD + LATE + LATE.replace("o-1", "o-2") + later)

    shifts = 0
    while shift(seconds=0):
        shifts += 1

    assert shifts > 3
    assert (state_of(one).state, one.opened) == (ImportState.DONE, 2)
    assert Case.objects.count() == 2
