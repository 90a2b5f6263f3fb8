"""The domain's recurring jobs: what takes its time leaves workers for deliveries."""

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from django.db import connection

from exceptions_app import tasks
from exceptions_app.backtest import asking
from exceptions_app.intake import feeding
from exceptions_app.leases import only_one

LONG = [
    (tasks.run_imports, tasks.FEED, feeding, "shift"),
    (tasks.run_backtests, tasks.STUDY, asking, "work"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("job", "name", "module", "work"), LONG, ids=["imports", "backtests"])
def test_what_takes_long_keeps_one_worker_busy_and_no_other(job, name, module, work, monkeypatch):
    worked = Mock(return_value=False)
    monkeypatch.setattr(module, work, worked)

    with ThreadPoolExecutor(1) as elsewhere, only_one(name) as ours:
        assert ours
        elsewhere.submit(in_another_worker, job).result()
        assert not worked.called
    job()

    assert worked.called


def in_another_worker(job):
    try:
        job()
    finally:
        connection.close()
