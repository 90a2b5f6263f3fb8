"""What is edited in the admin: checked where a mistake would stop cases, clocks or programs."""

import json

import pytest
from django.urls import reverse

from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.models import (
    ApiToken,
    Calendar,
    CalendarVersion,
    Connection,
    Membership,
    Playbook,
    Replan,
    Target,
    User,
)  # fmt: skip
from exceptions_app.people import tokens
from exceptions_app.people.access import SYSTEM
from tests.admin.conftest import SETTINGS, entered
from tests.factories import HOUR, NOON, ConnectionFactory, SiteFactory, UserFactory, open_case

pytestmark = pytest.mark.usefixtures("at_noon")
HOURS = {"mon": [["09:00", "17:00"]]}


def add(page, name, /, **fields):
    return page.post(reverse(f"admin:exceptions_app_{name}_add"), fields)


def errors(answer):
    return answer.context["adminform"].form.errors.as_text() if answer.context else ""


def calendar(page, **version):
    given = {
        "since": "2026-01-01",
        "weekly": json.dumps(HOURS),
        "holidays": "{}",
        "exceptions": "{}",
    }
    return add(
        page,
        "calendar",
        name="North",
        time_zone="Europe/Berlin",
        **{"versions-TOTAL_FORMS": 1, "versions-INITIAL_FORMS": 0},
        **{f"versions-0-{name}": value for name, value in (given | version).items()},
    )


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("elapsed", 9_000_000), ("calendar_days", 3661), ("business_days", 2_147_483_647)],
)
def test_a_target_longer_than_any_clock_runs_is_refused(page, kind, amount):
    answer = add(page, "target", kind="resolve", length_kind=kind, amount=amount, warn_at=75)

    assert "at most 3660 days" in errors(answer)
    assert not Target.objects.exists()


def test_a_token_is_shown_once_and_works(page):
    user = UserFactory(role="integrator")
    answer = add(page, "apitoken", name="Bridge", user=user.pk, scopes=["signals:write"])

    plain = answer.context["plain"]
    token = ApiToken.objects.get()
    again = page.get(reverse("admin:exceptions_app_apitoken_change", args=[token.pk]))
    assert tokens.behind(plain, NOON) == token
    assert (token.name, token.user, token.scopes) == ("Bridge", user, ["signals:write"])
    assert plain in answer.content.decode()
    assert plain not in again.content.decode()


def test_a_token_without_a_scope_or_already_expired_is_refused(page):
    user = UserFactory(role="integrator")
    answer = add(
        page,
        "apitoken",
        name="Bridge",
        user=user.pk,
        expires_at_0="2026-03-10",
        expires_at_1="11:00",
    )

    assert "Choose a time that is to come." in errors(answer)
    assert "scopes" in errors(answer)
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_button_and_not_deleted(page):
    token, plain = tokens.issue(UserFactory(role="integrator"), "Bridge", ["signals:write"], NOON)

    page.post(reverse("admin:exceptions_app_apitoken_press", args=[token.pk, "revoke"]))

    assert tokens.behind(plain, NOON + HOUR) is None
    assert (
        page.get(reverse("admin:exceptions_app_apitoken_delete", args=[token.pk])).status_code
        == 403
    )


def test_hours_that_can_be_read_are_taken(page):
    answer = calendar(page, holiday_region="DE-BY")

    assert answer.status_code == 302
    assert CalendarVersion.objects.get().weekly == HOURS


def hours_of(version):
    """The part of a calendar's form that has them, as they are."""
    given = {"id": version.pk, "since": str(version.since), "weekly": json.dumps(version.weekly)}
    given |= {"holidays": "{}", "exceptions": "{}"}
    counted = {"versions-TOTAL_FORMS": 1, "versions-INITIAL_FORMS": 1}
    sent = {f"versions-0-{name}": value for name, value in given.items()}
    return counted | sent | {f"initial-{name}": value for name, value in sent.items()}


