"""The clocks go on however often their database goes away."""

from types import SimpleNamespace

import pytest
from django.db import InterfaceError, InternalError, OperationalError

from config.management.commands import runclocks


@pytest.mark.parametrize("lost", [OperationalError, InterfaceError, InternalError])
def test_a_database_that_is_away_or_takes_no_changes_is_waited_for(monkeypatch, lost):
    turns = iter([lost("It is away."), KeyboardInterrupt()])
    paused: list[float] = []

    def turn(now):
        raise next(turns)

    monkeypatch.setattr(runclocks, "turn", turn)
    monkeypatch.setattr("config.tables.problem", str)
    monkeypatch.setattr(runclocks, "queue", SimpleNamespace(last_beat=lambda name: None))
    monkeypatch.setattr(runclocks, "connection", SimpleNamespace(close=lambda: None))
    monkeypatch.setattr("time.sleep", paused.append)

    with pytest.raises(KeyboardInterrupt):
        runclocks.Command().handle()

    assert paused == [2 * runclocks.TURN]
