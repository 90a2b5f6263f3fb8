"""Who may send signals about what: sources, sites and teams."""

import pytest

from exceptions_app.intake.accept import accept
from exceptions_app.models import Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role
from tests.factories import NOON, SiteFactory, SourceFactory, TeamFactory, somebody
from tests.intake.stories import booked

pytestmark = pytest.mark.django_db


@pytest.fixture
def north(db):
    return SiteFactory(slug="north")


@pytest.fixture
def sales_program(north):
    """Somebody who sends for one team of a site that has two."""
    SourceFactory(site=north)
    TeamFactory(site=north, slug="finance")
    return somebody(Role.INTEGRATOR, site=north, team=TeamFactory(site=north, slug="sales"))


def about_team(team=None, **changes):
    named = {"team": team} if team else {}
    return booked(subject={"reference": "P-1", **named}, **changes)


def errors(receipt):
    return [item.get("errors") for item in receipt.items]


def test_a_team_that_the_sender_does_not_send_for_is_refused(sales_program):
    receipt = accept([about_team("finance"), about_team("sales")], by=sales_program, at=NOON)

    assert errors(receipt) == [
        {"subject.team": "“finance” is no team of yours at this site."},
        None,
    ]
    assert Subject.objects.get().team.slug == "sales"


def test_the_subject_of_another_team_is_not_pulled_into_the_senders_own(sales_program):
    accept([about_team("finance")], by=SYSTEM, at=NOON)

    receipt = accept([about_team("sales"), about_team()], by=sales_program, at=NOON)

    why = {"subject.reference": "This subject belongs to a team that you do not send for."}
    assert errors(receipt) == [why, why]
    assert (receipt.stored, receipt.refused) == (0, 2)
    assert Subject.objects.get().team.slug == "finance"


def test_the_subject_of_a_whole_site_takes_signals_of_each_team(sales_program):
    accept([about_team()], by=SYSTEM, at=NOON)

    receipt = accept([about_team("sales")], by=sales_program, at=NOON)

    assert receipt.stored == 1


def test_names_in_the_source_of_another_site_cannot_be_taken(north):
    south = SiteFactory(slug="south")
    SourceFactory(slug="dms", site=north)
    sent = booked(source="dms", subject={"reference": "junk", "site": "south"})

    refused = accept([sent], by=somebody(Role.INTEGRATOR, site=south), at=NOON)
    taken = accept(
        [sent | {"subject": {"reference": "D-1"}}],
        by=somebody(Role.INTEGRATOR, site=north),
        at=NOON,
    )

    assert errors(refused) == [{"source": "“dms” is the source of a site that is not yours."}]
    assert taken.stored == 1


def test_a_source_without_a_site_takes_signals_of_every_site(north):
    SourceFactory(slug="carrier", site=None)
    sent = booked(source="carrier", subject={"reference": "O-1", "site": "north"})

    receipt = accept([sent], by=somebody(Role.INTEGRATOR, site=north), at=NOON)

    assert receipt.stored == 1


def test_a_wrong_place_is_named_with_everything_else_that_is_wrong(north):
    SourceFactory(slug="dms", site=north)
    nowhere = {"reference": "J-1", "site": "nowhere", "team": "sales"}
    sent = [
        booked(source="dms", occurred_at="noon", subject=nowhere),
        booked(source="wms", subject=nowhere),
        booked(source=7, occurred_at="noon"),
        "nonsense",
    ]

    found = errors(accept(sent, by=somebody(Role.INTEGRATOR, site=north), at=NOON))

    assert list(map(list, found)) == [
        ["occurred_at", "subject.site"],
        ["source", "subject.site"],
        ["occurred_at", "source"],
        [""],
    ]
    assert found[0]["subject.site"] == "“nowhere” is no site of yours. Name one of north."


def test_wrong_sites_of_many_signals_are_answered_in_as_many_statements(
    north, django_assert_max_num_queries
):
    SourceFactory(slug="dms", site=north)

    with django_assert_max_num_queries(14):
        accept(
            [
                booked(source="dms", occurred_at="x", subject={"reference": "J", "site": f"s-{n}"})
                for n in range(100)
            ],
            by=SYSTEM,
            at=NOON,
        )
