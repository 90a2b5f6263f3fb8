"""The page of a backtest: what is offered, and what is said instead."""

import re
from datetime import UTC
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from dashboards import backtest_forms
from dashboards.backtest_offers import why_not
from dashboards.templatetags.figures import DASH, ahead, lead
from dashboards.views.backtests import chosen_for
from exceptions_app.backtest.adopting import gone_by
from exceptions_app.detection.risk import trained
from exceptions_app.detection.risk.model import Model
from exceptions_app.models import Backtest, PolicyVersion, RiskAdoption, RiskModel
from exceptions_app.vocabulary import BacktestState, Role, SubjectKind
from tests.factories import HOUR, NOON, UserFactory

NOTHING = Model(SubjectKind.DEAL, UTC)


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
        "as_chosen": row(None, precision=0.91, cases=1.4) | {"in_the_end": "a chance of 60%"},
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
        ("1,5", 80, ""),
    ],
)
def test_a_threshold_is_chosen_or_it_is_said_why_not(typed, least, said):
    chosen, told = chosen_for(report()["choices"], typed)

    assert (next((one["least"] for one in chosen), None), told) == (least, said)


def test_a_threshold_that_found_nothing_is_none_to_choose():
    assert chosen_for([row(30, alerts=0, precision=None)], "2")[1].startswith("No threshold found")


@pytest.mark.parametrize(
    ("told", "figures", "why"),
    [
        ({}, row(75), ""),
        ({"subjects": 39}, row(75), "39 subjects are too few"),
        ({}, row(75, alerts=0), "found nothing here"),
        ({}, row(75, precision=0.1), "no more often than a guess"),
        ({}, None, "not tried like this"),
    ],
)
def test_it_is_only_offered_where_it_makes_sense(told, figures, why):
    said = why_not(report(**told), figures)

    assert why in said
    assert bool(why) == bool(said)


@pytest.fixture
def page(client, north):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    learned = RiskModel.objects.create(
        site=north, kind="deal", made_at=NOON, promises=200, learned=NOTHING.as_json()
    )

    def shown(*, model="plain", learned=learned, **more):
        found = Backtest.objects.create(
            site=north, kind="deal", asked_at=NOON, done_at=NOON, model=model, learned=learned,
            state=BacktestState.DONE, report=report(**more),
        )  # fmt: skip
        answer = client.get(reverse("backtest", args=[found.pk]))
        return re.sub(r"\s+", " ", unescape(answer.content.decode()))

    return shown


@pytest.mark.django_db
def test_both_ways_are_offered_each_with_its_figures_and_what_was_learned(page, client):
    told = page()

    chosen, fixed = re.findall(r'href="([^"]+predicted_late[^"]+backtest=[^"]+)"', told)
    assert "Switch it on as the desk chooses" in told
    assert "Switch it on from a fixed 75 %" in told
    assert "On this history: 1.40 cases a day, 91 % were right" in told
    assert "On this history: 1.00 cases a day, 80 % were right" in told
    asked = [parse_qs(urlsplit(one).query, keep_blank_values=True) for one in (chosen, fixed)]
    assert [one["set_least"] for one in asked] == [[""], ["75"]]
    assert asked[0]["backtest"] == [str(Backtest.objects.get().pk)]
    assert "with what was learned today 1" in client.get(chosen).content.decode()
    wrong = client.get(fixed.replace("set_least=75", "set_least=101"))
    assert "write a whole number from 0 to 100" in wrong.content.decode()


@pytest.mark.django_db
def test_what_would_follow_is_said_only_where_something_is_offered(page):
    follows = "become cases, by what this backtest learned"

    assert (follows in page(), follows in page(subjects=39)) == (True, False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "site", "why"),
    [
        ("deal.predicted_late", "", "holds only there"),
        ("order.predicted_late", "north", "of another kind"),
    ],
)
def test_what_a_rule_does_not_look_with_is_refused_beside_the_form(page, client, slug, site, why):
    page()
    asked = {"try": "1", "on": "on", "set_least": "", "backtest": Backtest.objects.get().pk}

    tried = client.get(reverse("rule", args=[slug]), asked | {"site": site})

    assert tried.status_code == 422
    assert why in tried.content.decode()


