"""The recurring jobs in the database are those of the list."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from config import schedules
from exceptions_app.tasks import forget_sessions

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


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


def test_sign_ins_that_are_over_are_forgotten():
    for key, left in (("over", -MINUTE), ("holds", MINUTE)):
        at = timezone.now() + left
        Session.objects.create(session_key=key, session_data="", expire_date=at)

    forget_sessions()

    assert [one.session_key for one in Session.objects.all()] == ["holds"]


@pytest.mark.parametrize("job", schedules.JOBS, ids=lambda job: job.name)
def test_every_job_exists(job):
    assert callable(import_string(job.function))
