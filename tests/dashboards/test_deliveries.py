"""The delivery log, a delivery's page, and what people decide about one."""

import re
from html import unescape

import pytest
import responses
from django.urls import reverse

from exceptions_app.models import Attempt, Connection, Delivery, Link
from exceptions_app.outbox import queries
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import DeliveryState, Operation, Role
from tests.connectors.conftest import settings_of
from tests.dashboards.reading import text
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    ConnectionFactory,
    MembershipFactory,
    UserFactory,
    open_case,
)

NOW = NOON + HOUR
TICKETS = "https://acme.zendesk.com/api/v2/tickets"


@pytest.fixture
def vendor():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def slack(db):
    return ConnectionFactory(name="Slack", platform="slack")


@pytest.fixture
def case(north):
    return open_case(site=north, title="Paint is wrong")


def owed(case, connection, state=DeliveryState.WAITING, *, operation=Operation.CREATE, **changes):
    """A delivery that stands as told."""
    key = f"{case.pk}:{connection.pk}:{Delivery.objects.count()}"
    owe(case.pk, connection.pk, operation, at=NOON, key=key)
    Delivery.objects.filter(key=key).update(state=state, **changes)
    return Delivery.objects.get(key=key)


@pytest.fixture
def dead(case, slack):
    delivery = owed(
        case,
        slack,
        DeliveryState.DEAD,
        reason="Slack refused: channel_is_archived. Choose another channel and resend.",
        attempts=2,
        done_at=NOON,
    )
    for minute in range(2):
        Attempt.objects.create(
            delivery=delivery,
            at=NOON + minute * MINUTE,
            took_ms=84,
            method="POST",
            url="https://slack.com/api/chat.postMessage",
            request="POST /chat.postMessage\nAuthorization: ***",
            status=200,
            answer='{"ok": false, "error": "channel_is_archived"}',
            verdict=f"Refused for the {minute + 1}. time",
            ok=False,
        )
    return delivery


def log(client, query=""):
    reply = client.get(reverse("deliveries") + query)
    assert reply.status_code == 200
    return reply.content.decode()


def listed(html):
    return re.findall(r'href="/deliveries/([0-9a-f-]{36})/"', html)


def page(client, delivery):
    return client.get(reverse("delivery", args=[delivery.pk]))


def test_the_log_is_told_newest_first(desk, case, slack):
    first = owed(case, slack, DeliveryState.SENT)
    second = owed(case, slack, operation=Operation.COMMENT)

    assert listed(log(desk)) == [str(second.pk), str(first.pk)]


@pytest.mark.parametrize(
    ("state", "changes", "words"),
    [
        ("waiting", {"due_at": NOW - MINUTE}, "waiting, due now"),
        ("waiting", {"due_at": NOW + 5 * MINUTE}, "waiting, next try today 14:05"),
        ("sending", {}, "being sent now"),
        ("sent", {"done_at": NOON, "attempts": 1}, "sent today 13:00"),
        ("sent", {"done_at": NOON, "attempts": 3}, "sent today 13:00, after 3 tries"),
        ("dead", {"reason": "Slack refused."}, "dead: Slack refused."),
        ("uncertain", {}, "uncertain: nobody knows whether it arrived."),
        ("superseded", {"reason": "No record."}, "not needed any more: No record."),
        ("skipped", {"done_at": NOON, "reason": "Told"}, "skipped today 13:00: Told"),
    ],
)
def test_a_state_is_told_in_words(desk, case, slack, state, changes, words):
    owed(case, slack, state, **changes)

    assert words in text(log(desk))


def test_what_waits_for_a_connection_says_so(desk, case, slack):
    delivery = owed(case, slack)
    Connection.objects.update(enabled=False)

    html = text(page(desk, delivery).content.decode())

    assert "waiting, and Slack is switched off" in html
    assert "Switch Slack on again" in html


def test_what_is_in_line_behind_another_says_so(desk, case, slack):
    owed(case, slack)
    comment = owed(case, slack, operation=Operation.COMMENT)

    assert "in line behind an earlier one to Slack" in text(page(desk, comment).content.decode())


def test_the_log_can_be_narrowed(desk, north, case, slack, dead):
    other = open_case(site=north)
    zendesk = ConnectionFactory(name="Zendesk")
    sent = owed(other, zendesk, DeliveryState.SENT)

    assert listed(log(desk, "?state=dead")) == [str(dead.pk)]
    assert listed(log(desk, "?state=dead&state=sent")) == [str(sent.pk), str(dead.pk)]
    assert listed(log(desk, f"?connection={zendesk.pk}")) == [str(sent.pk)]
    assert listed(log(desk, f"?case={case.pk}")) == [str(dead.pk)]
    assert listed(log(desk, "?site=north&state=nonsense&case=x")) == [str(sent.pk), str(dead.pk)]
    assert "Your filters hide everything" in log(desk, "?state=skipped")


