"""The verbs of a case by API: each once allowed and once refused, and nobody overwrites anybody."""

import pytest

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.models import Case, Entry
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role
from tests.api.conftest import is_problem
from tests.factories import HOUR, NOON, SubjectFactory, UserFactory, open_case

pytestmark = pytest.mark.django_db

#: Verb → what comes before it, what it is told, and where the case stands then.
ALLOWED = {
    "acknowledge": ((), {}, "acknowledged"),
    "start": ((), {}, "in_progress"),
    "wait": ((), {"waiting_for": "the part", "until": "2026-03-11T09:00:00+01:00"}, "waiting"),
    "resume": (("wait",), {}, "in_progress"),
    "resolve": ((), {"cause": "carrier", "text": "It came."}, "resolved"),
    "close": (("resolve",), {}, "closed"),
    "dismiss": ((), {"reason": "a test"}, "dismissed"),
    "reopen": (("resolve",), {"reason": "it came back"}, "acknowledged"),
    "assign": ((), {"to": "ana", "note": "Yours."}, "new"),
    "claim": ((), {}, "acknowledged"),
    "release": (("claim",), {}, "acknowledged"),
    "comment": ((), {"text": "Called them.", "shared": True}, "new"),
    "severity": ((), {"severity": "low", "reason": "He can wait."}, "new"),
}
#: Verb → what makes it impossible: what came before.
REFUSED = {
    "acknowledge": ("resolve",),
    "start": ("resolve",),
    "wait": ("resolve",),
    "resume": (),
    "resolve": ("resolve",),
    "close": (),
    "dismiss": ("resolve",),
    "reopen": (),
    "assign": ("resolve",),
    "claim": ("resolve",),
    "release": (),
    "severity": ("resolve",),
}
NEEDED = {
    "wait": "waiting_for",
    "resolve": "cause",
    "dismiss": "reason",
    "reopen": "reason",
    "assign": "to",
    "comment": "text",
    "severity": "severity",
}


def do(program, case, verb, **headers):
    return program.post(f"cases/{case}/{verb}/", ALLOWED[verb][1], **headers)


@pytest.mark.parametrize("verb", ALLOWED)
def test_a_verb_changes_the_case_and_answers_with_it(of_ana, case, verb):
    before, _, status = ALLOWED[verb]
    for one in before:
        do(of_ana, case, one)

    answer = do(of_ana, case, verb)

    told = answer.json()
    case = Case.objects.get(pk=case.pk)
    assert answer.status_code == 200
    assert (told["status"], told["version"]) == (status, case.version)
    assert answer["ETag"] == f'"v{case.version}"'
    assert Entry.objects.filter(case=case).latest("seq").actor_kind == "token"


def test_resolving_is_taken_and_says_what_has_not_come_all_the_same(of_ana, north):
    late = SubjectFactory(site=north, promised_at=NOON - HOUR)
    kept = SubjectFactory(site=north, promised_at=NOON - HOUR, ended_at=NOON)

    left, nothing = (
        do(of_ana, open_case(site=north, subject=one), "resolve").json() for one in (late, kept)
    )

    assert (left["status"], nothing["unkept"]) == ("resolved", None)
    assert left["unkept"]["milestone"] == "delivered"


@pytest.mark.parametrize("verb", REFUSED)
def test_a_verb_that_is_not_possible_now_says_why(of_ana, case, verb):
    for one in REFUSED[verb]:
        do(of_ana, case, one)

    answer = do(of_ana, case, verb)

    assert is_problem(answer, 409, "not_allowed_now")
    assert str(case) in answer.json()["detail"]


@pytest.mark.parametrize(("verb", "field"), NEEDED.items())
def test_a_verb_that_lacks_something_names_it(of_ana, case, verb, field):
    answer = of_ana.post(f"cases/{case}/{verb}/", {})

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("verb", ALLOWED)
def test_a_case_at_another_site_cannot_be_changed(stranger, case, verb):
    assert is_problem(do(stranger, case, verb), 404, "not_found")
    assert Case.objects.get(pk=case.pk).version == 1


@pytest.mark.parametrize("verb", ALLOWED)
def test_a_viewer_changes_nothing(program_of, north, case, verb):
    viewer = program_of(Role.VIEWER, site=north)

    assert is_problem(do(viewer, case, verb), 403, "not_permitted")


def test_an_empty_body_is_enough_where_nothing_is_needed(program, case):
    path = f"/api/v1/cases/{case.pk}/acknowledge/"

    answer = program.client.generic("POST", path, headers=program.signed)

    assert answer.status_code == 200


def test_a_stale_version_is_refused_with_what_changed(program, case, ana):
    lifecycle.start(Seen(case.pk), by=SYSTEM, at=NOON)

    by_body = program.post(f"cases/{case.pk}/resolve/", {"cause": "carrier", "version": 1})
    by_header = program.post(f"cases/{case.pk}/resolve/", {"cause": "carrier"}, If_Match='"v1"')

    for answer in (by_body, by_header):
        assert is_problem(answer, 409, "stale")
        assert answer.json()["version"] == 2
        assert "Flagstand started work on it" in answer.json()["detail"]


def test_the_version_seen_is_accepted(program, case):
    answer = program.post(f"cases/{case.pk}/start/", {"version": 1}, If_Match='"v1"')

    assert answer["ETag"] == '"v2"'


