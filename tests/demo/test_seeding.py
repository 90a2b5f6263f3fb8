"""The demo's desk: filled once, and every piece of it fit to be used."""

import json
import stat
from collections import Counter
from datetime import date

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from connectors.hooks import Hook, InAddress
from connectors.registry import BY_SLUG
from connectors.sources.registry import BY_SLUG as SOURCES
from exceptions_app import models
from exceptions_app.demo import accounts, people, places, pushes, seeding
from exceptions_app.demo.stories.catalogue import PLOTS
from exceptions_app.people import access, tokens
from exceptions_app.people.access import person
from exceptions_app.playbooks.running import FIELDS
from exceptions_app.sla.calendars import hours_of
from exceptions_app.sla.clocks import Match, matching
from exceptions_app.sla.hours import missing_years
from exceptions_app.vocabulary import ExceptionType, Severity, TargetKind
from tests.factories import NOON

FILES = ("sign-ins.json", "stories-token", "stories-colleagues.json")


@pytest.fixture
def home(settings, tmp_path):
    settings.FLAGSTAND_HOME = tmp_path
    return tmp_path


def rows():
    return Counter({name: getattr(models, name).objects.count() for name in models.__all__})


def test_seeding_twice_changes_nothing(db):
    first, before = seeding.seed(NOON), rows()

    again = seeding.seed(NOON)

    assert again == first
    assert rows() == before


def test_what_somebody_changed_stays_as_it_is(db):
    seeding.seed(NOON)
    models.User.objects.filter(username="ana").update(first_name="Ann")
    models.Site.objects.filter(slug="harbour-north").update(name="North")

    seeding.seed(NOON)

    assert models.User.objects.get(username="ana").first_name == "Ann"
    assert models.Site.objects.get(slug="harbour-north").name == "North"