def test_hours_that_are_changed_have_looks_planned_anew_where_they_hold(page):
    calendar(page)
    site = SiteFactory(calendar=Calendar.objects.get())
    SiteFactory(slug="south")
    change = reverse("admin:exceptions_app_calendar_change", args=[site.calendar_id])

    given = {
        "name": "North",
        "time_zone": "Europe/Berlin",
        **hours_of(CalendarVersion.objects.get()),
    }
    page.post(change, given)
    assert not Replan.objects.exists()
    page.post(change, {**given, "time_zone": "Europe/Lisbon"})

    assert {row.site for row in Replan.objects.filter(done_at=None)} == {site}


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekly": '{"monday": [["09:00", "17:00"]]}'},
        {"weekly": '{"mon": [["17:00", "09:00"]]}'},
        {"weekly": '["mon"]'},
        {"weekly": '{"mon": [["09:00"]]}'},
        {"weekly": '{"mon": []}', "exceptions": '{"2026-12-31": [["08:00", "12:00"]]}'},
        {"weekly": '{"mon": []}'},
        {"holidays": '{"24 December": "Christmas Eve"}'},
        {"holiday_region": "XX-YY"},
    ],
)
def test_hours_that_no_clock_could_read_are_refused(page, wrong):
    answer = calendar(page, **wrong)

    assert answer.status_code == 200
    assert not Calendar.objects.exists()


@pytest.mark.parametrize("zone", ["Factory", "localtime", "Atlantis"])
def test_a_zone_that_is_nobody_s_is_refused(page, zone):
    answer = add(page, "site", name="North", slug="north", time_zone=zone)

    assert "is not a time zone" in answer.content.decode()


def test_a_day_that_is_none_is_named(page):
    answer = calendar(page, weekly='{"monday": [["09:00", "17:00"]]}')

    assert "“monday” is no day. Write mon, tue, wed, thu, fri, sat, sun." in answer.content.decode()


@pytest.mark.parametrize("weekly", ['{"mon": [["09:00"]]}', '{"mon": 7}', '{"mon": ["09:00"]}'])
def test_hours_of_another_shape_are_told_how_to_be_written(page, weekly):
    said = calendar(page, weekly=weekly).context["errors"]

    assert "Write weekdays as" in str(said)
    assert "argument" not in str(said)


def test_a_calendar_without_hours_is_refused(page):
    none = {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}

    answer = add(page, "calendar", name="North", time_zone="Europe/Berlin", **none)

    assert "Give the hours of at least one day." in answer.content.decode()
    assert not Calendar.objects.exists()


def test_the_last_hours_of_a_calendar_stay(page):
    calendar(page)
    kept = CalendarVersion.objects.get()
    change = reverse("admin:exceptions_app_calendar_change", args=[kept.calendar_id])
    named = {"name": "North", "time_zone": "Europe/Berlin"}

    answer = page.post(change, named | hours_of(kept) | {"versions-0-DELETE": "on"})

    assert "Give the hours of at least one day." in answer.content.decode()
    assert CalendarVersion.objects.exists()


def test_a_calendar_warns_of_years_without_holidays(page):
    calendar(page)
    one = Calendar.objects.get()

    text = page.get(reverse("admin:exceptions_app_calendar_change", args=[one.pk])).content.decode()

    assert "No holiday is known in 2026, 2027." in text


def test_a_playbook_that_could_not_be_read_is_refused(page):
    where = ConnectionFactory()
    given = {"name": "P", "moment": "case.opened", "connection": where.pk}

    wrong = [
        add(page, "playbook", **given, conditions=conditions)
        for conditions in (
            '{"field": "severity"}',
            '[{"field": "colour", "is": "red"}]',
            '[{"field": "tier"}]',
        )
    ]
    right = add(page, "playbook", **given, conditions='[{"field": "tier", "is": ["gold"]}]')

    assert all("Write a list such as" in errors(answer) for answer in wrong)
    assert right.status_code == 302
    assert Playbook.objects.get().conditions == [{"field": "tier", "is": ["gold"]}]


