"""The story-teller and the desk it talks to: over HTTP, as any other program does."""

import socket
from collections import Counter
from datetime import timedelta
from random import Random

import pytest
import time_machine

from config.stories.colleagues import (
    EVERY,
    LEFT_OPEN,
    LEFT_OPEN_HERE,
    LEFT_UNOWNED,
    LEFT_UNOWNED_HERE,
    Colleagues,
)
from config.stories.desk import Away, Desk
from config.stories.sources import Sources, Unknown, speak
from exceptions_app.demo import people, seeding
from exceptions_app.models import Case, Signal, Site, Subject, Team
from tests.factories import HOUR, MINUTE, NOON, open_case

PACE = 60.0


@pytest.fixture
def tokens(transactional_db):
    seeding.seed(NOON)
    return seeding.keys({}, NOON)


@pytest.fixture
def desk(live_server):
    return Desk(live_server.url)


def sources_of(seed=1, began=NOON):
    return Sources(Random(seed), PACE, began)


def test_what_is_due_is_sent_and_opens_cases(desk, tokens):
    sources = sources_of()
    with time_machine.travel(NOON, tick=False) as clock:
        for seconds in range(0, 61, 5):
            now = NOON + timedelta(seconds=seconds)
            clock.move_to(now)
            speak(sources, desk, tokens[people.BRIDGE], now)

    rules = set(Case.objects.values_list("rule", flat=True))
    assert {"deal.delivery_at_risk", "payment.failed"} <= rules
    assert all(saying.at > NOON + MINUTE for saying in sources.left())
    assert Signal.objects.count() > 15


def test_a_post_whose_answer_was_lost_is_sent_again_and_stored_once(desk, tokens):
    sources = sources_of()
    at = NOON + MINUTE / 2
    desk.tell("signals/", sources.due(at), tokens[people.BRIDGE])
    stored = Signal.objects.count()

    speak(sources, desk, tokens[people.BRIDGE], at)

    assert stored > 0
    assert Signal.objects.count() == stored
    assert sources.due(at) == []


def test_while_the_desk_is_away_nothing_is_lost():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = Desk(f"http://127.0.0.1:{probe.getsockname()[1]}")
    sources = sources_of()
    due = sources.due(NOON + MINUTE / 2)

    with pytest.raises(Away):
        speak(sources, nobody, "token", NOON + MINUTE / 2)

    assert sources.due(NOON + MINUTE / 2) == due != []


def test_a_token_that_the_desk_does_not_take_is_an_error_and_no_reason_to_go_on(desk, tokens):
    with pytest.raises(Unknown, match=r"unknown, expired or revoked.*HTTP 401"):
        speak(sources_of(), desk, "fs_wrong", NOON + MINUTE / 2)


# --- Colleagues ------------------------------------------------------------------------------


def seen(number, **changes):
    """A case as the API shows it."""
    number += 1
    return {
        "id": number,
        "version": 1,
        "status": "new",
        "type": "order_late",
        "site": "lumen-oak",
        "team": "support",
        "assignee": None,
        "subject": number,
        "reference": f"LO-{10_000 + number}",
        "rule": "order.late",
        "opened_at": (NOON - HOUR).isoformat(),
        **changes,
    }


def owned(number, by="hana", status="in_progress", **changes):
    return seen(number, assignee={"username": by, "name": by}, status=status, **changes)


def moves(cases, seed=1):
    played = {one.username: "token" for one in people.PEOPLE if one.username in people.PLAYED}
    return Colleagues(Random(seed), PACE, played, "bridge").moves(cases, NOON)


def verbs(cases):
    return {move.verb for seed in range(20) for move in moves(cases, seed)}


def test_a_few_cases_stay_without_an_owner():
    assert verbs([seen(n) for n in range(LEFT_UNOWNED)]) == set()
    assert verbs([seen(n) for n in range(LEFT_UNOWNED + 1)]) == {"claim"}


def test_a_case_is_taken_by_somebody_who_works_there():
    cases = [seen(n, site="kestrel-2", team="dispatch") for n in range(9)]

    takers = {move.by for seed in range(20) for move in moves(cases, seed)}

    assert takers == {"grace", "meiling"}


