"""A site where orders are promised, and customers who are not content."""

import pytest

from exceptions_app.complaints import lessons
from exceptions_app.complaints.receiving import FORM, FORM_SOURCE, Told, receive
from exceptions_app.vocabulary import Role
from tests.factories import HOUR, NOON, SiteFactory, SubjectFactory, TeamFactory, UserFactory

LATE = "Mein Paket ist seit einer Woche überfällig, die Lieferung sollte am Freitag kommen."


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Rows come and go between tests; what a process read of one is forgotten."""
    lessons.from_lesson.cache_clear()


@pytest.fixture
def north(db):
    site = SiteFactory(slug="north")
    TeamFactory(site=site, slug="support")
    return site


@pytest.fixture
def ana(north):
    return UserFactory(username="ana", role=Role.LEAD, role__site=north)


@pytest.fixture
def order(north):
    """Promised for an hour ago, and not there."""
    return SubjectFactory(
        site=north,
        reference="O-1042",
        customer={
            "name": "Jürgen Weiß",
            "email": "Juergen@example.com",
            "phone": "+49 151 234 56 78",
        },
        attributes={"tracking_number": "JD0146003"},
        promised_at=NOON - HOUR,
    )


@pytest.fixture
def complain(north):
    """Somebody sends the form."""

    def sent(text=LATE, *, at=NOON, **given):
        told = Told(**{"site": north, "text": text, "channel": "form", **given})
        return receive(told, by=FORM, at=at, source=FORM_SOURCE)[0]

    return sent
