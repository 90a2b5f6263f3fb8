"""From a change to its being seen: on an open board in Chromium, and in two hundred sockets."""

import asyncio
import json
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from playwright.sync_api import Page, sync_playwright
from websockets.asyncio.client import ClientConnection, connect

from exceptions_app.models import Case
from exceptions_app.timeline.entries import now_seen
from exceptions_app.vocabulary import Status
from tests.bench import crowd
from tests.bench.desk import Desk, desk, floor
from tests.bench.figures import Figure, middle, timed
from tests.bench.outbound import missed
from tests.bench.pages import signed_in
from tests.conftest import found_chromium

if TYPE_CHECKING:
    from tests.bench.__main__ import Asked

SOCKETS = 200
PAUSE = 0.5
PATIENCE = 10.0
WITHIN = 1_000
# When each row was first painted in each version, by the clock that Python reads too.
WATCH = """() => {
    window.painted = {};
    const look = () => requestAnimationFrame(() => {
        for (const row of document.querySelectorAll("tr[data-case]")) {
            const number = row.querySelector(".case__number").textContent;
            const key = `${number}:${row.dataset.version}`;
            window.painted[key] ??= performance.timeOrigin + performance.now();
        }
    });
    look();
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""


def measure(asked: "Asked") -> list[Figure]:
    if Case.objects.count() < asked.sizes[-1]:
        crowd.crowd(asked.sizes[-1])
    cookie = signed_in(crowd.member("everywhere", None)).cookies[settings.SESSION_COOKIE_NAME]
    tries = asked.rounds(50)
    with desk(crowd.token(), "worker", "clocks") as running, floor() as bare:
        figures = [sockets(running, bare, cookie.value, tries)]
        if chromium := found_chromium():
            figures += boards(running, bare, chromium, cookie.value, tries)
        else:
            print("Skipped the open board: no Chromium here; set CHROMIUM.", file=sys.stderr)
    return figures


def sockets(running: Desk, bare: int, cookie: str, tries: int) -> Figure:
    ids = list(Case.objects.filter(status=Status.NEW).values_list("pk", flat=True)[:tries])
    seconds = asyncio.run(heard(running, cookie, ids))
    floors = {f"{SOCKETS} echoes": middle(asyncio.run(echoed(bare, tries, SOCKETS)))}
    return timed("live", f"change to {SOCKETS} open sockets", seconds, floors=floors)


async def heard(running: Desk, cookie: str, ids: list[int]) -> list[float]:
    """Acknowledge one case after the other; for each change and socket, the seconds until it was told."""
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}", "Origin": running.url}
    told: dict[int, list[float]] = defaultdict(list)
    seconds = []
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as listening:
        url = f"ws://127.0.0.1:{running.port}/ws/desk/"
        mark = await asyncio.to_thread(now_seen)
        open_ones = [
            await stack.enter_async_context(connect(url, additional_headers=headers))
            for _ in range(SOCKETS)
        ]
        await asyncio.gather(*(begin(socket, mark) for socket in open_ones))
        listeners = [listening.create_task(listen(socket, told)) for socket in open_ones]
        line = running.line()
        for pk in ids:
            await asyncio.sleep(PAUSE)
            began = time.perf_counter()
            await asyncio.to_thread(line.post, f"/api/v1/cases/{pk}/acknowledge/", b"{}")
            await all_told(told, pk)
            seconds += [at - began for at in told[pk][:SOCKETS]]
        for listener in listeners:
            listener.cancel()
    return seconds


async def begin(socket: ClientConnection, mark: int) -> None:
    await socket.send(json.dumps({"seen": mark}))
    while not json.loads(await socket.recv()).get("live"):
        pass


async def listen(socket: ClientConnection, told: dict[int, list[float]]) -> None:
    async for message in socket:
        for pk in json.loads(message).get("cases", ()):
            told[pk].append(time.perf_counter())


async def all_told(told: dict[int, list[float]], pk: int) -> None:
    latest = time.monotonic() + PATIENCE
    while len(told[pk]) < SOCKETS:
        if time.monotonic() > latest:
            raise RuntimeError(f"Only {len(told[pk])} of {SOCKETS} sockets were told of a change.")
        await asyncio.sleep(0.005)


async def echoed(bare: int, tries: int, count: int) -> list[float]:
    """What that many sockets need to say something all at once and hear it back."""
    seconds: list[float] = []
    async with AsyncExitStack() as stack:
        open_ones = [
            await stack.enter_async_context(connect(f"ws://127.0.0.1:{bare}/"))
            for _ in range(count)
        ]
        for _ in range(tries):
            began = time.perf_counter()
            await asyncio.gather(*(echo(socket, began, seconds) for socket in open_ones))
    return seconds


async def echo(socket: ClientConnection, began: float, seconds: list[float]) -> None:
    await socket.send("x" * 100)
    await socket.recv()
    seconds.append(time.perf_counter() - began)


def boards(running: Desk, bare: int, chromium: str, cookie: str, tries: int) -> list[Figure]:
    floors = {"one echo": middle(asyncio.run(echoed(bare, tries, 1)))}
    with board(running, chromium, cookie) as page:
        seconds = repainted(page, running, tries), appeared(page, running, tries)
    names = "change to an open board in Chromium", "signal to its case on that board"
    return [
        timed("live", name, one, floors=floors, target=WITHIN)
        for name, one in zip(names, seconds, strict=True)
    ]


@contextmanager
def board(running: Desk, chromium: str, cookie: str) -> Iterator[Page]:
    """The newest cases, open in a browser that nobody touches."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": cookie, "url": running.url}])
        page = context.new_page()
        page.goto(f"{running.url}/board/?sort=newest")
        page.wait_for_selector("html[data-live=live]")
        page.evaluate(WATCH)
        yield page
        browser.close()


def repainted(page: Page, running: Desk, tries: int) -> list[float]:
    """Change the severity of a case on the first page again and again."""
    number = page.text_content(".case__number")
    is_low = "case--low" in (page.get_attribute("tr[data-case]", "class") or "")
    line, seconds = running.line(), []
    for turn in range(tries):
        time.sleep(PAUSE)
        body = {"severity": ("low", "high")[(turn + is_low) % 2], "reason": "Bench"}
        began = time.time()
        answer = json.loads(
            line.post(f"/api/v1/cases/{number}/severity/", json.dumps(body).encode())
        )
        seconds.append(painted(page, f"{number}:{answer['version']}") - began)
    return seconds


def appeared(page: Page, running: Desk, tries: int) -> list[float]:
    seconds = []
    for _ in range(tries):
        time.sleep(PAUSE)
        signal = missed(f"L-{uuid.uuid4().hex[:8]}")
        began = time.time()
        receipt = running.send([signal])
        (told,) = receipt["items"][0]["cases"]
        number = told.removeprefix("opened ")
        seconds.append(painted(page, f"{number}:1") - began)
        # The twelfth open one would be part of a mass event.
        done = json.dumps({"cause": "carrier late"}).encode()
        running.line().post(f"/api/v1/cases/{number}/resolve/", done)
    return seconds


def painted(page: Page, key: str) -> float:
    """When the row was there, as a time."""
    handle = page.wait_for_function("key => window.painted[key]", arg=key, timeout=PATIENCE * 1000)
    return float(handle.json_value()) / 1000
