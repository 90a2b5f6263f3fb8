"""What a report shows is what switching on gives, and nothing else changes what holds (T19, D1)."""

from dataclasses import replace
from importlib import import_module

import pytest
from django.db import connection

from exceptions_app.backtest import asking, forgetting, refitting
from exceptions_app.backtest.adopting import gone_by, learned_by
from exceptions_app.backtest.choosing import passing
from exceptions_app.backtest.history import from_stored
from exceptions_app.backtest.running import run as replay
from exceptions_app.detection import changing, foreseeing
from exceptions_app.detection import policy as policies
from exceptions_app.detection.editing import adopting, rule_edit, threshold_edit
from exceptions_app.detection.policy import SHIPPED, current
from exceptions_app.detection.replanning import replan
from exceptions_app.detection.rules.predicted import VERY
from exceptions_app.detection.watch import look_again
from exceptions_app.errors import Refused
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, PolicyVersion, RiskAdoption, RiskModel
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Severity, SubjectKind
from tests.backtest.telling import DAY, lived, order, run, shop, switched_on
from tests.conftest import lasting
from tests.factories import HOUR, NOON, SiteFactory

pytestmark = pytest.mark.django_db
#: Days of it, and how far apart the orders come.
LIVED, HALF = 16, 12 * HOUR
RULE = "order.predicted_late"


@pytest.fixture(scope="module")
def first(django_db_setup, django_db_blocker):
    """A backtest of such a history, done."""
    with lasting(django_db_blocker):
        yield run(lived(shop()))


@pytest.fixture
def history(first):
    return first.site


def live_on(site):
    """Weeks of orders as they come, the clock beside them; each Monday what was learned is learned anew."""
    said = [
        one
        for number in range(LIVED * 2)
        for one in order(9000 + number, NOON + number * HALF, slow=number % 8 == 3)
    ]
    for at in (NOON + halves * HALF for halves in range(LIVED * 2)):
        accept([item for moment, item in said if moment == at], by=SYSTEM, at=at)
        if at.weekday() == 0 and at.hour < 12:
            learn_anew(at)
        look_again(at + HOUR)


def learn_anew(at):
    refitting.refit(at=at)
    asking.work(now=lambda: at)
    while replan(at):
        pass


@pytest.mark.parametrize("least", [None, 60])
def test_live_it_raises_what_the_report_counts_for_that_choice(first, history, least):
    switched_on(history, first, least=least)

    live_on(history)

    report = replay(from_stored(history, SubjectKind.ORDER), SHIPPED)
    alerts = [one for one in report.alerts if one.rule == "order.predicted_late"]
    foretold = alerts if least is None else passing(least, report.scores)
    firsts = {one.reference: one.at.isoformat() for one in reversed(foretold) if one.at > NOON}
    cases = Case.objects.filter(imported=False)
    assert {case.reference: case.evidence["since"] for case in cases} == firsts
    rose = [one for one in cases if one.severity == Severity.HIGH and one.evidence["chance"] < VERY]
    assert bool(rose) == (least == 60), "opened for what was not grave yet"
    assert 2 <= len(firsts) <= LIVED // 2
    assert len(RiskAdoption.objects.values("model").distinct()) == 3


def holds(site):
    """What the rule of learned risk looks with."""
    rules = current().rules_of(SubjectKind.ORDER, site.pk)
    return next(rule for rule in rules if rule.slug == "order.predicted_late")


@pytest.mark.parametrize(
    "more",
    [{}, {"start": NOON.date() - 30 * DAY}, {"edit": threshold_edit({}, 20)}],
    ids=["another", "a later start", "a what-if"],
)
def test_no_backtest_changes_what_holds_by_itself(first, history, more):
    switched_on(history, first)

    other = run(history, **more)

    assert other.learned != first.learned
    assert RiskAdoption.objects.get().model == first.learned
    assert holds(history).adoption.learned_at == first.learned.made_at


