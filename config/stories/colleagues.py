"""The colleagues whose part the story-teller plays: they take cases, work on them, and resolve most."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from config.stories.desk import Answer, Desk
from exceptions_app.demo import names, people
from exceptions_app.demo.people import Colleague

Case = Mapping[str, Any]

#: Minutes of the story from one thing that somebody does to the next.
EVERY = 5.0
#: So many cases nobody takes, that visitors find some; below so many open ones nobody resolves.
LEFT_UNOWNED, LEFT_OPEN = 6, 20
#: The same at each site: so many of the newest stay as they are, whoever signs in there.
LEFT_UNOWNED_HERE, LEFT_OPEN_HERE = 2, 4
#: From so many open cases on everybody works harder.
TOO_MANY = 32
#: Minutes of the story that a case waits before it is taken, and before it is resolved.
TAKEN_AFTER, RESOLVED_AFTER = 60, 150
#: How the stories name what they are about; and what was flagged in the past weeks that they tell.
_OURS, _FLAGGED_BY_US = re.compile(r"[A-Z]+-[0-9A-Z]{5,}"), re.compile(r"F-[0-9]{5,}")
_MOST = 200


@dataclass(frozen=True)
class Move:
    """Something to be done to a case by somebody, and what follows at once if it is taken."""

    by: str
    verb: str
    case: Case
    body: Mapping[str, Any]
    then: "Move | None" = None


@dataclass
class Colleagues:
    """Who is played, with their tokens; ``bridge`` sees every site."""

    rng: Random
    pace: float
    tokens: Mapping[str, str]
    bridge: str
    next_at: datetime | None = None

    def act(self, desk: Desk, now: datetime) -> list[Answer]:
        """If it is time, look at the board and do something about it."""
        if not self.tokens or not self._is_time(now):
            return []
        seen = desk.ask(f"cases/?status=open&imported=false&limit={_MOST}", self.bridge)
        chosen = self.chosen(list(seen.body.get("results", ())), now)
        return [self._make(desk, move) for move in chosen]

    def chosen(self, cases: Sequence[Case], now: datetime) -> list[Move]:
        """One move, or more when there is much to do; one per case."""
        moves = {move.case["id"]: move for move in self.moves(cases, now)}
        return list(moves.values())[: 1 + len(cases) // TOO_MANY]

    def _is_time(self, now: datetime) -> bool:
        if self.next_at is not None and now < self.next_at:
            return False
        self.next_at = now + timedelta(minutes=EVERY * self.rng.uniform(0.5, 1.5) / self.pace)
        return True

    def moves(self, cases: Sequence[Case], now: datetime) -> list[Move]:
        """What could be done next, most wanted first."""
        ours = [case for case in cases if is_ours(case)]
        unowned = [case for case in ours if case["assignee"] is None]
        owned = [case for case in ours if owner_of(case) in self.tokens]
        found = []
        if len(unowned) > LEFT_UNOWNED:
            spare = all_but_newest(unowned, LEFT_UNOWNED_HERE)
            found += self._claims([c for c in spare if self._age(c, now) > TAKEN_AFTER])
        if len(cases) > LEFT_OPEN:
            spare = [c for c in all_but_newest(cases, LEFT_OPEN_HERE) if c in owned]
            found += self._resolutions([c for c in spare if self._age(c, now) > RESOLVED_AFTER])
        found += self._remarks(owned)
        self.rng.shuffle(found)
        return found

    def _age(self, case: Case, now: datetime) -> float:
        """In minutes of the story."""
        opened = datetime.fromisoformat(case["opened_at"])
        return (now - opened).total_seconds() / 60 * self.pace

    def _claims(self, cases: Sequence[Case]) -> list[Move]:
        found = []
        for case in cases:
            free = [one.username for one in people.PEOPLE if self._works_for(one, case)]
            if free:
                found.append(Move(self.rng.choice(free), "claim", case, seen(case)))
        return found[:3]

    def _works_for(self, one: Colleague, case: Case) -> bool:
        return (
            one.username in self.tokens
            and one.site == case["site"]
            and one.team in ("", case["team"])
        )

    def _resolutions(self, cases: Sequence[Case]) -> list[Move]:
        longest = sorted(cases, key=lambda case: str(case["opened_at"]))[:6]
        return [
            Move(owner_of(case), "resolve", case, seen(case) | {"cause": self._cause(case)})
            for case in longest
            if case["status"] != "new"
        ][:3]

    def _cause(self, case: Case) -> str:
        return self.rng.choice((*names.CAUSES.get(case["type"], ()), *names.ANY_CAUSE))

    def _remarks(self, cases: Sequence[Case]) -> list[Move]:
        """Work begins with a word about it, so that nobody says it twice."""
        fresh = [case for case in cases if case["status"] == "acknowledged"]
        if not fresh:
            return []
        case = self.rng.choice(fresh)
        text = self.rng.choice(names.REMARKS.get(case["type"], names.ANY_REMARK))
        says = Move(owner_of(case), "comment", case, {"text": text, "shared": True})
        return [Move(owner_of(case), "start", case, seen(case), then=says)]

    def _make(self, desk: Desk, move: Move) -> Answer:
        key = f"{self.rng.getrandbits(128):032x}"
        path = f"cases/{move.case['id']}/{move.verb}/"
        answer = desk.tell(path, dict(move.body), self.tokens[move.by], key=key)
        return self._make(desk, move.then) if move.then and answer.ok else answer


def is_ours(case: Case) -> bool:
    """Whether it came of a story; what a visitor flagged or sent is left to them."""
    told = _OURS if case["rule"] else _FLAGGED_BY_US
    return told.fullmatch(case["reference"]) is not None


def all_but_newest(cases: Iterable[Case], left: int) -> list[Case]:
    """Without so many of the newest at each site."""
    here: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: str(case["opened_at"]), reverse=True):
        here[case["site"]].append(case)
    return [case for at_site in here.values() for case in at_site[left:]]


def owner_of(case: Case) -> str:
    return str(case["assignee"]["username"]) if case["assignee"] else ""


def seen(case: Case) -> dict[str, Any]:
    return {"version": case["version"]}
