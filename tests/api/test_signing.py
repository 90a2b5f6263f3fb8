"""Who gets in: tokens, their scopes, and people who are signed in."""

import pytest
from django.test import Client

from exceptions_app.models import ApiToken
from exceptions_app.vocabulary import Role, Scope
from tests.api.conftest import Program, is_problem
from tests.factories import HOUR, NOON, UserFactory, open_case

pytestmark = pytest.mark.django_db


def test_nobody_gets_in_without_a_token():
    answer = Program().get("cases/")

    assert is_problem(answer, 401, "not_signed_in")
    assert answer["WWW-Authenticate"] == 'Bearer realm="Flagstand"'


@pytest.mark.parametrize(
    "header", ["Bearer fs_wrong", "Bearer", "Bearer \xff\xfe", "bearer fs_x y"]
)
def test_an_unknown_token_is_refused(header):
    answer = Client().get("/api/v1/me/", headers={"Authorization": header})

    assert is_problem(answer, 401, "not_signed_in")
    assert "WWW-Authenticate" in answer


@pytest.mark.parametrize("moment", ["expires_at", "revoked_at"])
def test_an_expired_or_revoked_token_is_refused(program, moment):
    ApiToken.objects.update(**{moment: NOON - HOUR})

    assert is_problem(program.get("me/"), 401, "not_signed_in")


def test_a_token_without_the_scope_is_told_which_it_lacks(program_of, north):
    reader = program_of(site=north, scopes=[Scope.CASES_READ])

    answer = reader.post("cases/", {"title": "x"})

    assert is_problem(answer, 403, "not_permitted")
    assert "cases:write" in answer.json()["detail"]


def test_a_scope_does_not_widen_a_role(program_of, north):
    case = open_case(site=north)
    viewer = program_of(Role.VIEWER, site=north)

    answer = viewer.post(f"cases/{case.pk}/acknowledge/")

    assert is_problem(answer, 403, "not_permitted")


def test_somebody_signed_in_to_the_desk_may_read(north):
    browser = Client()
    browser.force_login(UserFactory(role=Role.STAFF, role__site=north))

    assert Program(session=browser).get("cases/").status_code == 200


def test_a_write_from_a_browser_needs_its_csrf_token(north, case):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory(role=Role.STAFF, role__site=north))
    browser.get("/sign-in/")

    refused = Program(session=browser).post(f"cases/{case.pk}/acknowledge/")

    assert is_problem(refused, 403, "not_permitted")


def test_a_token_needs_no_csrf_token(program, case):
    program.client.handler.enforce_csrf_checks = True

    assert program.post(f"cases/{case.pk}/acknowledge/").status_code == 200


def test_using_a_token_is_noted(program):
    program.get("me/")

    assert ApiToken.objects.get().used_at == NOON
