"""The pages of rules and journeys: what holds, what a change would do, and letting it hold."""

import re

import pytest
from django.db import transaction

from dashboards import policy_pages
from exceptions_app.detection import effects, policy
from exceptions_app.detection.watch import look_again
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, PolicyVersion, Replan
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role
from tests.dashboards.conftest import NOW
from tests.factories import NOON, SourceFactory, UserFactory
from tests.intake.stories import booked

pytestmark = pytest.mark.django_db
GAP = "/rules/order.scan_gap/"
FASTER = {"on": "on", "set_silence": "30 minutes"}
TRY = {**FASTER, "try": "1"}


@pytest.fixture
def maria(client):
    """A manager of every site, signed in."""
    user = UserFactory(username="maria", first_name="Maria", last_name="Lopes", role=Role.MANAGER)
    client.force_login(user)
    return user


@pytest.fixture
def on_the_way(north):
    """Orders handed to the carrier an hour ago."""
    SourceFactory(site=north)

    def shipped(number):
        sent = [
            booked(
                type="order.shipped",
                occurred_at=NOON.isoformat(),
                subject={"reference": f"O-{n}", "attributes": {"tracked": True}},
                milestones={},
            )
            for n in range(number)
        ]
        accept(sent, by=SYSTEM, at=NOON)

    return shipped


def text(answer):
    return " ".join(answer.content.decode().split())


def test_the_list_says_what_holds_of_each_rule_and_who_changed_it(client, maria):
    client.post(GAP, {**FASTER, "why": "The carrier scans daily now"})

    page = text(client.get("/rules/"))

    assert "silence: 30 minutes" in page
    assert "Maria Lopes" in page
    assert "The carrier scans daily now" in page
    assert "as shipped" in page
    assert "A source says “lost”, until “scanned” is heard." in page
    assert "“delivered” has not come by its time or the promise" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=order.scan_gap", {"order.scan_gap"}),
        ("?q=SCAN_gap+order&only=is:on", {"order.scan_gap"}),
        ("?q=order.scan_gap&only=is:off", set()),
        ("?only=is:changed", set()),
        ("?q=fixed+chance,+in+percent:+as+the+desk+order", {"order.predicted_late"}),
        ("?q=silence:+2+days+order.scan_gap", {"order.scan_gap"}),
    ],
)
def test_a_rule_is_found_by_its_name_and_by_whether_it_is_on(client, maria, query, found):
    page = text(client.get(f"/rules/{query}"))

    rows = re.findall(r"<tr data-narrow-text=([^>]*)>.*?<code[^>]*>(.*?)</code>", page)
    assert len(rows) > len(found)
    assert {slug for marks, slug in rows if " hidden" not in marks} == found
    assert f"{len(found)} of {len(rows)}</p>" in page
    (empty,) = re.findall(r"<div[^>]*data-narrow-empty[^>]*>", page)
    assert ("hidden" in empty) == bool(found)


@pytest.mark.parametrize(
    ("query", "said"),
    [("?only=is:changed", "No rule is changed"), ("?q=lunch", "No rule matches “lunch”")],
)
def test_nothing_found_says_what_was_looked_for(client, maria, query, said):
    page = text(client.get(f"/rules/{query}"))

    shown = re.findall(r'<strong data-narrow-said="\w+"\s*>(.*?)</strong>', page)
    assert [re.sub("<.*?>", "", one) for one in shown] == [said]


def test_a_rule_that_is_as_shipped_again_is_not_called_changed(client, maria):
    pages = []
    for given in ({**FASTER, "why": "First"}, {"restore": 0, "why": "Back"}):
        client.post(GAP, given)
        pages.append(text(client.get("/rules/?only=is:changed")))

    assert [re.findall(r"(\d+) of \d+</p>", page) for page in pages] == [["1"], ["0"]]


def test_a_change_is_shown_with_what_it_would_do_before_it_holds(client, maria, on_the_way):
    on_the_way(3)

    page = text(client.get(GAP, TRY))

    assert "order.scan_gap: silence 2 days → 30 minutes" in page
    assert '<strong class="num">3</strong> cases would open' in page
    assert "3 of 3 open subjects looked at" in page
    assert not PolicyVersion.objects.exists()


def test_a_change_that_is_applied_holds_and_its_looks_are_planned(client, maria, on_the_way):
    on_the_way(3)

    answer = client.post(GAP, {**FASTER, "why": "The carrier scans daily now"}, follow=True)
    look_again(NOW)

    assert "Every open subject is planned anew." in text(answer)
    assert Case.objects.count() == 3
    assert not Replan.objects.filter(done_at=None).exists()


def test_counting_goes_on_in_pieces_until_everything_was_looked_at(
    client, maria, on_the_way, monkeypatch
):
    on_the_way(5)
    monkeypatch.setattr(policy_pages, "PATIENCE", 0)
    count_on = effects.count_on
    monkeypatch.setattr(effects, "count_on", lambda *a, **k: count_on(*a, **k, limit=2))

    pieces = [client.get(GAP, TRY)]
    while address := pieces[-1].context["go_on"]:
        pieces.append(client.get(address, headers={"HX-Request": "true"}))

    assert len(pieces) > 2
    assert "<progress" in text(pieces[0])
    assert "hx-swap-oob" in text(pieces[1])
    assert pieces[-1].context["effects"].opens == 5
    assert sum(text(piece).count('href="/subjects/') for piece in pieces) >= 5


