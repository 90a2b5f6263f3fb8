"""What a person sends again after more was told: what is outdated is not, what was said is dated."""

import pytest

from exceptions_app.models import Delivery
from exceptions_app.outbox import deciding, outcomes
from exceptions_app.vocabulary import DeliveryState, Operation, Role
from tests.factories import HOUR, NOON, somebody
from tests.outbox.conftest import claimed, created, failed, owed, tried

LATER = NOON + HOUR


@pytest.fixture
def lead(case):
    return somebody(Role.LEAD, site=case.site)


def told(case, connection, operation, *, at=NOON):
    owed(case, connection, operation, at=at)
    outcomes.succeed(claimed(at=at), at=at, attempt=tried())


@pytest.mark.parametrize(
    ("dead", "since", "again"),
    [
        (Operation.UPDATE, Operation.UPDATE, False),
        (Operation.UPDATE, Operation.CLOSE, False),
        (Operation.UPDATE, Operation.REOPEN, False),
        (Operation.CLOSE, Operation.REOPEN, False),
        (Operation.REOPEN, Operation.CLOSE, False),
        (Operation.CLOSE, Operation.UPDATE, True),
        (Operation.UPDATE, Operation.COMMENT, True),
        (Operation.COMMENT, Operation.CLOSE, True),
        (Operation.ATTACH, Operation.CLOSE, True),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_was_told_since_says_more_than_an_earlier_change(
    case, zendesk, lead, dead, since, again
):
    created(case, zendesk)
    delivery = failed(case, zendesk, dead)
    told(case, zendesk, since)

    deciding.resend(delivery.pk, by=lead, at=LATER)

    delivery.refresh_from_db()
    state = DeliveryState.WAITING if again else DeliveryState.SUPERSEDED
    assert delivery.state == state
    assert ("come out of turn" in delivery.reason) is not again
    assert case.entries.filter(verb="delivery.resent").exists() is again


def test_the_reason_says_who_was_told_about_what(case, zendesk, lead):
    created(case, zendesk)
    delivery = failed(case, zendesk, Operation.UPDATE)
    told(case, zendesk, Operation.CLOSE)

    given_up = deciding.resend(delivery.pk, by=lead, at=LATER)

    assert given_up.reason.startswith(f"Zendesk was told since how {case} stands")
    assert given_up.done_at == LATER


def test_what_is_only_owed_since_goes_after_it_in_turn(case, zendesk, lead):
    created(case, zendesk)
    delivery = failed(case, zendesk, Operation.UPDATE)
    owed(case, zendesk, Operation.CLOSE)

    deciding.resend(delivery.pk, by=lead, at=NOON)

    assert claimed().pk == delivery.pk


def test_what_another_platform_was_told_changes_nothing(case, zendesk, slack, lead):
    created(case, zendesk)
    created(case, slack)
    delivery = failed(case, zendesk, Operation.UPDATE)
    told(case, slack, Operation.CLOSE)

    deciding.resend(delivery.pk, by=lead, at=NOON)

    assert claimed().pk == delivery.pk


def test_a_late_comment_says_once_when_it_was_said(case, zendesk, lead):
    created(case, zendesk)
    comment = failed(case, zendesk, Operation.COMMENT)
    Delivery.objects.filter(pk=comment.pk).update(text="Ana wrote: We call at two.")
    told(case, zendesk, Operation.CLOSE)

    deciding.resend(comment.pk, by=lead, at=LATER)
    outcomes.bury(claimed(at=LATER), at=LATER, reason="No.", attempt=tried(ok=False))
    deciding.resend(comment.pk, by=lead, at=LATER + HOUR)

    comment.refresh_from_db()
    assert comment.text == "(Said Tue 10 Mar 2026 13:00 CET)\nAna wrote: We call at two."


def test_a_comment_after_which_nothing_was_told_is_sent_as_it_was(case, zendesk, lead):
    created(case, zendesk)
    comment = failed(case, zendesk, Operation.COMMENT)
    before = comment.text

    deciding.resend(comment.pk, by=lead, at=LATER)

    comment.refresh_from_db()
    assert comment.text == before
