"""Buttons in the admin call the verbs, with the version that was seen and in the name of who pressed."""

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse

from exceptions_app.admin.cases import CaseAdmin
from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.steps import STEPS
from exceptions_app.models import Case, Delivery
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import DeliveryState
from tests.factories import MINUTE, NOON, open_case


@pytest.fixture(autouse=True)
def a_minute_later():
    with time_machine.travel(NOON + MINUTE, tick=False):
        yield


@pytest.fixture
def case(site):
    return open_case(site=site)


def press(page, row, verb, **said):
    route = reverse(
        f"admin:{row._meta.app_label}_{row._meta.model_name}_press", args=[row.pk, verb]
    )
    return page.post(route, said)


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def shown(page, case):
    return page.get(reverse("admin:exceptions_app_case_change", args=[case.pk])).content.decode()


def test_every_step_has_a_button():
    assert set(CaseAdmin.presses) == {verb for verb, _, _ in STEPS}


def test_a_press_moves_the_case_in_the_name_of_who_pressed(page, case):
    answer = press(page, case, "acknowledge", version=1)

    case = Case.objects.get(pk=case.pk)
    last = case.entries.last()
    assert answer.status_code == 302
    assert case.status == "acknowledged"
    assert (last.verb, last.actor_name.split()[0]) == ("case.acknowledged", "Ingrid")


def test_a_stale_press_changes_nothing_and_says_who_was_faster(page, case):
    lifecycle.acknowledge(Seen(case.pk), by=SYSTEM, at=NOON)

    answer = press(page, case, "start", version=1)

    assert told(answer) == [
        "Flagstand acknowledged it since you looked. "
        f"{case} is acknowledged now; look again and repeat if you still want to."
    ]
    assert Case.objects.get(pk=case.pk).status == "acknowledged"


def test_what_a_verb_needs_to_know_is_asked_first(page, case):
    asked = press(page, case, "resolve", version=1)
    answer = press(page, case, "resolve", version=1, cause="Supplier late", text="It came.")

    assert asked.status_code == 200
    assert "This field is required." in asked.content.decode()
    assert answer.status_code == 302
    assert Case.objects.get(pk=case.pk).cause == "Supplier late"


@pytest.mark.parametrize(
    ("verb", "said", "status"),
    [
        ("wait", {"waiting_for": "the part"}, "waiting"),
        ("dismiss", {"reason": "A test"}, "dismissed"),
        ("assign", {"to": "ingrid", "note": "You know them"}, "new"),
        ("change_severity", {"severity": "1"}, "new"),
        ("comment", {"text": "On it", "shared": "on"}, "new"),
        ("claim", {}, "acknowledged"),
    ],
)
def test_every_kind_of_verb_can_be_pressed(page, case, verb, said, status):
    answer = press(page, case, verb, version=1, **said)

    assert told(answer)[0].endswith("done.")
    assert Case.objects.get(pk=case.pk).status == status


def test_an_owner_who_does_not_exist_is_asked_for_again(page, case):
    answer = press(page, case, "assign", to="nobody")

    assert "There is no such sign-in name." in answer.content.decode()


def test_what_is_not_possible_now_is_shown_with_its_reason(page, case):
    text = shown(page, case)

    assert 'disabled title="Not possible while the case is new.">Reopen' in text
    assert "/press/acknowledge/" in text


def test_there_is_no_verb_that_nobody_knows(page, case):
    assert press(page, case, "obliterate").status_code == 404


def test_the_form_of_a_verb_opens_with_the_version_that_was_seen(page, case):
    route = reverse("admin:exceptions_app_case_press", args=[case.pk, "resolve"])

    text = page.get(route, {"version": "1"}).content.decode()

    assert '<input type="hidden" name="version" value="1">' in text
    assert 'name="cause"' in text


def test_a_dead_delivery_is_resent_and_a_sent_one_is_not(page, fill):
    delivery = fill().deliveries.get(operation="create")
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.DEAD)

    first, second = press(page, delivery, "resend"), press(page, delivery, "resend")

    assert told(first) == ["Resend: done."]
    assert told(second)[-1].startswith("This is on its way")
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.WAITING


def test_skipping_a_delivery_asks_why(page, fill):
    delivery = fill().deliveries.get(operation="create")

    press(page, delivery, "skip", reason="Told them by phone")

    skipped = Delivery.objects.get(pk=delivery.pk)
    assert (skipped.state, skipped.reason) == (DeliveryState.SKIPPED, "Told them by phone")
