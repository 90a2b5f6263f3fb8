"""Flagging by hand."""

import pytest
from django.urls import reverse

from exceptions_app.models import Case, Entry, Membership
from exceptions_app.vocabulary import Severity
from tests.factories import SubjectFactory, TeamFactory, open_case

JSON = {"Accept": "application/json"}
FLAG = "/flag/"


def filled(north, **more):
    return {
        "title": "Wrong tyres",
        "exception_type": "complaint",
        "severity": "2",
        "site": north.pk,
    } | more


def test_a_problem_is_flagged_in_one_press(desk, ana, north, parts):
    about = SubjectFactory(site=north, reference="D-7")
    data = filled(
        north, team=parts.pk, subject=about.pk, reference="D-7", description="At the handover."
    )

    told = desk.post(FLAG, data, headers=JSON).json()

    case = Case.objects.get()
    assert told["sentence"] == f"{case} flagged."
    assert told["url"] == reverse("case", args=[case.pk])
    assert (case.title, case.severity, case.site, case.team) == (
        "Wrong tyres",
        Severity.HIGH,
        north,
        parts,
    )
    assert (case.subject, case.description) == (about, "At the handover.")
    assert Entry.objects.get().actor_name == "Ana Ortiz"


def test_a_form_whose_answer_was_lost_flags_once_however_often_it_is_sent(desk, north):
    key = desk.get(FLAG).context["form"]["key"].value()

    first, second = (desk.post(FLAG, filled(north, key=key), headers=JSON) for _ in range(2))
    other = desk.post(FLAG, filled(north, key=key, title="Wrong rims"), headers=JSON)
    plain = desk.post(FLAG, filled(north, key=key))

    case = Case.objects.get()
    assert first.json() == second.json()
    assert plain.headers["Location"] == reverse("case", args=[case.pk])
    assert (other.status_code, "only the answer was lost" in other.json()["sentence"]) == (
        409,
        True,
    )
    assert f'name="key" value="{key}"' in desk.post(FLAG, {"key": key}).content.decode()


def test_a_reference_that_was_typed_is_linked_to_its_subject(desk, north, south):
    about = SubjectFactory(site=north, kind="deal", reference="D-10012")
    SubjectFactory(site=south, kind="deal", reference="D-10012")
    for kind in ("deal", "order"):
        SubjectFactory(site=north, kind=kind, reference="D-2")

    for reference in ("D-10012", "d-10012", "D-1001", "D-2", ""):
        desk.post(FLAG, filled(north, reference=reference), headers=JSON)

    found = Case.objects.order_by("pk").values_list("reference", "subject")
    unlinked = [("D-1001", None), ("D-2", None), ("", None)]
    assert list(found) == [("D-10012", about.pk), ("D-10012", about.pk), *unlinked]


def test_without_a_script_the_new_case_is_the_next_page(desk, north):
    reply = desk.post(FLAG, filled(north), follow=True)

    assert reply.redirect_chain[-1][0] == reverse("case", args=[Case.objects.get().pk])
    assert "flagged." in reply.content.decode()


def test_the_form_is_a_page_and_a_piece(desk):
    whole, piece = (
        desk.get(FLAG).content.decode(),
        desk.get(FLAG, headers={"HX-Request": "true"}).content.decode(),
    )

    assert ("<html" in whole, "<html" in piece) == (True, False)
    assert 'name="title"' in piece


def chosen(client, query=""):
    """What the form starts with: the subject and the team."""
    form = client.get(f"{FLAG}{query}").context["form"]
    return (form["subject"].value(), form["team"].value())


def test_it_can_be_about_a_subject_from_the_start(desk, north, south, parts):
    ours = SubjectFactory(site=north, team=parts, reference="D-7", label="Golf GTI")
    theirs = SubjectFactory(site=south, reference="D-8")

    html = desk.get(f"{FLAG}?subject={ours.pk}").content.decode()

    assert "Golf GTI" in html
    assert 'value="D-7"' in html
    assert chosen(desk, f"?subject={ours.pk}") == (ours.pk, parts.pk)
    for wrong in (theirs.pk, "x", 10**30):
        assert chosen(desk, f"?subject={wrong}") == (None, None)


