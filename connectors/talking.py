"""Conversations that several platforms need: more than one request for one thing that is to be said."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from connectors.errors import Permanent, Stuck
from connectors.exchange import Conversation, Describe, Reply, Request, with_less
from connectors.hooks import C, Json, listed
from connectors.snapshot import Snapshot

Send = Callable[[Json], Request]
Told = Callable[[Snapshot, C], Conversation]


def alone(described: Request | Conversation) -> Conversation:
    if isinstance(described, Request):
        return (yield described)
    return (yield from described)


def in_turn(first: Describe[C], then: Describe[C]) -> Told[C]:
    """The record is changed, and then what happened is said; once also where it is stuck."""

    def told(case: Snapshot, config: C) -> Conversation:
        try:
            yield from alone(first(case, config))
        except Stuck:
            if not case.again:
                yield from alone(then(case, config))
            raise
        return (yield from alone(then(case, config)))

    return told


def with_or_without(send: Send, body: Json, **more: object) -> Conversation:
    """With these as well, as far as there are any; if the platform refuses that, without them."""
    given = {name: value for name, value in more.items() if value}
    return with_less(send(body | given), send(body))


def tried(request: Request) -> Conversation:
    """What may be refused: what follows says it anyway."""
    with suppress(Permanent):
        return (yield request)
    return None


def unless_said(case: Snapshot, look: Request, say: Request) -> Conversation:
    """What may have been said before is not said again where the delivery is named in what is there."""
    if case.again and case.delivery_id in (known := (yield look)).text:
        return known
    return (yield say)


def unless_there(
    case: Snapshot, look: Request, at: tuple[str, ...], is_it: Callable[[Any], bool], say: Request
) -> Conversation:
    """What may be there already is looked for in the list that is there; it is the answer, if found."""
    known = listed((yield look).body, *at) if case.again else []
    return next((Reply(200, one) for one in known if is_it(one)), None) or (yield say)