def test_what_is_switched_on_is_what_that_backtest_learned_not_a_newer_one(first, history):
    newer = run(history)

    switched_on(history, first)

    assert RiskAdoption.objects.get().model == first.learned
    assert RiskAdoption.objects.get().version == PolicyVersion.objects.get()
    assert "with what was learned" in PolicyVersion.objects.get().said
    switched_on(history, newer)
    assert RiskAdoption.objects.latest("pk").model == newer.learned, "nothing else has to differ"


def test_another_chance_leaves_the_adoption_as_it_was(first, history):
    switched_on(history, first)

    switched_on(history, first, least=85)

    assert RiskAdoption.objects.count() == 1
    assert PolicyVersion.objects.count() == 2


def test_the_nightly_refit_holds_by_the_desks_own_word_where_the_rule_is_on(history):
    switched_on(history)

    learn_anew(NOON)

    assert holds(history).adoption.by == "Flagstand"
    assert RiskAdoption.objects.get().version is None
    off = rule_edit(changing.document_now(), "order.predicted_late", on=False, parameters={})
    refitting.refit(at=NOON)
    changing.change(replace(off, site_id=history.pk), why="Noisy", by=SYSTEM, at=NOON)
    asking.work(now=lambda: NOON)
    assert RiskAdoption.objects.count() == 1, "switched off meanwhile"


def test_what_a_rule_that_is_on_looks_with_is_not_stopped_beside_it(history):
    with pytest.raises(Refused, match="Nothing that was learned"):
        changing.let_go(SubjectKind.ORDER, history.pk, by=SYSTEM, at=NOON)
    switched_on(history)

    with pytest.raises(Refused, match="orders is on and looks with the same"):
        changing.let_go(SubjectKind.ORDER, history.pk, by=SYSTEM, at=NOON)


def test_what_is_let_go_cannot_be_switched_on_and_what_holds_is_kept(first, history, monkeypatch):
    monkeypatch.setattr(forgetting, "KEPT_MODELS", 1)
    gone, _ = run(history), run(history)
    switched_on(history, first)

    of_gone = gone.learned.pk
    forgetting.forget(NOON)

    gone.refresh_from_db()
    assert holds(history).adoption.learned_at == first.learned.made_at
    with pytest.raises(Refused, match="Run it again"):
        learned_by(gone)
    edit = adopting(rule_edit({}, RULE, on=True, parameters={}), of_gone, NOON)
    with pytest.raises(Refused, match="not kept any more"):
        changing.change(edit, why="Late", by=SYSTEM, at=NOON)


def test_what_somebody_switches_on_while_models_are_let_go_is_kept(first, history, monkeypatch):
    monkeypatch.setattr(forgetting, "KEPT_MODELS", 1)
    run(history)
    switched_on(history)
    real = policies.alone

    def waiting_for_its_turn():
        monkeypatch.setattr(policies, "alone", real)
        switched_on(history, first)

    monkeypatch.setattr(policies, "alone", waiting_for_its_turn)
    forgetting.forget(NOON)

    assert holds(history).adoption.learned_at == first.learned.made_at
    assert RiskAdoption.objects.get().model == first.learned


def test_what_is_let_go_while_somebody_adopts_it_is_not_adopted(first, monkeypatch):
    gone = first.learned
    rows = RiskModel.objects.filter(pk=gone.pk)
    monkeypatch.setattr(policies, "alone", lambda: rows.delete())

    with pytest.raises(Refused, match="not kept any more"):
        changing.adopt(gone, by=SYSTEM, at=NOON)

    assert not RiskAdoption.objects.exists()


@pytest.mark.parametrize("later", [True, False], ids=["while it waited", "before it was asked"])
def test_a_refit_does_not_replace_what_a_person_switched_on_since_it_was_asked_for(
    first, history, later
):
    switched_on(history, run(history))
    refitting.refit(at=NOON + HOUR)
    switched_on(history, first, at=NOON + 2 * HOUR if later else NOON)

    asking.work(now=lambda: NOON + 3 * HOUR)

    assert (RiskAdoption.objects.latest("pk").model == first.learned) == later