def test_every_printed_sign_in_works(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    for one in seeding.seed(NOON):
        assert authenticate(username=one.username, password=one.password), one


def test_every_role_is_there_and_five_people_are_printed(db):
    printed = seeding.seed(NOON)

    assert {one.role for one in people.PEOPLE} == set(
        models.Membership.objects.values_list("role", flat=True)
    )
    assert len(printed) == 5
    assert [one.role for one in printed][:3] == [
        "administrator at every site",
        "manager at every site",
        "lead at Harbour North",
    ]


def test_the_bridge_has_no_password(db):
    seeding.seed(NOON)

    assert not models.User.objects.get(username=people.BRIDGE).has_usable_password()


def test_the_settings_of_every_connection_are_what_its_platform_wants(db):
    seeding.seed(NOON)

    for connection in models.Connection.objects.all():
        assert BY_SLUG[connection.platform].config.read(connection.settings)
        assert connection.sandbox
    assert set(models.Connection.objects.values_list("platform", flat=True)) == set(BY_SLUG)


def test_every_playbook_asks_what_a_case_can_answer(db):
    seeding.seed(NOON)

    asked = {one["field"] for book in models.Playbook.objects.all() for one in book.conditions}
    assert asked <= set(FIELDS)
    assert models.Playbook.objects.count() == len(pushes.PLAYBOOKS)


def test_every_kind_of_case_has_all_its_targets(db):
    seeding.seed(NOON)
    targets = list(models.Target.objects.all())

    for site in models.Site.objects.all():
        for severity in Severity:
            for exception_type in ExceptionType:
                for tier in ("", "gold"):
                    found = matching(targets, Match(exception_type, severity, tier, site.pk))
                    assert set(found) == set(TargetKind)


def test_no_calendar_lacks_a_year_of_holidays(db):
    seeding.seed(NOON)

    for calendar in models.Calendar.objects.all():
        hours = hours_of([calendar.pk])[calendar.pk]
        assert missing_years(hours, date(2025, 1, 1), date(2027, 12, 31)) == []


@pytest.mark.parametrize("place", places.PLACES, ids=lambda place: place.slug)
def test_somebody_whose_part_is_played_works_for_every_team(db, place):
    seeding.seed(NOON)
    played = [person(user) for user in models.User.objects.filter(username__in=people.PLAYED)]

    for team in models.Team.objects.filter(site__slug=place.slug):
        assert any(
            access.may(one, "claim", site_id=team.site_id, team_id=team.pk) for one in played
        ), team


def test_the_command_leaves_private_files_and_tokens_that_work(db, home):
    call_command("seed_demo", verbosity=0)

    kept = json.loads((home / "stories-colleagues.json").read_text())
    token = tokens.behind((home / "stories-token").read_text(), NOON)
    assert {stat.S_IMODE((home / name).stat().st_mode) for name in FILES} == {0o600}
    assert json.loads((home / "sign-ins.json").read_text())[0]["username"] == "ingrid"
    assert token is not None
    assert token.user.username == people.BRIDGE
    assert {*kept} == {people.BRIDGE, *people.PLAYED}


def test_tokens_that_work_are_kept_and_those_that_do_not_are_replaced(db, home):
    call_command("seed_demo", verbosity=0)
    first = json.loads((home / "stories-colleagues.json").read_text())
    models.ApiToken.objects.get(user__username="grace").delete()

    call_command("seed_demo", verbosity=0)

    second = json.loads((home / "stories-colleagues.json").read_text())
    assert {name for name in first if first[name] != second[name]} == {"grace"}
    assert models.ApiToken.objects.count() == len(first)


def test_a_home_used_with_another_database_is_given_tokens_that_work_here(db, home):
    call_command("seed_demo", verbosity=0)
    (home / "stories-token").write_text("of-another-database")
    models.ApiToken.objects.all().delete()
    models.Playbook.objects.all().delete()

    call_command("seed_demo", keys=True, verbosity=0)

    assert tokens.behind((home / "stories-token").read_text(), NOON).user.username == people.BRIDGE
    assert not models.Playbook.objects.exists(), "what somebody threw away stays away"


def test_a_desk_that_serves_others_is_not_filled(db, home, settings):
    settings.LOCAL = False

    with pytest.raises(CommandError, match="demo people with printed passwords have no place"):
        call_command("seed_demo")

    assert not models.User.objects.exists()


def test_every_plot_has_its_source_and_site(db):
    seeding.seed(NOON)

    plain = models.Source.objects.filter(format="").values_list("slug", flat=True)
    assert {slug for slug, _, _ in places.SOURCES} == set(plain)
    assert len(PLOTS) == len({(plot.kind, plot.twist) for plot in PLOTS})


def test_no_two_accounts_share_a_sign_in_and_each_can_be_called_back(db):
    seeding.seed(NOON)
    seen = set()

    for connection in models.Connection.objects.all():
        connector = BY_SLUG[connection.platform]
        config = connector.config.read(connection.settings)
        sign_in = (connection.platform, *config.secrets())
        assert sign_in not in seen
        seen.add(sign_in)
        if connector.inbound:
            assert believed(connector.inbound, config), connection


def believed(inbound, config):
    """A call as the sandbox makes it."""
    proof, url = inbound.proof, "https://desk.example/hooks/1/x"
    url = proof.address(url, config) if isinstance(proof, InAddress) else url
    stamp = {proof.timestamp.lower(): inbound.stamp(NOON)} if proof.timestamp else {}
    signed = proof.sign(Hook(url, b"{}", NOON, "POST", stamp), config)
    headers = stamp | {name.lower(): value for name, value in signed.items()}
    return proof.problem(Hook(url, b"{}", NOON, "POST", headers), config) == ""


def test_only_a_few_accounts_are_pushed_to(db):
    seeding.seed(NOON)

    used = set(models.Playbook.objects.values_list("connection__name", flat=True))
    assert used == {push.name for push in accounts.BUSY}


@pytest.mark.parametrize("caller", places.CALLERS, ids=lambda one: one.slug)
def test_every_caller_is_set_up_as_its_format_wants(caller):
    config = SOURCES[caller.format].config.read(caller.settings)

    assert config.secrets()
