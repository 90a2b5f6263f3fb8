"""What people in chats are shown to press, and what they answer by text: a word or a digit, and a number."""

import html
import re
from collections.abc import Iterator

from connectors.hooks import Event

BUTTONS = {"acknowledge": "Acknowledge", "claim": "Claim", "resolve": "Resolve"}
VERBS = dict.fromkeys(("1", "ack", "acknowledge", "acknowledged"), "acknowledge")
VERBS |= dict.fromkeys(("2", "claim", "mine", "take"), "claim")
VERBS |= dict.fromkeys(("3", "done", "resolve", "resolved", "fixed"), "resolve")
NUMBER = re.compile(r"\bEX-?(\d{1,12})\b", re.IGNORECASE)
AROUND = ".,:;!?()[]\"'"


def escaped(text: str, longest: int = 2000) -> str:
    """For Slack's markup and HTML, and cut so that no half of a character's name is left."""
    return re.sub("&[a-z]*$", "", html.escape(text, quote=False)[:longest])


def understood(text: str, *, external_id: str = "", author: str = "") -> Iterator[Event]:
    """``ACK EX-1042 on my way``: what to do, which case, and a comment. Without a case it is nothing.

    A word counts only alone or beside the number: "done by noon" is a comment. ``external_id`` is the
    record that this answers, if the platform says so; a number that is written down goes first.
    """
    words, found = text.split(), NUMBER.search(text)
    heads = [word.strip(AROUND).lower() for word in words[:2]]
    verb = next((VERBS[head] for head in heads if head in VERBS), "")
    comment, number = text.strip(), f"EX-{found[1]}" if found else ""
    if verb and (len(words) == 1 or any(NUMBER.fullmatch(head) for head in heads)):
        comment = " ".join(words[2:])
    else:
        verb = ""
    if (number or external_id) and (verb or comment):
        record = "" if number else external_id
        yield Event(external_id=record, number=number, verb=verb, comment=comment, author=author)
