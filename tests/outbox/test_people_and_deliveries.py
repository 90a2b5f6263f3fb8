"""What people may do about a delivery: send it again, or decide that nobody needs it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted, Refused
from exceptions_app.models import Case, Delivery, Link
from exceptions_app.outbox import deciding, outcomes
from exceptions_app.outbox.outcomes import Linked
from exceptions_app.vocabulary import DeliveryState, Operation, Role, Status
from tests.factories import HOUR, NOON, SiteFactory, open_case, somebody
from tests.outbox.conftest import TICKET, claimed, created, failed, owed, tried

LATER = NOON + 49 * HOUR


@pytest.fixture
def lead(case):
    return somebody(Role.LEAD, site=case.site)


def test_a_dead_delivery_is_owed_again_with_all_its_patience(case, zendesk, lead):
    dead = failed(case, zendesk)

    deciding.resend(dead.pk, by=lead, at=LATER)
    outcomes.retry(claimed(at=LATER), at=LATER, error="Busy.", attempt=tried(ok=False))

    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.done_at) == (DeliveryState.WAITING, 1, None)
    told = case.entries.get(verb="delivery.resent")
    assert (told.actor_name, told.data["connection"]) == (lead.name, "Zendesk")


def test_what_was_given_up_for_want_of_a_record_comes_back_with_it(case, zendesk, lead):
    create = owed(case, zendesk)
    comment = owed(case, zendesk, Operation.COMMENT)
    outcomes.bury(claimed(), at=NOON, reason="No.", attempt=tried(ok=False))

    deciding.resend(create.pk, by=lead, at=LATER)
    outcomes.succeed(claimed(at=LATER), at=LATER, attempt=tried(), link=TICKET)

    assert claimed(at=LATER).pk == comment.pk


def test_what_was_superseded_for_another_reason_stays_so(case, zendesk, lead):
    create = owed(case, zendesk)
    outcomes.bury(claimed(), at=NOON, reason="No.", attempt=tried(ok=False))
    comment = owed(case, zendesk, Operation.COMMENT)
    outcomes.supersede(claimed(), at=NOON, reason="Zendesk has no way to comment a record.")

    deciding.resend(create.pk, by=lead, at=LATER)

    comment.refresh_from_db()
    assert comment.state == DeliveryState.SUPERSEDED


def test_a_skipped_delivery_can_be_sent_after_all(case, zendesk, lead):
    delivery = owed(case, zendesk)
    deciding.skip(delivery.pk, by=lead, at=NOON, reason="They know already")

    deciding.resend(delivery.pk, by=lead, at=NOON)

    assert claimed().pk == delivery.pk


def test_what_was_taken_is_not_sent_again(case, zendesk, lead):
    created(case, zendesk)

    with pytest.raises(NotAllowedNow, match="Zendesk has taken this already"):
        deciding.resend(Delivery.objects.get().pk, by=lead, at=NOON)


@pytest.mark.parametrize("taken", [False, True], ids=["waiting", "sending"])
def test_what_is_on_its_way_is_left_alone(case, zendesk, lead, taken):
    delivery = owed(case, zendesk)
    if taken:
        claimed()

    with pytest.raises(NotAllowedNow, match="on its way to Zendesk"):
        deciding.resend(delivery.pk, by=lead, at=NOON)


def test_a_switched_off_connection_must_be_enabled_first(case, zendesk, lead):
    dead = failed(case, zendesk)
    zendesk.enabled = False
    zendesk.save()

    with pytest.raises(NotAllowedNow, match="Enable the connection first"):
        deciding.resend(dead.pk, by=lead, at=NOON)


def test_a_case_gets_no_second_record(case, zendesk, lead):
    dead = failed(case, zendesk)
    owed(case, zendesk)

    with pytest.raises(NotAllowedNow, match=f"Zendesk has a record of {case} already"):
        deciding.resend(dead.pk, by=lead, at=NOON)


def test_a_comment_needs_its_record_first(case, zendesk, lead):
    create = owed(case, zendesk)
    comment = owed(case, zendesk, Operation.COMMENT)
    outcomes.bury(claimed(), at=NOON, reason="No.", attempt=tried(ok=False))

    with pytest.raises(NotAllowedNow, match="send its creation again first"):
        deciding.resend(comment.pk, by=lead, at=NOON)
    deciding.resend(create.pk, by=lead, at=NOON)

    comment.refresh_from_db()
    assert comment.state == DeliveryState.WAITING


def test_a_dead_comment_on_a_known_record_is_sent_again(case, zendesk, lead):
    created(case, zendesk)
    dead = failed(case, zendesk, Operation.COMMENT)

    deciding.resend(dead.pk, by=lead, at=NOON)

    assert claimed().pk == dead.pk


@pytest.mark.parametrize("taken", [False, True], ids=["waiting", "dead"])
def test_skipping_says_why_and_lets_the_next_one_pass(case, zendesk, lead, taken):
    created(case, zendesk)
    delivery = (
        failed(case, zendesk, Operation.UPDATE) if taken else owed(case, zendesk, Operation.UPDATE)
    )
    close = owed(case, zendesk, Operation.CLOSE)

    deciding.skip(delivery.pk, by=lead, at=NOON, reason=" Told them by phone ")

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (DeliveryState.SKIPPED, "Told them by phone")
    assert case.entries.get(verb="delivery.skipped").data["reason"] == "Told them by phone"
    assert claimed().pk == close.pk


def test_skipping_needs_a_reason(case, zendesk, lead):
    delivery = owed(case, zendesk)

    with pytest.raises(Refused) as refusal:
        deciding.skip(delivery.pk, by=lead, at=NOON, reason="  ")

    assert refusal.value.fields == {"reason": "Say why it is skipped."}


def test_what_is_being_sent_cannot_be_skipped(case, zendesk, lead):
    owed(case, zendesk)
    delivery = claimed()

    with pytest.raises(NotAllowedNow, match="is sending"):
        deciding.skip(delivery.pk, by=lead, at=NOON, reason="Never mind")


@pytest.mark.parametrize("verb", ["resend", "skip"])
def test_only_those_who_lead_the_site_decide(case, zendesk, verb):
    dead = failed(case, zendesk)
    more = {"reason": "Never mind"} if verb == "skip" else {}
    staff = somebody(Role.STAFF, site=case.site)
    stranger = somebody(Role.LEAD, site=SiteFactory(slug="south"))

    with pytest.raises(NotPermitted):
        getattr(deciding, verb)(dead.pk, by=staff, at=NOON, **more)
    with pytest.raises(NotFound):
        getattr(deciding, verb)(dead.pk, by=stranger, at=NOON, **more)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_faster_wins(case, zendesk, lead):
    delivery = owed(case, zendesk)

    def skip():
        try:
            deciding.skip(delivery.pk, by=lead, at=NOON, reason="Never mind")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as person:
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            skipping = person.submit(skip)
            wait_until_somebody_waits_for_a_lock()
            claimed()
        with pytest.raises(NotAllowedNow, match="look again"):
            skipping.result(timeout=10)


#: For this very connection: other tests' databases are in the same cluster.
WAITS_FOR_ME = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


def wait_until_somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(WAITS_FOR_ME)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits.")


def test_a_delivery_of_a_case_elsewhere_cannot_be_told_from_none(zendesk):
    dead = failed(open_case(site=SiteFactory(slug="south")), zendesk)
    north = somebody(Role.LEAD, site=SiteFactory(slug="north"))

    with pytest.raises(NotFound, match="There is no such delivery"):
        deciding.resend(dead.pk, by=north, at=NOON)


def doubted(case, connection, operation=Operation.CREATE):
    delivery = owed(case, connection, operation)
    outcomes.doubt(claimed(), at=NOON, reason="No answer.", attempt=tried(ok=False))
    return delivery


def test_what_arrived_after_all_is_sent_and_linked(case, zendesk, lead):
    create = doubted(case, zendesk)

    deciding.arrived(create.pk, by=lead, at=LATER, record=TICKET)

    create.refresh_from_db()
    assert (create.state, create.done_at, create.reason) == (DeliveryState.SENT, LATER, "")
    assert Link.objects.get(case=case, connection=zendesk).external_id == TICKET.external_id
    told = case.entries.get(verb="delivery.arrived")
    assert (told.actor_name, told.data["external_id"]) == (lead.name, TICKET.external_id)
    assert create.tries.order_by("-pk")[0].verdict.endswith("its id is 35436.")


@pytest.mark.parametrize(
    ("status", "told"), [(Status.NEW, Operation.UPDATE), (Status.RESOLVED, Operation.CLOSE)]
)
def test_another_record_takes_the_place_of_the_wrong_one_and_is_told(
    case, zendesk, lead, status, told
):
    created(case, zendesk)
    create = Delivery.objects.get()
    type(case).objects.update(status=status)

    deciding.arrived(create.pk, by=lead, at=LATER, record=Linked("77"))

    assert Link.objects.get(case=case, connection=zendesk).external_id == "77"
    assert claimed(at=LATER).operation == told


def test_the_record_that_is_known_already_is_told_nothing_again(case, zendesk, lead):
    created(case, zendesk)
    known = Link.objects.get(case=case).external_id

    deciding.arrived(Delivery.objects.get().pk, by=lead, at=LATER, record=Linked(known))

    assert Delivery.objects.count() == 1


def test_what_waited_for_the_record_goes_after_it_arrived(case, zendesk, lead):
    create = owed(case, zendesk)
    comment = owed(case, zendesk, Operation.COMMENT)
    outcomes.doubt(claimed(), at=NOON, reason="No answer.", attempt=tried(ok=False))

    deciding.arrived(create.pk, by=lead, at=LATER, record=TICKET)

    assert claimed(at=LATER).pk == comment.pk


def test_a_comment_that_arrived_needs_no_id(case, zendesk, lead):
    created(case, zendesk)
    comment = doubted(case, zendesk, Operation.COMMENT)

    deciding.arrived(comment.pk, by=lead, at=LATER)

    comment.refresh_from_db()
    assert comment.state == DeliveryState.SENT


@pytest.mark.parametrize("named", [None, "", "35 436", "3\n5", "x" * 201])
def test_an_id_that_cannot_be_one_is_refused(case, zendesk, lead, named):
    create = doubted(case, zendesk)
    record = None if named is None else Linked(named)

    with pytest.raises(Refused) as refused:
        deciding.arrived(create.pk, by=lead, at=LATER, record=record)

    create.refresh_from_db()
    assert "external_id" in refused.value.fields
    assert create.state == DeliveryState.UNCERTAIN


def test_the_record_of_another_case_is_not_this_ones(case, zendesk, lead):
    other = open_case()
    created(other, zendesk)
    create = doubted(case, zendesk)

    with pytest.raises(Refused, match=f"35436 is the record of {other} in Zendesk already"):
        deciding.arrived(create.pk, by=lead, at=LATER, record=TICKET)


def test_only_what_is_uncertain_can_have_arrived(case, zendesk, lead):
    dead = failed(case, zendesk)

    with pytest.raises(NotAllowedNow, match="there is no doubt to settle"):
        deciding.arrived(dead.pk, by=lead, at=LATER, record=TICKET)
