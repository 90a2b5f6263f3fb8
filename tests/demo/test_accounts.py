"""The demo's accounts in the sandbox: each knows its own, and what is done over there reaches the desk."""

import pytest
from django.utils import timezone

from connectors.models import SandboxRecord
from connectors.sandbox import acting
from exceptions_app.demo import accounts, seeding
from exceptions_app.models import Connection, Site
from exceptions_app.outbox import queue
from tests.connectors.conftest import case, hooks, owed, perform, sandbox, vendor
from tests.factories import open_case

__all__ = ("case", "hooks", "sandbox", "vendor")


@pytest.mark.parametrize("slug", ["zendesk", "clicksend", "telegram"])
def test_what_is_done_over_there_is_believed_here(case, hooks, slug):
    seeding.seed(timezone.now())
    owed(case, Connection.objects.get(platform=slug), at=timezone.now())
    perform(queue.claim(at=timezone.now())[0], at=timezone.now())

    answered = acting.act_there(
        SandboxRecord.objects.get(), "comment", "The car is here.", at=timezone.now()
    )

    assert answered == 200


def test_each_slack_channel_is_an_account_of_its_own(sandbox, db):
    seeding.seed(timezone.now())
    for slug in accounts.CHANNELS:
        open_case(site=Site.objects.get(slug=slug), reference=slug)
    while found := queue.claim(at=timezone.now()):
        perform(found[0], at=timezone.now())

    told = SandboxRecord.objects.filter(connection__platform="slack")
    assert {*told.values_list("connection__site__slug", flat=True)} == {*accounts.CHANNELS}
    assert told.count() == len(accounts.CHANNELS)
