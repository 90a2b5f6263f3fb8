"""The page of a backtest: what is offered, and what is said instead."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from dashboards.views.backtests import chosen_for, why_not
from exceptions_app.models import Backtest
from exceptions_app.vocabulary import BacktestState, Role
from tests.factories import NOON, UserFactory


def row(least, alerts=10, precision=0.8, cases=1.0):
    told = {"alerts": alerts, "precision": precision, "cases_a_day": cases, "most_a_day": 2}
    return {"least": least, "alerts_per_100": 5.0, "recall": 0.5, "mean_lead_days": 1.5} | told


def report(**more):
    of = {
        "alerts": 1,
        "alerts_per_100": 2.56,
        "precision": 0.0,
        "recall": 0.0,
        "mean_lead_days": -0.12,
        "cases_per_day": {"mean": 1.0, "most": 1},
        "by_rule": {},
    }
    return {
        "subjects": 200,
        "missed": 20,
        "undecided": 0,
        "until": "2026-03-10",
        "output_hash": "f" * 64,
        "rules": of,
        "policy": of,
        "plain": {"calibration": []},
        "precision_at_recall_80": {},
        "choices": [row(70, cases=2.0), row(75), row(80, cases=0.5)],
        **of,
        **more,
    }


@pytest.mark.parametrize(
    ("typed", "least", "said"),
    [
        ("", None, ""),
        ("abc", None, "Write how many cases a day, as a number such as 2 or 0.5."),
        ("0.1", None, "Every threshold brings more than that."),
        ("1,5", 75, ""),
    ],
)
def test_a_threshold_is_chosen_or_it_is_said_why_not(typed, least, said):
    chosen, told = chosen_for(report()["choices"], typed)

    assert (chosen and chosen["least"], told) == (least, said)


def test_a_threshold_that_found_nothing_is_none_to_choose():
    assert chosen_for([row(30, alerts=0, precision=None)], "2")[1].startswith("No threshold found")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, ""),
        ({"subjects": 39}, "39 subjects are too few"),
        ({"choices": [row(75, alerts=0)]}, "found nothing here"),
        ({"choices": [row(75, precision=0.1)]}, "no more often than a guess"),
    ],
)
def test_it_is_only_offered_where_it_makes_sense(told, why):
    assert why in why_not(report(**told), 75)
    assert bool(why) == bool(why_not(report(**told), 75))


@pytest.fixture
def page(client, north):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))

    def shown(**more):
        found = Backtest.objects.create(
            site=north, kind="deal", asked_at=NOON, done_at=NOON,
            state=BacktestState.DONE, report=report(**more),
        )  # fmt: skip
        answer = client.get(reverse("backtest", args=[found.pk]))
        return re.sub(r"\s+", " ", unescape(answer.content.decode()))

    return shown


@pytest.mark.django_db
def test_switching_on_brings_the_shipped_threshold_along(page, client):
    told = page()

    address = re.search(r'href="([^"]+predicted_late[^"]+)"', told)[1]
    assert "Switch on the learned risk from 75 %" in told
    assert parse_qs(urlsplit(address).query)["set_least"] == ["75"]
    assert client.get(address).status_code == 200
    wrong = client.get(address.replace("set_least=75", "set_least=101"))
    assert "write a whole number from 0 to 100" in wrong.content.decode()


@pytest.mark.django_db
def test_few_subjects_are_warned_of(page):
    told = page(subjects=39)

    assert "Only 39 subjects" in told
    assert "Switch on" not in told
    assert "on average 3 h after it" in told


@pytest.mark.django_db
@pytest.mark.parametrize(("more", "changed"), [({}, False), ({"set_grace": "3 hours"}, True)])
def test_only_a_change_is_called_one(client, north, more, changed):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))

    answer = client.get(reverse("backtests"), {"rule": "order.late", "kind": "order", **more})

    assert ("With the change to" in answer.content.decode()) is changed