def test_what_was_flagged_by_a_visitor_or_is_owned_by_one_is_left_to_them():
    flagged = [seen(n, rule="", reference=f"D-{10_012 + n}") for n in range(9)]
    sent = [seen(n, reference="J-1") for n in range(9, 18)]
    theirs = [owned(n, by="ana", status="acknowledged") for n in range(30)]

    assert verbs([*flagged, *sent, *theirs]) == set()


def test_what_was_flagged_in_the_past_weeks_is_worked_on():
    assert verbs([seen(n, rule="", reference=f"F-{10_600 + n}") for n in range(9)]) == {"claim"}


def test_a_few_stay_at_each_site():
    many = [owned(n) for n in range(LEFT_OPEN + 1)]
    few = [owned(100 + n, site="harbour-north") for n in range(LEFT_OPEN_HERE)]
    unowned = [seen(200 + n, site="harbour-south") for n in range(LEFT_UNOWNED_HERE)]
    found = [move for seed in range(20) for move in moves([*many, *few, *unowned], seed)]

    assert {move.case["site"] for move in found} == {"lumen-oak"}


def test_a_case_that_has_just_come_up_is_left_to_visitors_for_a_while():
    cases = [seen(n, opened_at=(NOON - timedelta(seconds=10)).isoformat()) for n in range(9)]

    assert verbs(cases) == set()


def test_an_owner_says_what_is_done_and_then_resolves_with_a_cause():
    fresh = [owned(n, status="acknowledged") for n in range(3)]
    many = [owned(n) for n in range(LEFT_OPEN + 1)]

    assert verbs(fresh) == {"start"}
    assert {move.then.verb for move in moves(fresh)} == {"comment"}
    assert verbs(many) == {"resolve"}
    assert all(move.body["cause"] for move in moves(many))


def test_the_board_stays_between_a_few_and_too_many():
    colleagues = Colleagues(Random(3), PACE, dict.fromkeys(people.PLAYED, "token"), "bridge")
    cases = {n + 1: seen(n) for n in range(20)}
    sizes: list[int] = []
    unowned: list[int] = []
    now = NOON
    while now < NOON + HOUR:
        if (now - NOON).total_seconds() % 20 == 0:
            number = 1000 + len(sizes)
            cases[number + 1] = seen(number, opened_at=now.isoformat())
        if (now - NOON).total_seconds() % EVERY == 0:
            for move in colleagues.chosen(list(cases.values()), now):
                apply(cases, move)
        sizes.append(len(cases))
        unowned.append(sum(case["assignee"] is None for case in cases.values()))
        now += timedelta(seconds=1)

    assert min(sizes) >= 15
    assert max(sizes) <= 40
    assert min(unowned) >= 3


def apply(cases, move):
    case = cases[move.case["id"]]
    if move.verb == "claim":
        case |= {"assignee": {"username": move.by, "name": move.by}, "status": "acknowledged"}
    elif move.verb == "start":
        case["status"] = "in_progress"
    elif move.verb == "resolve":
        del cases[case["id"]]


def test_colleagues_work_through_the_api_in_their_own_names(desk, tokens):
    shop = Site.objects.get(slug="lumen-oak")
    team = Team.objects.get(site=shop, slug="support")
    for number in range(LEFT_UNOWNED + 4):
        subject = Subject.objects.create(
            site=shop, kind="order", reference=f"LO-{10_000 + number}", opened_at=NOON
        )
        open_case(site=shop, team_id=team.pk, subject=subject, rule="order.late", at=NOON)
    played = {name: token for name, token in tokens.items() if name in people.PLAYED}
    colleagues = Colleagues(Random(1), PACE, played, tokens[people.BRIDGE])

    answers = []
    with time_machine.travel(NOON, tick=False) as clock:
        for minutes in range(40):
            now = NOON + minutes * MINUTE
            clock.move_to(now)
            answers += colleagues.act(desk, now)

    entries = Counter(Case.objects.values_list("entries__verb", flat=True))
    assert {answer.status for answer in answers} == {200}
    assert entries["case.claimed"] == 4
    assert entries["case.commented"] == entries["case.started"] > 0
    assert set(
        Case.objects.exclude(assignee=None).values_list("assignee__username", flat=True)
    ) <= {"jonas", "hana", "oleks"}