def test_the_secrets_of_a_connection_are_not_shown_and_stay_when_left_empty(page):
    connection = ConnectionFactory(name="Help desk", settings=SETTINGS, succeeded_at=NOON)
    ConnectionFactory(name="SUPPORT")
    change = reverse("admin:exceptions_app_connection_change", args=[connection.pk])

    text = page.get(change).content.decode()
    page.post(
        change,
        {
            "name": "Support",
            "sandbox": "on",
            "setting_subdomain": "other",
            "setting_email": "a@b.c",
        },
    )

    changed = Connection.objects.get(pk=connection.pk)
    assert "s3cret-token" not in text
    assert (changed.name, changed.settings["subdomain"]) == ("Support", "other")
    assert changed.settings["token"] == "s3cret-token"
    # Of another account nothing is known yet.
    assert changed.succeeded_at is None


def test_a_person_is_made_with_a_password_and_given_a_role(page):
    password = "Harbour-lantern-1"
    add(
        page, "user", username="ana", usable_password="true", password1=password, password2=password
    )

    ana = User.objects.get(username="ana")
    assert ana.check_password(password)


def test_who_leaves_holds_no_case_any_more(page, administrator):
    north = SiteFactory()
    sam = UserFactory(username="sam", role="staff", role__site=north)
    held, settled = open_case(site=north), open_case(site=north)
    for case in (held, settled):
        triage.assign(Seen(case.pk), by=SYSTEM, at=NOON, to=sam.pk)
    lifecycle.resolve(Seen(settled.pk), by=SYSTEM, at=NOON, cause="carrier")
    change = reverse("admin:exceptions_app_user_change", args=[sam.pk])
    form = page.get(change).context["adminform"].form
    given = {name: form.initial.get(name) or "" for name in form.fields if name != "is_active"}

    answer = page.post(change, given | memberships(), follow=True)

    held.refresh_from_db()
    settled.refresh_from_db()
    assert "Open cases of" in answer.content.decode(), answer.context["errors"]
    assert (held.assignee, settled.assignee) == (None, sam)
    assert held.entries.latest("pk").actor_name == administrator.shown_name()


def memberships():
    return {
        f"memberships-{name}": value
        for name, value in {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}.items()
    }


def test_nobody_takes_the_role_from_themselves(page, administrator):
    """The only administrator would be locked out."""
    mine, deputy = administrator.memberships.get(), UserFactory(role="administrator")
    theirs = deputy.memberships.get()
    own = page.get(reverse("admin:exceptions_app_user_change", args=[administrator.pk]))

    page.post(reverse("admin:exceptions_app_membership_delete", args=[mine.pk]), {"post": "yes"})
    page.post(reverse("admin:exceptions_app_membership_delete", args=[theirs.pk]), {"post": "yes"})

    assert [*Membership.objects.all()] == [mine]
    assert 'name="is_active"' not in own.content.decode()
    assert 'name="memberships-0-role"' not in own.content.decode()


def test_a_role_is_no_way_to_become_a_superuser(page, administrator):
    boss = UserFactory(username="boss", is_superuser=True)
    ours = reverse("admin:exceptions_app_user_change", args=[administrator.pk])
    theirs = reverse("admin:exceptions_app_user_change", args=[boss.pk])

    assert 'name="is_superuser"' not in page.get(ours).content.decode()
    assert page.post(theirs, {"username": "mine"}).status_code == 403
    assert page.get(reverse("admin:auth_user_password_change", args=[boss.pk])).status_code == 403
    assert 'name="is_superuser"' in entered(boss).get(ours).content.decode()


def test_a_role_issues_no_token_for_a_superuser(page):
    boss = UserFactory(is_superuser=True)
    asked = {"name": "Bridge", "user": boss.pk, "scopes": ["cases:write"]}

    refused = add(page, "apitoken", **asked)

    assert "user" in refused.context["adminform"].form.errors
    assert not ApiToken.objects.exists()
    assert add(entered(boss), "apitoken", **asked).context["plain"]