def test_a_mistake_is_said_beside_its_field(client, maria):
    answer = client.get(GAP, {**TRY, "set_silence": "soon"})

    assert answer.status_code == 422
    assert "write a time of at most a year, such as 30 minutes" in text(answer)


def test_a_change_needs_a_reason(client, maria):
    answer = client.post(GAP, {**FASTER, "why": ""})

    assert answer.status_code == 422
    assert "Say why" in text(answer)
    assert not PolicyVersion.objects.exists()


def test_somebody_elses_change_meanwhile_is_told_and_not_overwritten(client, maria):
    client.post(GAP, {**FASTER, "why": "First"})
    seen = PolicyVersion.objects.get().pk
    client.post(GAP, {**FASTER, "on": "off", "why": "Second", "seen": seen})

    answer = client.post(GAP, {"on": "on", "set_silence": "1 day", "why": "Third", "seen": seen})

    assert answer.status_code == 409
    assert "Maria Lopes changed it since you looked" in text(answer)


def test_a_version_is_brought_back_from_the_history(client, maria):
    client.post(GAP, {**FASTER, "why": "First"})
    client.post(GAP, {"on": "off", "set_silence": "30 minutes", "why": "Second"})
    first = PolicyVersion.objects.earliest("pk")

    shown = client.get(GAP, {"restore": first.pk, "try": "1"})
    client.post(GAP, {"restore": first.pk, "why": "Back"})

    assert f"as in version {first.pk} again" in text(shown)
    assert PolicyVersion.objects.latest("pk").document == first.document


def test_how_it_was_shipped_is_brought_back_once(client, maria):
    client.post(GAP, {**FASTER, "why": "First"})

    client.post(GAP, {"restore": 0, "why": "Back"})
    again = client.get(GAP, {"restore": 0, "try": "1"})

    assert PolicyVersion.objects.latest("pk").document == {}
    assert again.status_code == 422
    assert "It is so already." in text(again)


def test_a_manager_of_one_site_changes_it_there_only(client, north, south):
    client.force_login(UserFactory(role=Role.MANAGER, role__site=north))

    everywhere = client.post(GAP, {**FASTER, "why": "Ours"})
    here = client.post(GAP, {**FASTER, "site": "north", "why": "Ours"})
    there = client.post(GAP, {**FASTER, "site": "south", "why": "Ours"})

    assert (everywhere.status_code, here.status_code, there.status_code) == (403, 302, 404)
    assert here["Location"] == f"{GAP}?site=north"
    kind = policy.BY_SLUG["order.scan_gap"].kind
    mine, theirs = (policy.current().rules_of(kind, site.pk) for site in (north, south))
    assert mine != theirs


def test_what_a_site_set_is_hidden_from_those_who_do_not_work_there(client, maria, stranger, north):
    client.post(GAP, {**FASTER, "site": "north", "why": "A secret of North"})
    client.force_login(stranger)

    assert "A secret of North" not in text(client.get(GAP)) + text(client.get("/rules/"))


def test_who_may_only_look_sees_no_form(client, viewer):
    client.force_login(viewer)

    page = text(client.get(GAP, TRY))

    assert "You may look." in page
    assert "See what would change" not in page


def test_a_journey_is_changed_like_a_rule(client, maria):
    given = {
        "promise": "said",
        "step_financed_after": "sold",
        "step_financed_within": "10 calendar days",
    }

    shown = client.get("/journeys/deal/", {**given, "try": "1"})
    client.post("/journeys/deal/", {**given, "why": "Our lender is faster"})

    assert "12 calendar days after sold → 10 calendar days after sold" in text(shown)
    assert "10 calendar days after sold" in text(client.get("/journeys/"))
    assert PolicyVersion.objects.get().about == "journey:deal"


def test_a_duration_that_cannot_be_read_is_said_beside_it(client, maria):
    given = {"promise": "said", "step_financed_after": "sold", "step_financed_within": "soon"}

    answer = client.get("/journeys/deal/", {**given, "try": "1"})

    assert answer.status_code == 422
    assert "Write 1 business day, 120 calendar days" in text(answer)


def test_the_threshold_can_differ_at_a_site(client, maria, north):
    client.post("/rules/threshold/", {"threshold": 50, "why": "Noise"})
    client.post("/rules/threshold/", {"threshold": 0, "site": "north", "why": "They want it all"})

    assert policy.current().threshold == 50
    assert policy.current().threshold_at(north.pk) == 0
    assert "at North from 0" in text(client.get("/rules/"))


@pytest.mark.parametrize("path", ["/rules/order.nonsense/", "/journeys/lunch/", f"{GAP}?site=mars"])
def test_what_is_not_there_is_not_found(client, maria, path):
    assert client.get(path).status_code == 404


def test_the_list_takes_as_many_statements_however_much_was_changed(
    client, maria, north, django_assert_max_num_queries
):
    with transaction.atomic():
        for number in range(1, 9):
            client.post(GAP, {"on": "on", "set_silence": f"{number} hours", "why": "Again"})

    with django_assert_max_num_queries(15):
        client.get("/rules/")


def test_a_version_tells_its_times_in_the_zone_of_its_reader(client):
    client.force_login(UserFactory(role=Role.MANAGER, time_zone="Europe/Berlin"))
    PolicyVersion.objects.create(
        at=NOW,
        actor_name="Maria Lopes",
        about="rule:order.scan_gap",
        said="as it was; with what was learned 2026-03-10 07:30 UTC",
        document={},
    )

    page = text(client.get(GAP))

    assert "with what was learned today 08:30" in page
    assert "UTC" not in page
