"""The board at so many cases: first page, filters, search by every kind of word, and one change of status."""

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.test import Client

from exceptions_app.models import Case, Delivery
from exceptions_app.vocabulary import Status
from tests.bench import crowd, raw
from tests.bench.figures import Figure, middle, timed
from tests.bench.pages import Times, ask, signed_in
from tests.bench.pages import timed as clocked

if TYPE_CHECKING:
    from tests.bench.__main__ import Asked

FIRST_PAGE, SEARCH, CHANGE = 60, 100, 30
NAMES = ("Ortiz", "Brauer", "Moreau", "Okafor", "Lindqvist", "Tanaka")
BEGINNINGS = ("order", "delivery", "appointment", "payment")
ENDS = ("late", "risk", "started", "refused", "cancelled")
FILTERS = {
    "filter, severity and type": "severity=critical&type=order_late",
    "filter, breached": "breached=true",
    "filter, no owner": "assignee=none",
    "filter, settled": "status=resolved&severity=high",
    "any status, newest first": "status=any&sort=newest",
}


def measure(asked: "Asked") -> list[Figure]:
    figures: list[Figure] = []
    for size in asked.sizes:
        crowd.crowd(size)
        places = crowd.settle()
        people = {
            "every site": signed_in(crowd.member("everywhere", None)),
            "one site": signed_in(crowd.member("at-one", places.sites[3])),
            "two sites": signed_in(crowd.member("at-two", *places.sites[:2])),
        }
        part = f"board, {size:,} cases"
        for who, client in people.items():
            figures += pages(part, who, client, size, asked)
        figures += filters(part, people["every site"], asked)
        figures.append(change(part, asked.rounds(100)))
    return figures


def pages(part: str, who: str, client: Client, size: int, asked: "Asked") -> list[Figure]:
    first = ask(client, ["/board/"] * asked.rounds(100))
    figures = [of(part, f"{who}: first page", first, FIRST_PAGE)]
    for name, words in kinds(size).items():
        urls = [f"/board/?{urlencode({'q': one})}" for one in islice(words, asked.rounds(40))]
        figures.append(of(part, f"{who}: search, {name}", ask(client, urls), SEARCH))
    return figures


def filters(part: str, client: Client, asked: "Asked") -> list[Figure]:
    tries = asked.rounds(40)
    return [
        of(part, f"every site: {name}", ask(client, [f"/board/?{query}"] * tries))
        for name, query in FILTERS.items()
    ]


def of(part: str, name: str, times: Times, target: float | None = None) -> Figure:
    floors = {"its rows by SQL": raw.rows(times.shown)}
    return timed(part, name, times.seconds, floors=floors, target=target, cpu=cpu_of(times))


def cpu_of(times: Times) -> tuple[float, float]:
    return middle(times.cpu), middle(times.database)


def kinds(size: int) -> Mapping[str, Iterable[str]]:
    """Words to look for, kind by kind; always the same ones."""
    dice = random.Random(size)
    number = lambda: dice.randrange(crowd.FIRST, crowd.FIRST + size)  # noqa: E731 - said six times below
    return {
        "number": endless(lambda: f"EX-{number()}"),
        "reference": endless(lambda: f"R-{number()}"),
        "rare word": endless(lambda: hashlib.md5(str(number()).encode()).hexdigest()[:6]),  # noqa: S324 - as the crowd's SQL
        "customer and rare word": endless(
            lambda: f"{dice.choice(NAMES)} {dice.randrange(16**4):04x}"
        ),
        "common word": endless(lambda: dice.choice(NAMES + BEGINNINGS + ENDS)),
        "half a word": endless(lambda: dice.choice(NAMES + BEGINNINGS)[:3]),
        "two common words": endless(lambda: f"{dice.choice(BEGINNINGS)} {dice.choice(ENDS)}"),
        "three common words": endless(
            lambda: f"{dice.choice(BEGINNINGS)} {dice.choice(ENDS)} {dice.choice(NAMES)}"
        ),
        "two words never together": endless(lambda: " ".join(dice.sample(BEGINNINGS, 2))),
        "beginning of many numbers": endless(lambda: str(number())[:3]),
        "nothing found": endless(lambda: f"zz{number()}"),
    }


def endless(word: Callable[[], str]) -> Iterable[str]:
    while True:
        yield word()


def change(part: str, tries: int) -> Figure:
    """Acknowledge through the API; two platforms know of each case, so two deliveries are owed."""
    fresh = Case.objects.filter(status=Status.NEW).order_by("number")
    ids = list(fresh.values_list("pk", flat=True)[: 2 * tries + 1])
    client = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {crowd.token()}"})
    acknowledge(client, ids[0])
    owed, times = Delivery.objects.count(), Times()
    for pk in ids[1 : tries + 1]:
        clocked(times, partial(acknowledge, client, pk))
    if Delivery.objects.count() != owed + tries * len(crowd.CONNECTIONS):
        raise RuntimeError("Acknowledging did not owe what it should.")
    floors = {"its writes by SQL": raw.changes(ids[tries + 1 :])}
    name = "change of status"
    return timed(part, name, times.seconds, floors=floors, target=CHANGE, cpu=cpu_of(times))


def acknowledge(client: Client, pk: int) -> object:
    return client.post(f"/api/v1/cases/{pk}/acknowledge/", b"{}", content_type="application/json")