def test_the_place_is_remembered(desk, north, parts):
    desk.post(FLAG, filled(north, team=parts.pk), headers=JSON)

    assert chosen(desk) == (None, parts.pk)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"exception_type": "nonsense"}, "exception_type"),
        ({"severity": "9"}, "severity"),
        ({"severity": "x"}, "severity"),
        ({"site": "0"}, "site"),
        ({"site": ""}, "site"),
        ({"team": "0"}, "team"),
        ({"subject": "999999"}, "subject"),
        ({"subject": "x"}, "subject"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(desk, north, change, field):
    reply = desk.post(FLAG, filled(north) | change, headers=JSON)

    assert reply.status_code == 422
    assert list(reply.json()["fields"]) == [field]
    assert not Case.objects.exists()


def test_without_a_script_what_is_wrong_is_on_the_form(desk, north):
    reply = desk.post(FLAG, filled(north, title="", description="Half written"))

    assert reply.status_code == 422
    assert "Say in a few words what is wrong." in reply.content.decode()
    assert "Half written" in reply.content.decode()


def test_a_team_of_another_site_is_refused(desk, ana, north, south):
    Membership.objects.create(user=ana, role="staff", site=south)
    team = TeamFactory(site=south, slug="sales")

    reply = desk.post(FLAG, filled(north, team=team.pk), headers=JSON)

    assert list(reply.json()["fields"]) == ["team"]
    assert desk.post(FLAG, filled(north, team=team.pk)).status_code == 422


def test_it_can_be_added_to_an_open_case_instead(desk, north):
    case = open_case(site=north)

    told = desk.post(
        FLAG, filled(north, instead=case.pk, description="Rear axle."), headers=JSON
    ).json()

    assert told["sentence"] == f"Added to {case}."
    assert Case.objects.count() == 1
    assert Entry.objects.get(verb="case.commented").data["text"] == "Wrong tyres\n\nRear axle."


@pytest.mark.parametrize("instead", ["x", "999999"])
def test_adding_to_what_is_not_there_is_refused(desk, north, instead):
    assert desk.post(FLAG, filled(north, instead=instead), headers=JSON).status_code in (404, 422)


def test_a_viewer_is_told_whom_to_ask(client, viewer, north):
    client.force_login(viewer)

    pages = [client.get(FLAG), client.post(FLAG, filled(north), headers=JSON)]

    assert [page.status_code for page in pages] == [403, 403]
    assert "Ask a lead to flag this for you" in pages[0].content.decode()
    assert "Ask a lead" in client.get(FLAG, headers={"HX-Request": "true"}).content.decode()
    assert 'href="/flag/"' not in client.get("/board/").content.decode()


def test_nobody_flags_without_signing_in(client, north):
    assert client.post(FLAG, filled(north)).headers["Location"].startswith("/sign-in/")


# --- while typing ------------------------------------------------------------------------------


def test_open_cases_about_the_same_thing_are_offered(desk, north, south):
    case = open_case(site=north, title="Golf delivery is late")
    open_case(site=south, title="Golf delivery is late")

    html = desk.get("/flag/similar/", {"title": "golf delivery", "site": north.pk}).content.decode()

    assert f"Add to {case} instead" in html
    assert html.count("instead") == 2


@pytest.mark.parametrize(
    "query", [{}, {"title": "?"}, {"subject": "x", "site": "y"}, {"reference": "-"}]
)
def test_nothing_similar_says_nothing(desk, north, query):
    open_case(site=north)

    assert desk.get("/flag/similar/", query).content.decode().strip() == ""


@pytest.mark.parametrize("words", ["D-7", "d-7", "golf", "ortiz", "wvwz"])
def test_subjects_are_found_by_reference_name_customer_and_vin(desk, north, south, words):
    given = {"label": "Golf GTI", "customer": {"name": "M. Ortiz"}, "attributes": {"vin": "WVWZZZ"}}
    ours = SubjectFactory(site=north, reference="D-7", **given)
    SubjectFactory(site=south, reference="D-77", **given)

    html = desk.get("/flag/subjects/", {"q": words}).content.decode()

    assert html.count('role="option"') == 1
    assert f'data-value="{ours.pk}"' in html


@pytest.mark.parametrize("words", ["", "D", "%", "zzz"])
def test_too_little_or_unknown_finds_no_subject(desk, north, words):
    SubjectFactory(site=north, reference="D-7")

    assert 'role="option"' not in desk.get("/flag/subjects/", {"q": words}).content.decode()
