"""The case page, its verbs with and without scripts, its proofs, and sending again."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from dashboards.verbs import VERBS
from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.steps import STEPS
from exceptions_app.models import Case, Clock, Delivery, Milestone, Promise, Signal
from exceptions_app.outbox.owing import owe
from exceptions_app.people.access import person
from exceptions_app.vocabulary import Operation, Role, Severity
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    ConnectionFactory,
    SourceFactory,
    SubjectFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
    open_case,
)

JSON = {"Accept": "application/json"}


@pytest.fixture
def case(north):
    TargetFactory(kind="resolve")
    return open_case(site=north, title="Paint is wrong")


def page(client, case):
    return client.get(reverse("case", args=[case.pk])).content.decode()


def press(client, case, verb, *, version=None, **data):
    data["version"] = case.version if version is None else version
    return client.post(reverse("do", args=[case.pk, verb]), data, headers=JSON)


def status(case):
    return Case.objects.get(pk=case.pk).status


def test_the_page_shows_head_clocks_and_record(desk, case):
    html = page(desk, case)

    assert f"<h1>{case.title}</h1>" in html
    assert "7 h 00 left" in html
    assert re.search(r"<strong>Flagstand</strong>\s*opened it", html)
    assert "flagged by hand" in html


def test_the_owner_of_a_case_is_read_once(desk, case, ana):
    Case.objects.filter(pk=case.pk).update(assignee=ana)

    head = page(desk, case).split('<p class="whole__facts">')[1].split("</p>")[0]

    assert re.search(
        rf'^\s*<span><span aria-hidden="true"><span class="face.*</span> {ana.shown_name()}', head
    )


def test_everything_known_of_the_subject_is_evidence(desk, north):
    deal = SubjectFactory(
        site=north, kind="deal", reference="D-7", attributes={"stock_number": "S-9"}
    )
    Promise.objects.create(
        subject=deal, promised_at=NOON, said_at=NOON - HOUR, reason="told by phone"
    )
    Milestone.objects.create(
        subject=deal, name="sold", expected_at=NOON - HOUR, actual_at=NOON, reported_at=NOON
    )
    Signal.objects.create(
        source=SourceFactory(),
        external_id="1",
        type="deal.sold",
        subject=deal,
        occurred_at=NOON,
        received_at=NOON,
        digest="",
        body={"vin": "WVW<1>"},
    )

    html = page(
        desk, open_case(site=north, subject=deal, rule="deal.late", evidence={"since": "noon"})
    )

    for words in (
        "Stock number",
        "S-9",
        "told by phone",
        "1 h 00 late",
        "deal.sold",
        "WVW&lt;1&gt;",
        "&quot;noon&quot;",
    ):
        assert words in html


def test_an_order_says_of_how_many_items_it_is(desk, north):
    known = {"items": 3, "tracked": False, "vin": "WVW"}
    order = SubjectFactory(site=north, kind="order", attributes=known)

    shown = page(desk, open_case(site=north, subject=order))

    told = re.findall(r"<dt>(Items|Tracked|VIN)</dt><dd>(\w+)</dd>", shown)
    assert dict(told) == {"Items": "3", "Tracked": "no", "VIN": "WVW"}


@pytest.mark.parametrize("name", ["case", "case-preview"])
def test_a_case_of_another_site_is_not_found(client, stranger, case, name):
    client.force_login(stranger)

    assert client.get(reverse(name, args=[case.pk])).status_code == 404


def test_the_preview_is_a_piece_with_the_latest_entries(desk, ana, case):
    for number in range(6):
        triage.comment(
            Seen(case.pk), by=person(ana), at=NOON + number * MINUTE, text=f"Note {number}"
        )

    html = desk.get(reverse("case-preview", args=[case.pk])).content.decode()

    assert "<html" not in html
    assert ("Note 5" in html, "Note 0" in html) == (True, False)


def test_entries_are_grouped_by_day(desk, ana, case):
    triage.comment(Seen(case.pk), by=person(ana), at=NOON - 30 * HOUR, text="Before")
    triage.comment(Seen(case.pk), by=person(ana), at=NOON - 400 * HOUR, text="Long before")

    labels = [label for label, _ in desk.get(reverse("case", args=[case.pk])).context["days"]]

    assert labels == ["Saturday 21 February", "Yesterday", "Today"]


def test_what_a_role_may_not_do_is_not_offered(client, viewer, ben, case):
    client.force_login(viewer)
    reading, beside = page(client, case), client.get(reverse("case-preview", args=[case.pk]))
    client.force_login(ben)
    working = page(client, case)

    for html in (reading, beside.content.decode()):
        assert "data-verb=" not in html
        assert "data-off=" not in html
        assert "Write a comment" not in html
        assert "Your role reads only." in html
    assert 'data-verb="acknowledge"' in working
    assert 'data-off="close"' in working
    assert 'data-verb="dismiss"' not in working
    assert 'data-off="dismiss"' not in working


# --- verbs -------------------------------------------------------------------------------------

PRESSED = {
    "acknowledge": ({}, "acknowledged", None),
    "start": ({}, "in_progress", None),
    "claim": ({}, "acknowledged", "release"),
    "wait": ({"waiting_for": "the part"}, "waiting", "resume"),
    "resolve": ({"cause": "Supplier late", "text": "Brought over."}, "resolved", "reopen"),
    "dismiss": ({"reason": "No problem."}, "dismissed", "reopen"),
    "change_severity": ({"severity": "4"}, "new", "change_severity"),
    "comment": ({"text": "On it."}, "new", None),
}


@pytest.mark.parametrize("verb", PRESSED)
def test_a_verb_says_what_happened_and_offers_the_way_back(desk, case, verb):
    data, after, back = PRESSED[verb]

    told = press(desk, case, verb, **data).json()

    assert told["ok"], told
    assert told["sentence"] == f"{case} {VERBS[verb].done}."
    assert (status(case), told["undo"] and told["undo"]["url"].split("/")[-2]) == (after, back)
    assert told["version"] == Case.objects.get(pk=case.pk).version


@pytest.mark.parametrize("verb", [verb for verb, (_, _, back) in PRESSED.items() if back])
def test_the_way_back_leads_back(desk, case, verb):
    data, _, _ = PRESSED[verb]
    undo = press(desk, case, verb, **data).json()

    told = desk.post(
        undo["undo"]["url"], undo["undo"]["fields"] | {"version": undo["version"]}, headers=JSON
    )

    assert told.json()["ok"], told.json()
    again = Case.objects.get(pk=case.pk)
    assert (again.is_open, again.assignee_id, again.severity) == (True, None, Severity.HIGH)


@pytest.mark.parametrize("verb", ["assign", "claim"])
def test_a_new_owner_is_taken_back_to_who_had_it(desk, ana, ben, case, verb):
    before, after = {"assign": (ana, ben), "claim": (ben, ana)}[verb]
    press(desk, case, "assign", to=before.pk)
    told = press(desk, case, verb, to=after.pk, version=2).json()
    assert Case.objects.get(pk=case.pk).assignee_id == after.pk

    desk.post(
        told["undo"]["url"], told["undo"]["fields"] | {"version": told["version"]}, headers=JSON
    )

    assert Case.objects.get(pk=case.pk).assignee_id == before.pk


@pytest.fixture
def overdue(north):
    """A case about an order that should have come an hour ago."""
    order = SubjectFactory(site=north, reference="O-7", promised_at=NOON)
    return open_case(site=north, title="It is late", subject=order)


def test_resolving_what_has_not_come_asks_to_be_confirmed(desk, overdue):
    refused = press(desk, overdue, "resolve", cause="Carrier late")
    asked = desk.get(reverse("do", args=[overdue.pk, "resolve"])).content.decode()

    done = press(desk, overdue, "resolve", cause="Carrier late", anyway="on")

    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["anyway"])
    assert "“Delivered” has not come yet: promised for today 13:00, 1 h 00 over" in asked
    assert done.json()["ok"]


def test_nothing_is_asked_while_another_case_is_open_about_it(desk, north, overdue):
    open_case(site=north, title="Damaged too", subject=overdue.subject)

    assert press(desk, overdue, "resolve", cause="Carrier late").json()["ok"]


def test_a_settled_case_says_what_is_late_still(desk, overdue):
    Milestone.objects.create(
        subject=overdue.subject, name="delivered", expected_at=NOON, reported_at=NOON
    )
    press(desk, overdue, "resolve", cause="Carrier late", anyway="on")

    html = page(desk, overdue)

    assert "but “delivered” has not come" in html
    assert "1 h 00 late so far" in html
    assert "to come" not in html


def test_closing_is_not_taken_back_by_reopening(desk, case):
    press(desk, case, "resolve", cause="Supplier late")

    assert press(desk, case, "close", version=2).json()["undo"] is None


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_without_its_words_names_the_field(desk, case, verb):
    if VERBS[verb].form is None:
        return

    reply = press(desk, case, verb)

    assert reply.status_code == 422
    assert reply.json()["fields"]
    assert status(case) == "new"


def test_a_wait_ends_at_the_time_of_the_site(desk, case):
    form = desk.get(reverse("do", args=[case.pk, "wait"])).content.decode()

    reply = press(desk, case, "wait", waiting_for="the part", until="2026-07-01T14:00")

    assert reply.status_code == 200
    assert Case.objects.get().waiting_until == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert "Europe/Berlin time" in form


@pytest.mark.parametrize("until", ["2026-03-29T02:30", "2026-10-25T02:30"])
def test_a_time_that_is_not_once_at_the_site_is_refused(desk, case, until):
    reply = press(desk, case, "wait", waiting_for="the part", until=until)

    assert reply.status_code == 422
    assert "clocks change" in reply.json()["fields"]["until"]


def test_a_time_that_has_passed_is_refused_with_its_field(desk, case):
    reply = press(desk, case, "wait", waiting_for="the part", until="2026-03-10T09:00")

    assert (reply.status_code, list(reply.json()["fields"])) == (422, ["until"])


def test_a_stale_change_says_what_changed_and_is_offered_again(desk, ben, case):
    lifecycle.acknowledge(Seen(case.pk), by=person(ben), at=NOON)

    stale = press(desk, case, "resolve", cause="Supplier late").json()
    again = press(desk, case, "resolve", cause="Supplier late", version=stale["version"]).json()

    assert (stale["ok"], stale["code"]) == (False, "stale")
    assert "Ben Okafor acknowledged it" in stale["sentence"]
    assert again["ok"]


def test_what_is_not_possible_now_is_a_conflict(desk, case):
    reply = press(desk, case, "resume")

    assert (reply.status_code, reply.json()["code"]) == (409, "not_allowed_now")


def test_a_viewer_is_refused(client, viewer, case):
    client.force_login(viewer)

    reply = press(client, case, "acknowledge")

    assert (reply.status_code, status(case)) == (403, "new")


def test_a_stranger_is_told_there_is_no_such_case(client, stranger, case):
    client.force_login(stranger)

    assert press(client, case, "acknowledge").status_code == 404
    assert client.post(reverse("do", args=[case.pk, "acknowledge"])).status_code == 404
    assert client.get(reverse("do", args=[case.pk, "resolve"])).status_code == 404


@pytest.mark.parametrize("verb", ["explode", "see", "delete"])
def test_an_unknown_verb_is_not_found(desk, case, verb):
    assert desk.get(reverse("do", args=[case.pk, verb])).status_code == 404


def test_a_form_is_a_page_and_a_piece(desk, case):
    url = reverse("do", args=[case.pk, "resolve"])

    whole, piece = (
        desk.get(url).content.decode(),
        desk.get(url, headers={"HX-Request": "true"}).content.decode(),
    )

    assert ("<html" in whole, "<html" in piece) == (True, False)
    for html in (whole, piece):
        assert 'name="cause"' in html
        assert 'name="version" value="1"' in html
        assert '<option value="Supplier late">' in html


def test_only_those_who_may_own_it_are_offered(desk, ana, ben, viewer, stranger, case):
    html = desk.get(reverse("do", args=[case.pk, "assign"])).content.decode()

    people = re.findall(r'<option value="(\d+)"', html)
    assert people == [str(ana.pk), str(ben.pk)]


def test_without_a_script_a_press_leads_back_with_the_sentence(desk, case):
    reply = desk.post(reverse("do", args=[case.pk, "acknowledge"]), {"version": 1}, follow=True)

    assert reply.redirect_chain == [(reverse("case", args=[case.pk]), 302)]
    assert f"{case} acknowledged." in reply.content.decode()


def test_without_a_script_what_is_missing_is_said_on_the_form(desk, case):
    reply = desk.post(reverse("do", args=[case.pk, "resolve"]), {"version": 1, "text": "Half done"})

    assert reply.status_code == 422
    assert "Name the cause" in reply.content.decode()
    assert "Half done" in reply.content.decode()


def test_without_a_script_a_stale_change_can_be_sent_again(desk, ben, case):
    lifecycle.acknowledge(Seen(case.pk), by=person(ben), at=NOON)

    reply = desk.post(
        reverse("do", args=[case.pk, "resolve"]), {"version": 1, "cause": "Supplier late"}
    )

    html = reply.content.decode()
    assert reply.status_code == 409
    assert "Ben Okafor acknowledged it" in html
    assert 'name="cause" value="Supplier late"' in html
    assert 'name="version" value="2"' in html


def test_without_a_script_a_refusal_is_a_page(client, viewer, case):
    client.force_login(viewer)

    reply = client.post(reverse("do", args=[case.pk, "acknowledge"]))

    assert reply.status_code == 403
    assert "Your role does not let you acknowledge here" in reply.content.decode()


@pytest.mark.parametrize("method", ["put", "delete"])
def test_other_methods_are_refused(desk, case, method):
    assert getattr(desk, method)(reverse("do", args=[case.pk, "acknowledge"])).status_code == 405


# --- proof and resend --------------------------------------------------------------------------


def test_a_clock_shows_every_interval_and_why(desk, case):
    clock = Clock.objects.get(case=case)

    whole = desk.get(reverse("clock-proof", args=[clock.pk])).content.decode()
    piece = desk.get(
        reverse("clock-proof", args=[clock.pk]), headers={"HX-Request": "true"}
    ).content.decode()

    assert "Resolve within 480 minutes" in whole
    assert "1 h 00" in piece
    assert "<html" not in piece


def test_a_clock_of_another_site_is_not_found(client, stranger, case):
    client.force_login(stranger)

    assert (
        client.get(reverse("clock-proof", args=[Clock.objects.get(case=case).pk])).status_code
        == 404
    )
    assert client.get(reverse("clock-proof", args=[0])).status_code == 404


@pytest.fixture
def dead(case):
    zendesk = ConnectionFactory(name="Zendesk")
    owe(case.pk, zendesk.pk, Operation.CREATE, at=NOON, key="k")
    Delivery.objects.update(state="dead", reason="The channel is archived. Choose another channel.")
    return Delivery.objects.get()


def test_what_a_platform_did_not_take_is_shown_and_sent_again(desk, dead):
    html = page(desk, dead.case)

    told = desk.post(reverse("resend", args=[dead.pk]), headers=JSON).json()

    assert "The channel is archived. Choose another channel." in html
    assert reverse("resend", args=[dead.pk]) in html
    assert f'href="{reverse("delivery", args=[dead.pk])}"' in html
    assert told["sentence"] == f"Zendesk will be told again about {dead.case}."
    assert Delivery.objects.get().state == "waiting"


def test_without_a_script_sending_again_leads_back(desk, dead):
    reply = desk.post(reverse("resend", args=[dead.pk]), follow=True)

    assert "Zendesk will be told again" in reply.content.decode()


def test_who_may_not_send_again_is_refused(client, viewer, ben, stranger, dead):
    codes = []
    for user in (viewer, ben, stranger):
        client.force_login(user)
        codes.append(client.post(reverse("resend", args=[dead.pk]), headers=JSON).status_code)
        client.post(reverse("resend", args=[dead.pk]))

    assert codes == [403, 403, 404]
    assert Delivery.objects.get().state == "dead"


def test_every_verb_of_a_person_is_on_the_page():
    assert {verb for verb, *_ in STEPS} == set(VERBS)


def test_what_was_sent_already_is_not_sent_again_and_says_so(desk, dead):
    Delivery.objects.update(state="waiting")

    told = desk.post(reverse("resend", args=[dead.pk]), headers=JSON)
    page = desk.post(reverse("resend", args=[dead.pk]), follow=True)

    assert told.status_code == 409
    assert told.json()["sentence"] in page.content.decode()


def test_a_form_for_what_is_not_possible_says_why(desk, case):
    url = reverse("do", args=[case.pk, "reopen"])

    whole, piece = desk.get(url), desk.get(url, headers={"HX-Request": "true"})

    assert (whole.status_code, piece.status_code) == (409, 200)
    for reply in (whole, piece):
        assert "Not possible while the case is new." in reply.content.decode()
        assert "<textarea" not in reply.content.decode().replace('id="comment"', "")


def test_a_team_has_its_own_people_and_those_of_the_whole_site(desk, ana, north, parts):
    sales = TeamFactory(site=north, slug="sales")
    ours = UserFactory(role=Role.STAFF, role__site=north, role__team=parts)
    UserFactory(role=Role.STAFF, role__site=north, role__team=sales)
    case = open_case(site=north, team_id=parts.pk)

    html = desk.get(reverse("do", args=[case.pk, "assign"])).content.decode()

    assert re.findall(r'<option value="(\d+)"', html) == [str(ana.pk), str(ours.pk)]
