"""Statements that are sent as they are: alone, together, and after the database was started anew."""

from types import MappingProxyType
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from exceptions_app.asking import asked, ids, together
from exceptions_app.writing import dumped
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [lambda: asked("SELECT 1"), lambda: together().__enter__()])
def test_a_connection_that_broke_since_the_last_request_is_opened_anew(first):
    connection.close()
    asked("SELECT 1")
    connection.connection.close()  # as the server's end is, to whoever looks
    ours: Any = connection
    ours.health_check_enabled, ours.health_check_done = True, False

    first()

    assert connection.is_usable()
    connection.close()


def test_what_is_no_value_of_ours_is_refused_and_not_kept_as_its_name():
    with pytest.raises(TypeError, match="mappingproxy"):
        dumped([{"data": MappingProxyType({})}])
