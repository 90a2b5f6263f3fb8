"""What a case page is told, and what is open about the same thing already."""

import pytest

from exceptions_app.cases.detail import About, detail, similar
from exceptions_app.cases.lifecycle import Seen, acknowledge, dismiss, resolve
from exceptions_app.cases.triage import comment
from exceptions_app.errors import NotFound
from exceptions_app.models import Delivery, Link, Milestone, Promise, Signal
from exceptions_app.outbox.owing import owe
from exceptions_app.people.access import SYSTEM
from exceptions_app.timeline.entries import record
from exceptions_app.vocabulary import Operation, Role
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    ConnectionFactory,
    SiteFactory,
    SourceFactory,
    SubjectFactory,
    TargetFactory,
    open_case,
    somebody,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def north():
    return SiteFactory(slug="north")


@pytest.fixture
def deal(north):
    return SubjectFactory(site=north, kind="deal", reference="D-7", customer={"name": "M. Ortiz"})


def test_the_page_has_the_record_newest_first_and_what_may_be_done(north):
    TargetFactory(kind="resolve")
    ben = somebody(Role.STAFF, site=north)
    case = open_case(site=north)
    acknowledge(Seen(case.pk), by=ben, at=NOON + MINUTE)
    comment(Seen(case.pk), by=ben, at=NOON + 2 * MINUTE, text="On it")

    found = detail(case.pk, by=ben, at=NOON)

    assert [entry.verb for entry in found.entries] == [
        "case.commented",
        "case.acknowledged",
        "case.opened",
    ]
    assert {step.verb: step.allowed for step in found.steps}["acknowledge"] is False
    assert {step.verb: step.allowed for step in found.steps}["resolve"] is True
    assert [clock.kind for clock in found.clocks] == ["resolve"]


def test_a_case_of_another_site_is_not_there(north):
    case = open_case(site=SiteFactory(slug="south"))

    with pytest.raises(NotFound):
        detail(case.pk, by=somebody(Role.LEAD, site=north), at=NOON)


def test_the_subject_comes_with_promises_milestones_in_order_and_signals(deal):
    Promise.objects.create(subject=deal, promised_at=NOON, said_at=NOON - 2 * HOUR)
    Promise.objects.create(
        subject=deal, promised_at=NOON + HOUR, said_at=NOON - HOUR, reason="transporter late"
    )
    for name in ("handed_over", "sold", "paint"):
        Milestone.objects.create(subject=deal, name=name, expected_at=NOON, reported_at=NOON)
    source = SourceFactory()
    signals = [
        Signal.objects.create(
            source=source,
            external_id=str(number),
            type="deal.sold",
            subject=deal,
            occurred_at=NOON,
            received_at=NOON,
            digest="",
            body={"n": number},
        )
        for number in range(15)
    ]
    case = open_case(site=deal.site, subject=deal, evidence={"signals": [signals[0].pk]})

    about = detail(case.pk, by=SYSTEM, at=NOON).subject

    assert about
    assert [promise.reason for promise in about.promises] == ["", "transporter late"]
    assert [milestone.name for milestone in about.milestones] == ["sold", "handed_over", "paint"]
    assert [signal.body["n"] for signal in about.signals][:2] == [0, 14]
    assert about.customer == "M. Ortiz"


def test_links_show_the_counterpart_and_the_newest_thing_owed():
    case, zendesk, slack = (
        open_case(),
        ConnectionFactory(name="Zendesk"),
        ConnectionFactory(name="Slack"),
    )
    Link.objects.create(
        case=case, connection=zendesk, external_id="48", url="https://z.example/48", linked_at=NOON
    )
    owe(case.pk, zendesk.pk, Operation.CREATE, at=NOON, key="a")
    owe(case.pk, zendesk.pk, Operation.COMMENT, at=NOON, key="b")
    owe(case.pk, slack.pk, Operation.CREATE, at=NOON, key="c")
    Delivery.objects.filter(key="c").update(state="dead", reason="The channel is archived.")

    slack_line, zendesk_line = detail(case.pk, by=SYSTEM, at=NOON).links

    assert (zendesk_line.external_id, zendesk_line.operation, zendesk_line.state) == (
        "48",
        "comment",
        "waiting",
    )
    assert (slack_line.external_id, slack_line.state, slack_line.reason) == (
        "",
        "dead",
        "The channel is archived.",
    )


