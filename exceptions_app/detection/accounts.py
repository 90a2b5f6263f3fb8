"""What the rarer shapes of rules ask of the facts: mismatches, repetitions, documents, journeys; pure."""

from exceptions_app.detection.conditions import SETTLED, Account, Condition, Words, told
from exceptions_app.detection.risk.model import reason
from exceptions_app.detection.rules.behind import Behind
from exceptions_app.detection.rules.documents import Expired, Inconsistent, Missing
from exceptions_app.detection.rules.hours import lasting
from exceptions_app.detection.rules.mismatch import BetweenSources, Counted, Mismatch
from exceptions_app.detection.rules.predicted import Predicted
from exceptions_app.detection.rules.repeated import Moved, Repeated, agreed


@told.register
def _(rule: Mismatch, words: Words) -> Account:
    found = rule.differences(words.facts)
    apart = "; ".join(map(str, found))
    differ = Condition(bool(found), apart or alike(rule, words), SETTLED)
    if not found:
        return Account((differ,))
    since = max(one.since for one in found)
    mended = [words.before(name, since) for name in rule.unless]
    return Account((differ, *mended), apart)


def alike(rule: Mismatch, words: Words) -> str:
    """Why nothing differs."""
    facts = words.facts
    if isinstance(rule, BetweenSources) and len(facts.said_by) < 2:
        return f"{len(facts.said_by) or 'no'} source has told of it; two are needed to compare"
    if isinstance(rule, Counted) and None in (
        facts.attributes.get("counted"),
        facts.attributes.get("booked"),
    ):
        return "it was not both counted and booked"
    return "what is compared agrees, within the tolerances"


@told.register
def _(rule: Repeated, words: Words) -> Account:
    report = words.facts.reports.get(rule.word)
    times = len(report.recent) if report else 0
    limit = f"more than {rule.more_than} within {lasting(rule.within)} is too often"
    often = f"{words.name(rule.word)} {times} {'time' if times == 1 else 'times'}; {limit}"
    return Account((words.open(), Condition(too_close(rule, words), often, SETTLED)), often)


def too_close(rule: Repeated, words: Words) -> bool:
    report = words.facts.reports.get(rule.word)
    recent = report.recent if report else ()
    pairs = zip(recent, recent[rule.more_than :], strict=False)
    return any(last - first <= rule.within for first, last in pairs)


@told.register
def _(rule: Moved, words: Words) -> Account:
    report, dates = words.facts.reports.get(rule.word), agreed(words.facts)
    moved = bool(report) or len(dates) > 1
    limits = f"more than {rule.more_than} times, or {lasting(rule.further)}, is too much"
    said = f"{rule.what(words.facts)}; {limits}" if moved else "it was never moved"
    far = bool(dates) and abs(dates[-1][1] - dates[0][1]) > rule.further
    often = max(len(dates) - 1, report.times if report else 0) > rule.more_than
    return Account((words.open(), Condition(moved and (far or often), said, SETTLED)), said)


@told.register
def _(rule: Missing, words: Words) -> Account:
    facts, lacking = words.facts, rule.missing(words.facts)
    papers = f"{rule.what(facts)} missing" if lacking else "every required document is there"
    promised = facts.promised_at
    reached = facts.reached(rule.after)
    begun = (
        f"promised {words.time(promised)}, looked at from {lasting(rule.ahead)} before"
        if promised
        else ""
    )
    if not promised and reached:
        begun = f"{words.name(rule.after)} {words.time(reached)} plus {lasting(rule.grace)}"
    never = f"nothing is promised, and {words.name(rule.after)} has not happened"
    timed = Condition(bool(begun), begun or never)
    settled = Condition(bool(lacking), papers, SETTLED)
    return Account((words.open(), settled, timed), f"{papers}; {begun}")


@told.register
def _(rule: Behind, words: Words) -> Account:
    overdue = next(iter(rule.overdue(words.facts)), None)
    said = "nothing that its journey expects is still to come"
    if overdue:
        at, name = overdue
        grace = f" plus {lasting(rule.grace)}" if rule.grace else ""
        said = f"{words.name(name)} expected {words.time(at - rule.grace)}{grace}"
    return Account((words.open(), Condition(overdue is not None, said, SETTLED)), said)


@told.register
def _(rule: Expired, words: Words) -> Account:
    ends = [at for _, at in rule.expiring(words.facts)] if words.facts.documents else []
    said = f"{rule.what(words.facts)}" if ends else "no document is known that expires"
    return Account((words.open(), Condition(bool(ends), said)), said)


@told.register
def _(rule: Inconsistent, words: Words) -> Account:
    facts = words.facts
    found = list(rule.differences(facts)) if facts.documents else []
    same = "no document says otherwise" if facts.documents else "no document is known"
    said = rule.what(facts) if found else same
    return Account((words.open(), Condition(bool(found), said, SETTLED)), said)


@told.register
def _(rule: Predicted, words: Words) -> Account:
    facts, adoption = words.facts, rule.adoption
    known = "nothing that was learned of this site's history is switched on; run a backtest"
    if adoption:
        by = f" by {adoption.by}" if adoption.by else ""
        known = f"learned {words.time(adoption.learned_at)}, adopted {words.time(adoption.at)}{by}"
    learned = Condition(adoption is not None, known)
    promised = Condition(facts.promised_at is not None, "no promise is known")
    found = rule.first(facts)
    least = "that the desk alerts from" if rule.least is None else f"of at least {rule.least} %"
    unlikely = f"no chance {least} of missing the promise, at any look since it was last heard of"
    likely = rule.foresight.words(found.look) if found and rule.foresight else unlikely
    enough = Condition(found is not None, likely, SETTLED)
    because = reason(facts, found.at, found.chance) if found else ""
    return Account((words.open(), promised, learned, enough), because)