def test_any_version_may_be_asked_for(program, case):
    assert program.post(f"cases/{case.pk}/start/", {}, If_Match="*").status_code == 200


@pytest.mark.parametrize("header", ["v1", 'W/"v1"', '"1"', '"v1", "v2"', ""])
def test_an_etag_that_is_none_of_ours_is_refused(program, case, header):
    answer = program.post(f"cases/{case.pk}/start/", {}, If_Match=header)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == ["If-Match"]


def test_two_versions_at_once_are_refused(program, case):
    answer = program.post(f"cases/{case.pk}/start/", {"version": 1}, If_Match='"v2"')

    assert list(answer.json()["errors"]) == ["version"]


def test_a_comment_takes_no_version(program, case):
    answer = program.post(f"cases/{case.pk}/comment/", {"text": "x"}, If_Match='"v1"')

    assert list(answer.json()["errors"]) == ["If-Match"]


@pytest.mark.parametrize(
    "until", ["2026-03-11T09:00:00", "tomorrow", 7, "2026-03-09T09:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_a_wait_needs_a_time_to_come_with_its_zone(program, case, until):
    answer = program.post(f"cases/{case.pk}/wait/", {"waiting_for": "them", "until": until})

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == ["until"]


def test_a_token_claims_for_its_person(of_ana, case, ana):
    told = do(of_ana, case, "claim").json()

    entry = Entry.objects.get(case=case, verb="case.claimed")
    assert told["assignee"]["username"] == "ana"
    assert (entry.actor_name, entry.data["to_name"]) == ("Ana's script", ana.shown_name())


def test_assigning_to_null_releases(of_ana, case, ana):
    do(of_ana, case, "claim")

    assert of_ana.post(f"cases/{case.pk}/assign/", {"to": None}).json()["assignee"] is None


@pytest.mark.parametrize("to", ["nobody", "eve"])
def test_only_somebody_of_the_site_can_own_a_case(of_ana, case, south, to):
    UserFactory(username="eve", role=Role.STAFF, role__site=south)

    answer = of_ana.post(f"cases/{case.pk}/assign/", {"to": to})

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == ["to"]


def test_many_cases_are_changed_each_by_itself(of_ana, north, south):
    first, gone, done = (open_case(site=north) for _ in range(3))
    elsewhere = open_case(site=south)
    lifecycle.resolve(Seen(done.pk), by=SYSTEM, at=NOON, cause="carrier")
    lifecycle.start(Seen(gone.pk), by=SYSTEM, at=NOON)

    answer = of_ana.post(
        "cases/bulk/",
        {
            "verb": "acknowledge",
            "cases": [
                {"id": elsewhere.pk},
                {"id": done.pk},
                {"id": gone.pk, "version": 1},
                {"id": first.pk, "version": 1},
            ],
        },
    )

    told = answer.json()["results"]
    assert [one["ok"] for one in told] == [False, False, False, True]
    assert [one["number"] for one in told] == ["", str(done), str(gone), str(first)]
    assert "since you looked" in told[2]["detail"]
    kinds = ("not_found", "not_allowed_now", "stale")
    assert [one["type"] for one in told] == [
        *(f"urn:flagstand:problem:{one}" for one in kinds),
        None,
    ]
    assert [one["version"] for one in told] == [None, 2, 2, 2]


def test_many_cases_are_assigned(of_ana, north):
    cases = [open_case(site=north) for _ in range(3)]

    of_ana.post(
        "cases/bulk/", {"verb": "assign", "to": "ana", "cases": [{"id": one.pk} for one in cases]}
    )

    assert Case.objects.filter(assignee__username="ana").count() == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"verb": "resolve", "cases": [{"id": 1}]}, "verb"),
        ({"verb": "assign", "cases": [{"id": 1}]}, "to"),
        ({"verb": "claim", "to": "ana", "cases": [{"id": 1}]}, "to"),
        ({"verb": "claim", "cases": []}, "cases"),
        ({"verb": "claim", "cases": [{"id": 1}, {"id": 1, "version": 2}]}, "cases"),
        ({"verb": "claim", "cases": [{"id": 1}] * 201}, "cases"),
        ({"verb": "claim", "cases": [{"id": 1}, {"id": "x"}]}, "cases.1.id"),
        ({"verb": "claim", "cases": [{"id": 1, "status": "new"}]}, "cases.0.status"),
    ],
)
def test_a_bulk_change_that_makes_no_sense_is_refused(of_ana, body, field):
    answer = of_ana.post("cases/bulk/", body)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == [field]


def test_a_refusal_says_what_to_do(of_ana, case):
    do(of_ana, case, "resolve")

    told = {
        verb: of_ana.post(f"cases/{case.pk}/{verb}/", ALLOWED[verb][1]).json()["detail"]
        for verb in ("wait", "severity")
    }

    assert told["wait"] == f"{case} is resolved; you cannot set it to waiting now. Reopen it first."
    assert "you cannot change its severity now" in told["severity"]


def test_nobody_is_taken_from_a_case_that_has_nobody(of_ana, case):
    told = of_ana.post(f"cases/{case.pk}/release/").json()

    assert told["detail"] == f"{case} has no owner: there is nobody to take it from."