def test_why_a_platform_refused_is_for_those_who_see_deliveries(north):
    case, slack = open_case(site=north), ConnectionFactory(name="Slack")
    owe(case.pk, slack.pk, Operation.CREATE, at=NOON, key="a")
    Delivery.objects.update(state="dead", reason="The channel is archived.")
    record(
        case.pk, "delivery.dead", by=SYSTEM, at=NOON, data={"reason": "The channel is archived."}
    )

    seen, read = (detail(case.pk, by=somebody(role), at=NOON) for role in (Role.VIEWER, Role.STAFF))

    assert (seen.links[0].state, seen.links[0].reason) == ("dead", "")
    assert "reason" not in seen.entries[0].data
    assert (read.links[0].reason, read.entries[0].data["reason"]) == (
        "The channel is archived.",
    ) * 2


def test_a_link_without_deliveries_says_since_when():
    case, zendesk = open_case(), ConnectionFactory()
    Link.objects.create(case=case, connection=zendesk, external_id="48", linked_at=NOON)

    (line,) = detail(case.pk, by=SYSTEM, at=NOON).links

    assert (line.at, line.state, line.delivery_id) == (NOON, "sent", None)


def test_related_are_the_other_cases_of_the_subject_settled_ones_too(deal):
    case, other = (open_case(site=deal.site, subject=deal, at=NOON + n * HOUR) for n in range(2))
    resolve(Seen(other.pk), by=SYSTEM, at=NOON + 2 * HOUR, cause="Supplier late")
    open_case(site=deal.site)

    assert [row.id for row in detail(case.pk, by=SYSTEM, at=NOON).related] == [other.pk]


def test_without_a_subject_the_reference_relates(north):
    case, other = open_case(site=north, reference="D-7"), open_case(site=north, reference="D-7")
    open_case(site=north, reference="D-70")
    open_case(site=SiteFactory(slug="south"), reference="D-7")

    assert [row.id for row in detail(case.pk, by=SYSTEM, at=NOON).related] == [other.pk]


def test_the_same_subject_or_reference_comes_before_shared_words(deal):
    alike = open_case(site=deal.site, title="Golf delivery is late again")
    by_reference = open_case(site=deal.site, reference="D-7", title="Papers")
    by_subject = open_case(site=deal.site, subject=deal, title="Paint", at=NOON + HOUR)
    settled = open_case(site=deal.site, subject=deal)
    dismiss(Seen(settled.pk), by=SYSTEM, at=NOON + HOUR, reason="None.")
    what = About(
        site_id=deal.site_id, subject_id=deal.pk, reference="D-7", words="Delivery of the Golf late"
    )

    found = similar(what, by=SYSTEM)

    assert [row.id for row in found] == [by_subject.pk, by_reference.pk, alike.pk]


@pytest.mark.parametrize("words", ["", "Golf", "the late one", "Tyres punctured"])
def test_too_little_in_common_is_not_similar(words, north):
    open_case(site=north, title="Golf delivery is late")

    assert similar(About(site_id=north.pk, words=words), by=SYSTEM) == ()


def test_what_a_person_may_not_see_is_not_suggested(north):
    open_case(site=SiteFactory(slug="south"), title="Golf delivery is late")

    assert similar(About(words="Golf delivery late"), by=somebody(Role.STAFF, site=north)) == ()
    assert similar(About(words="Golf delivery late"), by=somebody(Role.STAFF)) != ()
