"""A case and its records in Zendesk, Jira and Slack: what people do anywhere, and what platforms tell of it.

As real platforms do, each tells us of our own changes as well; calls wait, overtake each other and repeat.
"""

import json
from itertools import count
from random import Random
from urllib.parse import parse_qs, urlencode

from django.test import Client
from django.utils import timezone

from connectors import inbound, tasks
from connectors.account import Account
from connectors.hooks import Hook
from connectors.inbound import hook_address
from connectors.models import SandboxNote, SandboxRecord
from connectors.registry import BY_SLUG
from connectors.sandbox.registry import STANDS
from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.errors import DeskError
from exceptions_app.models import Case
from exceptions_app.outbox import queue

THERE = {"zendesk": ("solve", "reopen", "wait"), "jira": ("solve", "reopen", "wait")}
PRESSED = ("acknowledge", "claim", "resolve")
HERE = {
    "resolve": lambda seen, by, at: lifecycle.resolve(seen, by=by, at=at, cause="carrier"),
    "reopen": lambda seen, by, at: lifecycle.reopen(seen, by=by, at=at, reason="Again."),
    "wait": lambda seen, by, at: lifecycle.wait(seen, by=by, at=at, waiting_for="a key"),
    "resume": lambda seen, by, at: lifecycle.resume(seen, by=by, at=at),
    "acknowledge": lambda seen, by, at: lifecycle.acknowledge(seen, by=by, at=at),
}


class Three:
    """``said`` is what people wrote anywhere, each with a mark of its own; ``moves`` counts what they did."""

    def __init__(self, case, connections, lead, clock, seed):
        self.case, self.connections, self.lead, self.clock = case, connections, lead, clock
        self.dice = Random(seed)
        self.page, self.calls, self.numbers = Client(), list[tuple[str, str]](), count(1)
        self.said, self.moves, self.told = list[str](), 0, {}

    def record(self, slug) -> SandboxRecord:
        return SandboxRecord.objects.get(connection=self.connections[slug])

    # --- What people do -----------------------------------------------------------------------

    def anybody_does_anything(self):
        where = self.dice.choice(["desk", *self.connections])
        if self.dice.random() < 0.4:
            self.says(where, f"note{next(self.numbers)}x")
        elif where == "desk":
            self.does_here(self.dice.choice(list(HERE)))
        else:
            self.does_there(where, self.dice.choice(THERE.get(where, PRESSED)))

    def says(self, where, text):
        self.said.append(text)
        if where == "desk":
            seen, now = Seen(self.case.pk), timezone.now()
            triage.comment(seen, by=self.lead, at=now, text=text, shared=True)
            return
        record = self.record(where)
        SandboxNote.objects.create(record=record, at=timezone.now(), what="There", text=text)
        self.call(where, happening(where, record, "comment", text))

    def does_here(self, verb):
        """What is not possible as the case stands is refused."""
        self.moves += 1
        try:
            HERE[verb](Seen(self.case.pk), self.lead, timezone.now())
        except DeskError:
            self.moves -= 1

    def does_there(self, slug, act):
        record = self.record(slug)
        body = happening(slug, record, act, "")
        record.save()
        self.told[slug] = record.data.get("status")
        self.moves += 1
        self.call(slug, body)

    # --- What platforms tell ------------------------------------------------------------------

    def call(self, slug, body):
        """It waits; every call has a name of its own over there."""
        name = f"call-{next(self.numbers)}"
        if isinstance(body, str):
            pressed = json.loads(parse_qs(body)["payload"][0])
            self.calls.append((slug, urlencode({"payload": json.dumps(pressed | {"id": name})})))
        else:
            self.calls.append((slug, json.dumps(body | {"id": name})))

    def some_calls_arrive(self):
        """In any order, and one in four twice."""
        self.dice.shuffle(self.calls)
        for _ in range(self.dice.randint(0, len(self.calls))):
            slug, raw = self.calls.pop()
            for _ in range(1 + (self.dice.random() < 0.25)):
                self.send(slug, raw)

    def send(self, slug, raw):
        connection, connector = self.connections[slug], BY_SLUG[slug]
        config, proof = Account(connection).config, connector.inbound.proof
        now = timezone.now()
        stamp = {proof.timestamp: connector.inbound.stamp(now)} if proof.timestamp else {}
        lower = {name.lower(): value for name, value in stamp.items()}
        hook = Hook(hook_address(connection), raw.encode(), now, "POST", lower)
        path = hook_address(connection).removeprefix("http://desk.example")
        form = raw.startswith("payload=")
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        answer = self.page.post(path, raw, kind, headers=stamp | proof.sign(hook, config))
        assert answer.status_code == 200

    # --- What we do ---------------------------------------------------------------------------

    def we_perform(self, most=100):
        """What is owed, and the platforms tell us of it."""
        for _ in range(most):
            now = timezone.now()
            found = queue.claim(at=now, limit=1)
            if not found:
                return
            notes = set(SandboxNote.objects.values_list("pk", flat=True))
            for tried in tasks.admitted(found, now):
                tried.perform().settle()
                self.echo(found[0].connection.platform, notes)

    def echo(self, slug, notes):
        """What has just changed on the record by our hand, told as if anybody had changed it."""
        record = self.record(slug)
        before, now = self.told.get(slug), record.data.get("status")
        self.told[slug] = now
        for said in record.notes.exclude(pk__in=notes):
            self.call(slug, self.by_us(slug, happening(slug, record, "comment", said.text)))
        if before != now and slug == "zendesk":
            of = {"type": "zen:event-type:ticket.status_changed"}
            now = {"previous": str(before).upper(), "current": str(now).upper()}
            self.call(slug, of | {"detail": {"id": record.external_id}, "event": now})
        if before != now and slug == "jira":
            issue = {"key": record.external_id}
            changed = {"items": [{"field": "status", "toString": now}]}
            told = {"webhookEvent": "jira:issue_updated", "issue": issue, "changelog": changed}
            self.call(slug, told)

    def by_us(self, slug, body):
        """Slack marks what a bot says; Jira Cloud hides the address by which we would know ourselves."""
        if slug == "slack":
            body["event"]["bot_id"] = "B1"
        if slug == "jira":
            body["comment"]["author"] = {"displayName": "Flagstand"}
        return body

    def everything_settles(self):
        """Until nobody has anything to say any more; an echo that is answered never ends."""
        for turn in range(9):
            self.clock.shift(60)
            self.we_perform()
            for slug, raw in self.calls:
                self.send(slug, raw)
            heard, self.calls = len(self.calls), []
            inbound.take_in()
            if not heard and queue.oldest_due(timezone.now()) is None:
                return turn
        raise AssertionError("They go on telling each other.")

    def standing(self) -> str:
        return str(Case.objects.get(pk=self.case.pk).status)


def happening(slug, record, act, text):
    """The body of the call when somebody does this there; the record changes with it."""
    event = STANDS[slug].event
    assert event
    return event(record, act, text)
