"""When the watchdog barks."""

from datetime import timedelta

from config.watchdog import Watchdog

LATE = timedelta(minutes=1)
NOTHING = timedelta()


def test_it_is_silent_while_nothing_is_due():
    dog = Watchdog()

    assert not any(dog.sees_stall(NOTHING, 7, now=second) for second in range(100))


def test_it_barks_when_work_is_due_and_nobody_tries():
    dog = Watchdog()

    assert [second for second in range(30) if dog.sees_stall(LATE, 7, now=second)] == [15]


def test_it_is_silent_while_somebody_works_off_a_long_queue():
    dog = Watchdog()

    assert not any(dog.sees_stall(LATE, second // 10, now=second) for second in range(200))


def test_it_barks_ever_more_rarely_when_starting_again_does_not_help():
    dog = Watchdog()

    assert [s for s in range(250) if dog.sees_stall(LATE, 7, now=s)] == [15, 45, 105, 225]


def test_it_is_attentive_again_once_something_moved():
    dog = Watchdog()
    for second in range(100):
        dog.sees_stall(LATE, 7, now=second)

    assert [s for s in range(100, 130) if dog.sees_stall(LATE, 8, now=s)] == [115]