def test_an_empty_log_says_what_will_be_here(desk):
    assert "Nothing was sent yet" in log(desk)


def test_pages_follow_each_other(desk, case, slack, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    rows = [owed(case, slack, operation=Operation.COMMENT) for _ in range(5)]

    seen, url = [], "?state=waiting"
    while url:
        html = log(desk, url)
        seen += listed(html)
        more = re.search(r'href="/deliveries/(\?[^"]*after=[^"]*)"', html)
        url = unescape(more[1]) if more else ""

    assert seen == [str(row.pk) for row in reversed(rows)]


def test_a_place_that_cannot_be_read_leads_back_to_the_first_page(desk):
    reply = desk.get(reverse("deliveries"), {"after": "x"}, follow=True)

    assert "This place in the list cannot be read" in text(reply.content.decode())


def test_more_deliveries_take_no_more_statements(desk, case, slack, django_assert_max_num_queries):
    for _ in range(20):
        owed(case, slack, operation=Operation.COMMENT)

    with django_assert_max_num_queries(8):
        log(desk)


def test_a_page_shows_every_try_with_request_and_answer(desk, dead):
    html = text(page(desk, dead).content.decode())

    assert "dead: Slack refused: channel_is_archived. Choose another channel and resend." in html
    assert "Mend what Slack refuses, then resend" in html
    assert html.index("Refused for the 2. time") < html.index("Refused for the 1. time")
    assert '"error": "channel_is_archived"' in html
    assert "Authorization: ***" in html


def test_a_dead_delivery_can_be_sent_again_from_its_page(desk, dead):
    html = page(desk, dead).content.decode()

    assert reverse("resend", args=[dead.pk]) in html
    back = {"next": reverse("delivery", args=[dead.pk])}
    reply = desk.post(reverse("resend", args=[dead.pk]), back, follow=True)

    assert "Slack will be told again" in text(reply.content.decode())
    assert "waiting, due now" in text(reply.content.decode())


def test_what_would_come_out_of_turn_is_not_sent_again_and_says_why(desk, dead):
    Delivery.objects.filter(pk=dead.pk).update(operation=Operation.UPDATE)
    Link.objects.create(case=dead.case, connection=dead.connection, external_id="1", linked_at=NOW)
    owed(dead.case, dead.connection, DeliveryState.SENT, operation=Operation.CLOSE)

    back = {"next": reverse("delivery", args=[dead.pk])}
    reply = text(desk.post(reverse("resend", args=[dead.pk]), back, follow=True).content.decode())

    assert "It was not sent again. Slack was told since how" in reply
    assert "not needed any more: Slack was told since how" in reply


def test_the_page_of_what_is_sent_again_looks_by_itself_until_something_happened(desk, dead):
    desk.post(reverse("resend", args=[dead.pk]))
    address = reverse("delivery", args=[dead.pk])

    html = desk.get(address).content.decode()
    look = re.search(r'hx-get="([^"]+)"\s+hx-trigger="every 2s"', html)[1]
    nothing_new = desk.get(look)
    Delivery.objects.filter(pk=dead.pk).update(state=DeliveryState.SENT, done_at=NOW)
    news = desk.get(look)

    assert re.search(r"<dt>Tries</dt>\s*<dd>\s*2\s*</dd>", html)
    assert nothing_new.status_code == 204
    assert "hx-trigger" not in news.content.decode()


def test_a_dead_delivery_can_be_skipped_with_a_reason(desk, dead):
    reply = desk.post(reverse("skip", args=[dead.pk]), {"reason": "Told by phone"}, follow=True)

    assert "Slack will not be told this about" in text(reply.content.decode())
    assert "skipped today 14:00: Told by phone" in text(reply.content.decode())


def test_skipping_without_a_reason_is_refused_in_a_sentence(desk, dead):
    reply = desk.post(reverse("skip", args=[dead.pk]), follow=True)

    assert "Say why it is skipped." in text(reply.content.decode())
    assert Delivery.objects.get().state == DeliveryState.DEAD


def test_what_is_sent_offers_nothing_to_decide(desk, case, slack):
    sent = owed(case, slack, DeliveryState.SENT)

    html = page(desk, sent).content.decode()

    assert reverse("resend", args=[sent.pk]) not in html
    assert reverse("skip", args=[sent.pk]) not in html


def test_staff_see_why_and_are_told_whom_to_ask(client, ben, dead):
    client.force_login(ben)

    html = page(client, dead).content.decode()

    assert "Ask a lead or an administrator of the site" in text(html)
    assert reverse("resend", args=[dead.pk]) not in html
    refused = client.post(reverse("skip", args=[dead.pk]), {"reason": "Told"})
    assert refused.status_code == 403
    assert "Your role does not let you resend here" in text(refused.content.decode())


def test_a_viewer_sees_no_deliveries_and_learns_why(client, viewer, dead):
    client.force_login(viewer)
    assert "Outbox" not in text(client.get(reverse("board")).content.decode())

    reply = client.get(reverse("deliveries"))

    assert reply.status_code == 403
    assert "Your role does not let you see the outbox" in text(reply.content.decode())


def test_who_only_looks_at_one_site_sees_the_deliveries_of_the_other(client, south, slack, dead):
    user = UserFactory(role=Role.VIEWER, role__site=dead.case.site)
    MembershipFactory(user=user, role=Role.LEAD, site=south)
    theirs = owed(open_case(site=south), slack)
    client.force_login(user)

    assert listed(log(client)) == [str(theirs.pk)]
    assert page(client, dead).status_code == 404


def test_deliveries_of_another_site_are_not_there(client, stranger, dead):
    client.force_login(stranger)

    assert listed(log(client)) == []
    assert page(client, dead).status_code == 404
    assert client.post(reverse("skip", args=[dead.pk]), {"reason": "x"}).status_code == 404


def test_connections_of_another_site_are_not_offered(client, north, south, slack):
    ConnectionFactory(name="Slack, South", site=south)
    client.force_login(UserFactory(role=Role.LEAD, role__site=north))

    html = text(log(client))

    assert "Slack" in html
    assert "Slack, South" not in html


def test_whoever_works_everywhere_may_choose_any_connection(client, north, south):
    for name, site in (("Zendesk", None), ("Slack North", north), ("Slack South", south)):
        ConnectionFactory(name=name, site=site)

    def offered(**where):
        client.force_login(UserFactory(role=Role.ADMINISTRATOR, **where))
        return [choice.label for choice in client.get("/deliveries/").context["groups"][1].choices]

    assert offered() == ["Slack North", "Slack South", "Zendesk"]
    assert offered(role__site=north) == ["Slack North", "Zendesk"]


def test_the_page_is_called_outbox(desk, case, slack):
    pages = [log(desk), page(desk, owed(case, slack)).content.decode()]

    assert all("Outbox" in html and "Deliver" not in text(html) for html in pages)


def test_a_filter_does_not_name_the_case_of_another_site(desk, south):
    theirs = open_case(site=south)

    assert str(theirs) not in log(desk, f"?case={theirs.pk}")


@pytest.fixture
def doubted(case):
    zendesk = ConnectionFactory(
        name="Zendesk", platform="zendesk", sandbox=False, settings=settings_of("zendesk")
    )
    return owed(case, zendesk, DeliveryState.UNCERTAIN, reason="No answer.")


def test_who_looked_there_says_which_record_it_made(desk, doubted, vendor):
    vendor.get(f"{TICKETS}/35436", json={"ticket": {"id": 35436, "status": "open"}})

    assert "It arrived; its id there is" in page(desk, doubted).content.decode()
    desk.post(reverse("arrived", args=[doubted.pk]), {"external_id": " 35436 "})

    doubted.refresh_from_db()
    assert doubted.state == DeliveryState.SENT
    link = Link.objects.get(case=doubted.case)
    assert (link.external_id, link.url.rpartition("/")[2]) == ("35436", "35436")


def test_who_knows_better_says_which_record_it_is(desk, doubted, vendor):
    vendor.get(f"{TICKETS}/77", json={"ticket": {"id": 77, "status": "open"}})
    type(doubted).objects.update(state=DeliveryState.SENT)
    Link.objects.create(
        case=doubted.case, connection=doubted.connection, external_id="1", linked_at=NOW
    )

    assert "It is another record there" in page(desk, doubted).content.decode()
    answer = desk.post(reverse("arrived", args=[doubted.pk]), {"external_id": "77"}, follow=True)

    assert Link.objects.get(case=doubted.case).external_id == "77"
    assert "has it as 77; nothing is made again" in answer.content.decode()


def test_a_record_that_the_platform_does_not_know_is_not_believed(desk, doubted, vendor):
    vendor.get(f"{TICKETS}/17", status=404, json={"error": "RecordNotFound"})

    answer = desk.post(reverse("arrived", args=[doubted.pk]), {"external_id": "17"}, follow=True)

    doubted.refresh_from_db()
    assert "17 was not found. Zendesk answers 404: RecordNotFound" in answer.content.decode()
    assert doubted.state == DeliveryState.UNCERTAIN