def test_a_version_that_is_taken_back_has_its_model_hold_again(first, history):
    other = run(history)
    switched_on(history, first, least=60)
    good = PolicyVersion.objects.latest("pk")
    switched_on(history, other, least=60)

    back = changing.restoring(good.pk, good.about, history.pk, by=SYSTEM)
    version = changing.change(back, why="The other was wrong", by=SYSTEM, at=NOON)

    assert RiskAdoption.objects.latest("pk").model == first.learned
    assert "again; with what was learned" in version.said
    with pytest.raises(Refused, match="so already"):
        changing.restoring(good.pk, good.about, history.pk, by=SYSTEM)
    switched_on(history, least=70)
    RiskModel.objects.filter(pk=first.learned.pk).delete()
    back = changing.restoring(good.pk, good.about, history.pk, by=SYSTEM)
    assert (back.adopts, back.said.partition("; ")[2]) == (
        None,
        "what was learned then is not kept any more",
    )


def test_adopting_reads_no_model_and_what_was_read_is_not_read_again(first, history, monkeypatch):
    """One adoption would else have every process read those of all sites, while nothing is taken in."""
    switched_on(history)
    changing.adopt(first.learned, by=SYSTEM, at=NOON)
    assert holds(history).learned
    newer = run(history).learned
    read, real = [], foreseeing.read

    def noted(row):
        read.append(row)
        return real(row)

    monkeypatch.setattr(foreseeing, "read", noted)

    changing.adopt(newer, by=SYSTEM, at=NOON)
    assert list(gone_by([history])) == [(history, SubjectKind.ORDER)]
    assert not read
    assert holds(history).adoption.learned_at == newer.made_at
    assert read == [newer]
    changing.adopt(newer, by=SYSTEM, at=NOON)
    assert holds(history).adoption.at == NOON
    assert read == [newer]


@pytest.mark.parametrize(
    ("slug", "on", "here", "why"),
    [
        ("order.late", True, True, "Only rules of predicted lateness"),
        ("deal.predicted_late", True, True, "of another kind, “order”"),
        (RULE, True, False, "is of Web and holds only there"),
        (RULE, False, True, "A rule that is off"),
    ],
    ids=["another rule", "another kind", "everywhere", "switched off"],
)
def test_a_rule_takes_only_what_it_looks_with(history, slug, on, here, why):
    learned = RiskModel.objects.create(
        site=history, kind="order", made_at=NOON, promises=9, learned={}
    )
    edit = rule_edit({}, slug, on=on, parameters={}, site_id=history.pk if here else None)
    with pytest.raises(Refused, match=why):
        changing.change(adopting(edit, learned.pk, NOON), why="Why", by=SYSTEM, at=NOON)

    assert not RiskAdoption.objects.exists()


def test_what_does_not_matter_enough_for_a_case_is_no_alert_of_the_report(history):
    signals = from_stored(history, SubjectKind.ORDER)

    strict = replay(signals, replace(SHIPPED, threshold=95))
    fixed = strict.document["choices"]

    assert not [one for one in strict.alerts if one.rule == "order.predicted_late"]
    assert not any(one["alerts"] for one in fixed)


def test_when_adoption_came_the_newest_of_each_site_held():
    site = SiteFactory()
    old, new = (
        RiskModel.objects.create(
            site=site, kind="order", made_at=NOON + hours * HOUR, promises=9, learned={}
        )
        for hours in range(2)
    )

    with connection.cursor() as cursor:
        cursor.execute(import_module("exceptions_app.migrations.0003_adoptions").HELD)

    adoption = RiskAdoption.objects.get(site=site)
    assert (adoption.model, adoption.at, adoption.site) == (new, new.made_at, site)
    assert old.pk < new.pk
