"""Statements sent together: what fails is told as Django's own error, and nothing of it stays."""

import pytest
from django.db import IntegrityError, connection, transaction

from exceptions_app.asking import asked, ids, together
from tests.factories import SiteFactory

pytestmark = pytest.mark.django_db

ADD = "INSERT INTO exceptions_app_team (site_id, slug, name) VALUES (%s, %s, %s)"
SLUGS = "SELECT slug FROM exceptions_app_team WHERE site_id = ANY(%s) ORDER BY slug"


def test_what_is_sent_together_is_there_in_its_order():
    site = SiteFactory()

    with together():
        asked(ADD, [site.pk, "b", "B"], answers=False)
        asked("UPDATE exceptions_app_team SET slug = 'c' WHERE slug = 'b'", answers=False)
        asked(ADD, [site.pk, "a", "A"], answers=False)

    assert asked(SLUGS, [ids([site.pk])]) == [("a",), ("c",)]


def test_a_failure_among_them_is_told_at_the_end_and_takes_back_the_rest():
    site = SiteFactory()

    @transaction.atomic
    def twice():
        with together():
            asked(ADD, [site.pk, "a", "A"], answers=False)
            asked(ADD, [site.pk, "a", "again"], answers=False)
            asked(ADD, [site.pk, "b", "B"], answers=False)

    with pytest.raises(IntegrityError, match="one_team_per_slug"):
        twice()

    assert asked(SLUGS, [ids([site.pk])]) == []
    assert connection.connection.info.pipeline_status == 0


def test_a_question_in_between_is_answered():
    site = SiteFactory()

    with together():
        asked(ADD, [site.pk, "a", "A"], answers=False)
        found = asked(SLUGS, [ids([site.pk])])

    assert found == [("a",)]
