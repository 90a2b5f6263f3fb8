"""The recurring jobs in the database are those of the list."""

import pytest
from django.core.management import call_command
from django.utils.module_loading import import_string
from django_q.models import Schedule

from config import schedules

pytestmark = pytest.mark.django_db


def test_a_job_taken_off_the_list_is_gone_and_the_others_stay():
    Schedule.objects.create(name="long forgotten", func="x.y")

    schedules.sync()
    first = set(Schedule.objects.values_list("pk", "name"))
    schedules.sync()

    assert set(Schedule.objects.values_list("pk", "name")) == first
    assert {name for _, name in first} == {job.name for job in schedules.JOBS}


def test_the_command_says_how_many_there_are(capsys):
    call_command("sync_schedules")

    assert capsys.readouterr().out == f"{len(schedules.JOBS)} recurring jobs are set.\n"


@pytest.mark.parametrize("job", schedules.JOBS, ids=lambda job: job.name)
def test_every_job_exists(job):
    assert callable(import_string(job.function))