@pytest.mark.django_db
def test_the_press_lets_what_that_backtest_learned_hold(page, client, north):
    address = re.search(r'href="([^"]+predicted_late[^"]+backtest=[^"]+)"', page())[1]
    RiskModel.objects.create(
        site=north, kind="deal", made_at=NOON + HOUR, promises=1, learned=NOTHING.as_json()
    )
    asked = parse_qs(urlsplit(address).query, keep_blank_values=True)

    client.post(urlsplit(address).path, {**asked, "why": "Tried on a year", "seen": "0"})

    adoption = RiskAdoption.objects.get()
    assert adoption.model == Backtest.objects.get().learned
    assert adoption.version == PolicyVersion.objects.get()
    assert adoption.version.why == "Tried on a year"
    there = client.get("/rules/deal.predicted_late/", {"site": "north"}).content.decode()
    assert f"by {adoption.actor_name}" in there
    assert "from 200 promises" in there


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"on": "on"}, "The desk chooses: a chance of"),
        ({"on": "on", "set_least": "85"}, "A fixed chance of 85 %."),
        ({"on": "off"}, "The rule is off here: nothing alerts by it now."),
    ],
)
def test_the_rules_page_says_from_what_on_it_alerts_now(page, client, north, held, said):
    address = re.search(r'href="([^"]+predicted_late[^"]+backtest=[^"]+)"', page())[1]
    asked = parse_qs(urlsplit(address).query, keep_blank_values=True)
    client.post(urlsplit(address).path, {**asked, "why": "Tried on a year", "seen": "0"})

    client.post(urlsplit(address).path, {**held, "site": "north", "why": "Otherwise"})

    there = client.get("/rules/deal.predicted_late/", {"site": "north"}).content.decode()
    assert said in there
    assert there.count("The desk chooses: ") == ("The desk" in said)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({"model": "trained"}, "only the plain one can be switched on"),
        ({"learned": None}, "What it learned is not kept any more"),
    ],
)
def test_what_cannot_be_adopted_has_no_button_and_says_so(page, of, said):
    told = page(**of)

    assert said in told
    assert "Switch it on" not in told


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["appointment", "payment"])
def test_who_is_to_be_reminded_goes_by_it_once_somebody_says_so(client, north, kind):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    learned = RiskModel.objects.create(
        site=north, kind=kind, made_at=NOON, promises=200, learned={}
    )
    found = Backtest.objects.create(
        site=north, kind=kind, asked_at=NOON, done_at=NOON, learned=learned,
        state=BacktestState.DONE, report=report(),
    )  # fmt: skip

    told = client.get(reverse("backtest", args=[found.pk]))
    client.post(reverse("backtest-remind", args=[found.pk]))

    there = client.get(reverse("backtest", args=[found.pk])).content.decode()
    client.post(reverse("backtest-remind", args=[found.pk]), {"stop": "1"})
    after = client.get(reverse("backtest", args=[found.pk])).content.decode()

    reminded = kind == "appointment"
    assert ("switched on" in there) is ("Stop listing whom to remind" in there) is reminded
    assert "Stop listing" not in after
    assert ("List whom to remind" in after) is reminded
    assert RiskAdoption.objects.filter(model=None).count() == reminded
    assert list(gone_by([north])) == []
    assert told.status_code == 200
    assert ("List whom to remind" in told.content.decode()) is reminded
    assert RiskAdoption.objects.filter(model=learned).exists() is reminded


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("undecided", "said"),
    [
        (0, "No vehicle deals of {} yet, so"),
        (3, "The vehicle deals of {} were called off or are not"),
    ],
)
def test_a_history_of_nothing_is_said_in_one_sentence(page, north, undecided, said):
    told = page(subjects=0, missed=0, undecided=undecided, precision=None, alerts_per_100=None)

    assert said.format(north.name) in told
    assert "None" not in told
    assert "<table" not in told


@pytest.mark.parametrize(
    ("days", "words"), [(0.01, "under 1 h"), (-0.01, "under 1 h after it"), (None, DASH)]
)
def test_how_early_says_whether_it_was_early(days, words):
    assert ahead(days) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(3.1, "3.1 days before the promise"), (-0.01, "under 1 h after the promise")],
)
def test_in_a_sentence_it_says_before_or_after_what(days, words):
    assert lead(days) == words


@pytest.mark.django_db
def test_few_subjects_are_warned_of(page):
    told = page(subjects=39)

    assert "Only 39 subjects" in told
    assert "Switch it on" not in told
    assert "on average 3 h after the promise" in told


@pytest.mark.django_db
@pytest.mark.parametrize(("there", "status"), [(True, 302), (False, 422)])
def test_the_trained_risk_is_to_be_had_where_its_library_is(
    client, north, monkeypatch, there, status
):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    for place in (trained, backtest_forms):
        monkeypatch.setattr(place, "is_there", lambda: there)
    asked = {"site": north.slug, "kind": "order", "model": "trained"}

    offered = client.get(reverse("backtests")).content.decode()
    answer = client.post(reverse("backtests"), asked)

    assert bool(re.search(r'value="trained"\s+disabled', offered)) is not there
    assert answer.status_code == status
    assert (trained.NEEDED in answer.content.decode()) is not there
    assert Backtest.objects.exists() is there


@pytest.mark.django_db
def test_the_list_says_from_when_on_and_with_which_risk(client, north):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    Backtest.objects.create(
        site=north, kind="delivery", asked_at=NOON, model="trained", start=NOON.date()
    )

    told = " ".join(client.get(reverse("backtests")).content.decode().split())

    assert "Vehicle deliveries, " in told
    assert "Trained risk · promises due from 10 Mar 2026" in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "changed"), [({}, False), ({"on": "on", "set_silence": "3 hours"}, True)]
)
def test_only_a_change_is_called_one(client, north, more, changed):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))

    answer = client.get(reverse("backtests"), {"rule": "order.scan_gap", "kind": "order", **more})

    told = unescape(answer.content.decode())
    assert ("With the change to" in told) is changed
    assert ("(order.scan_gap: silence 2 days → 3 hours), beside" in told) is changed
