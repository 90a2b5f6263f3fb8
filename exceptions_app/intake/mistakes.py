"""All that is wrong with a signal: each mistake is set right for the moment, to find the next; pure.

Only what is refused comes here, so that what is right pays nothing for it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from exceptions_app.intake.fields import Wrong
from exceptions_app.vocabulary import SubjectKind

#: A receipt names so many mistakes of an item.
MOST_WRONG = 20
#: What stands in for a field that has to be there; any other is left out.
STAND_INS: Mapping[str, Any] = {
    "source": "x",
    "external_id": "x",
    "occurred_at": "2000-01-01T00:00:00Z",
    "subject": {"reference": "x"},
    "subject.reference": "x",
    "promise.promised_at": "2000-01-01T00:00:00Z",
    "window.starts_at": "1971-01-01T00:00:00Z",
    "window.ends_at": "2199-01-01T00:00:00Z",
}
#: What nobody can judge who does not know what the signal is about.
OF_A_KIND = (
    "milestones",
    "window",
    "documents",
    "parcels",
    "subject.kind",
    "subject.attributes",
)

Item = Mapping[str, Any]


def everything_wrong(item: Item, understood: Callable[[Any], object]) -> dict[str, str]:
    """Each field that is wrong and why, in the order in which ``understood`` finds them."""
    wrong: dict[str, str] = {}
    while len(wrong) < MOST_WRONG:
        found = first_wrong(item, understood)
        if found is None or found.name in wrong:
            break
        wrong[found.name] = found.reason
        item = of_some_kind(item) if found.name == "type" else mended(item, found.name)
    return wrong


def first_wrong(item: Item, understood: Callable[[Any], object]) -> Wrong | None:
    try:
        understood(item)
    except Wrong as found:
        return found
    return None


def mended(item: Item, path: str) -> Item:
    return put(item, path, STAND_INS[path]) if path in STAND_INS else without(item, path)


def of_some_kind(item: Item) -> Item:
    """With a type that is one, of the kind that it seems to be about; or without all that needs a kind."""
    subject = item.get("subject")
    said = subject.get("kind") if isinstance(subject, Mapping) else None
    seems = (str(item.get("type")).partition(".")[0], said)
    kind = next((one for one in seems if one in SubjectKind.values), None)
    if kind is None:
        for path in OF_A_KIND:
            item = without(item, path)
    return {**item, "type": f"{kind or SubjectKind.ORDER}.updated"}


def put(part: Item, path: str, value: Any) -> Item:
    """The same with this value there; nothing that was sent is changed."""
    first, _, rest = path.partition(".")
    inner = put(part[first], rest, value) if rest else value
    return {**part, first: inner}


def without(part: Item, path: str) -> Item:
    """The same without what stands there, whose own name may have dots in it."""
    step = next((name for name in part if f"{path}.".startswith(f"{name}.")), None)
    if step is None:
        return part
    if step == path:
        return {name: value for name, value in part.items() if name != step}
    inner, rest = part[step], path[len(step) + 1 :]
    return {**part, step: without(inner, rest)} if isinstance(inner, Mapping) else part
