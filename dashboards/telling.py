"""How a timeline entry reads: "Ana resolved it: supplier late"."""

from collections.abc import Callable, Mapping
from typing import Any

from exceptions_app.vocabulary import ActorKind, DeliveryState, ExceptionType, TargetKind

Data = Mapping[str, Any]


def text(data: Data, *names: str) -> str:
    """The first of these that says something."""
    return next((str(data[name]) for name in names if data.get(name)), "")


def joined(lead: str, rest: str) -> str:
    return f"{lead}: {rest}" if rest else lead


def target(data: Data) -> str:
    kind = text(data, "target", "kind")
    return str(TargetKind(kind).label) if kind in TargetKind.values else kind


def type_label(data: Data) -> str:
    kind = text(data, "after")
    return str(ExceptionType(kind).label) if kind in ExceptionType.values else kind


def of_severity(word: str) -> Callable[[Data], str]:
    def told(data: Data) -> str:
        return joined(
            f"{word} severity from {text(data, 'before')} to {text(data, 'after')}",
            text(data, "reason"),
        )

    return told


def platform(data: Data) -> str:
    return text(data, "connection", "name", "platform") or "a platform"


#: What a platform was told by each operation.
SAID = {
    "create": "of it",
    "update": "what changed",
    "comment": "what was said",
    "close": "that it is settled",
    "reopen": "that it is open again",
    "attach": "what the evidence is",
}

#: How far telling it has come.
STANDS = {
    DeliveryState.SENT: "told {}",
    DeliveryState.WAITING: "to be told {}",
    DeliveryState.SENDING: "being told {}",
    DeliveryState.DEAD: "could not be told {}",
    DeliveryState.UNCERTAIN: "perhaps told {}",
    DeliveryState.SUPERSEDED: "need not be told {} any more",
    DeliveryState.SKIPPED: "not told {}, as somebody decided",
}


def link_words(operation: str, state: str) -> str:
    """What a platform knows of a case, as "told what changed"; where nothing is owed, that it is linked."""
    if operation not in SAID or state not in DeliveryState.values:
        return "linked"
    return STANDS[DeliveryState(state)].format(SAID[operation])


#: What a person did about a field that differs.
CHOSEN = {"theirs": "took their", "ours": "kept our", "dismiss": "let stand the"}

TOLD: Mapping[str, Callable[[Data], str]] = {
    "case.opened": lambda _: "opened it",
    "case.repeated": lambda data: joined("saw it again", text(data, "title", "summary", "text")),
    "case.facts": lambda data: joined("heard more", "; ".join(map(str, data.get("said", [])))),
    "case.acknowledged": lambda _: "acknowledged it",
    "case.started": lambda _: "started work",
    "case.waiting": lambda data: f"waits for {text(data, 'waiting_for')}",
    "case.resumed": lambda _: "resumed it",
    "case.resolved": lambda data: joined("resolved it", text(data, "cause")),
    "case.closed": lambda _: "closed it",
    "case.dismissed": lambda _: "dismissed it",
    "case.reopened": lambda _: "reopened it",
    "case.assigned": lambda data: f"assigned it to {text(data, 'to_name')}",
    "case.claimed": lambda _: "took it",
    "case.released": lambda _: "released it",
    "case.commented": lambda data: (
        "commented" + (", shared with linked platforms" if data.get("shared") else "")
    ),
    "case.classified": lambda data: joined(f"sorted it as {type_label(data)}", text(data, "about")),
    "case.absorbed": lambda data: f"made it part of {text(data, 'parent')}",
    "case.split": lambda data: joined(
        f"split it off from {text(data, 'parent')}", text(data, "reason")
    ),
    "case.cleared": lambda data: f"let {text(data, 'source')} out of quarantine",
    "case.kept_quiet": lambda data: (
        f"let {text(data, 'source')} out of quarantine, telling nobody of this"
    ),
    "source.back": lambda data: f"heard {text(data, 'source')} again; it may catch up now",
    "case.severity_raised": of_severity("raised"),
    "case.severity_lowered": of_severity("lowered"),
    "clock.warned": lambda data: f"Little time left to {target(data)}",
    "clock.breached": lambda data: f"Missed the target to {target(data)}",
    "delivery.sent": lambda data: (
        f"told {platform(data)} {SAID.get(text(data, 'operation'), '')}".rstrip()
    ),
    "delivery.resent": lambda data: (
        f"had {platform(data)} told again {SAID.get(text(data, 'operation'), '')}".rstrip()
    ),
    "delivery.skipped": lambda data: joined(
        f"decided that {platform(data)} need not be told {SAID.get(text(data, 'operation'), '')}".rstrip(),
        text(data, "reason"),
    ),
    "delivery.dead": lambda data: joined(
        f"could not tell {platform(data)}", text(data, "reason", "verdict")
    ),
    "delivery.arrived": lambda data: joined(
        f"found that {platform(data)} was told {SAID.get(text(data, 'operation'), '')}".rstrip(),
        text(data, "external_id"),
    ),
    "conflict.settled": lambda data: (
        f"{CHOSEN.get(text(data, 'choice'), 'settled')} {text(data, 'field')} that differs in "
        f"{platform(data)} ({text(data, 'theirs')})"
    ),
    "delivery.uncertain": lambda data: joined(
        f"may or may not have told {platform(data)}", text(data, "reason")
    ),
}

#: Entries in which nobody does anything; they read without a name.
NOBODY = frozenset({"clock.warned", "clock.breached"})

#: The words of an entry that are a person's own, shown as a paragraph of their own.
QUOTED = {
    "case.commented": ("text",),
    "case.resolved": ("text",),
    "case.dismissed": ("reason",),
    "case.reopened": ("reason",),
    "case.assigned": ("note",),
}


def who(verb: str, kind: str, actor: str) -> str:
    """Whose name stands before an entry; a rule's as words."""
    if verb in NOBODY:
        return ""
    return spoken(actor) if kind == ActorKind.RULE else actor


def spoken(name: str) -> str:
    """A name of the code as it is said: appointment.moved_late is appointment moved late."""
    return name.replace(".", " ").replace("_", " ")


def told(verb: str, data: Data) -> str:
    """What happened, to be read after a name."""
    say = TOLD.get(verb)
    return say(data) if say else spoken(verb)


def quoted(verb: str, data: Data) -> str:
    return text(data, *QUOTED.get(verb, ()))


#: Verb → mark of the timeline.
MARKS = {
    "case.opened": "flag",
    "case.repeated": "repeat",
    "case.facts": "info",
    "case.acknowledged": "eye",
    "case.started": "play",
    "case.waiting": "pause",
    "case.resumed": "play",
    "case.resolved": "circle-check",
    "case.closed": "archive",
    "case.dismissed": "circle-x",
    "case.reopened": "rotate-ccw",
    "case.assigned": "user-round-plus",
    "case.claimed": "user-round-check",
    "case.released": "user-round-x",
    "case.commented": "message-square",
    "case.classified": "tag",
    "case.absorbed": "combine",
    "case.split": "split",
    "case.cleared": "shield-check",
    "case.kept_quiet": "shield-check",
    "source.back": "radio",
    "case.severity_raised": "trending-up",
    "case.severity_lowered": "trending-down",
    "clock.warned": "timer",
    "clock.breached": "timer-off",
    "conflict.settled": "split",
    "delivery.arrived": "circle-check",
    "delivery.sent": "send",
    "delivery.resent": "send",
    "delivery.skipped": "ban",
    "delivery.dead": "triangle-alert",
    "delivery.uncertain": "circle-question-mark",
}
