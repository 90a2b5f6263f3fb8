"""What people in chats are shown to press, and what they answer by text: a word or a digit, and a number."""

import html
import re
from collections.abc import Iterator

from connectors.hooks import Event, Json
from connectors.snapshot import Snapshot
from exceptions_app.vocabulary import Operation

BUTTONS = {"acknowledge": "Acknowledge", "claim": "Claim", "resolve": "Resolve"}
VERBS = dict.fromkeys(("1", "ack", "acknowledge", "acknowledged"), "acknowledge")
VERBS |= dict.fromkeys(("2", "claim", "mine", "take"), "claim")
VERBS |= dict.fromkeys(("3", "done", "resolve", "resolved", "fixed"), "resolve")
NUMBER = re.compile(r"\bEX-?(\d{1,12})\b", re.IGNORECASE)
AROUND = ".,:;!?()[]/\"'"
#: What a text message is made of when a segment holds 153 letters; with any other letter it is 67.
LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: With fewer letters of the text before it, a link is not worth its own.
WORTH_IT = 40
#: Signs of typographers, and what says the same on a telephone.
COMMON = {0xB7: "-", 0x2013: "-", 0x2014: "-", 0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}


def escaped(text: str, longest: int = 3900) -> str:
    """For Slack's markup and HTML; a cut, counted in UTF-16, is marked and leaves no half of a name."""
    whole = html.escape(text, quote=False)
    kept = whole.encode("utf-16-le")[: 2 * longest].decode("utf-16-le", "ignore")
    return whole if kept == whole else re.sub("&[a-z]*$", "", kept[:-1]) + "…"


def texted(case: Snapshot, *, link: bool = True) -> str:
    """Cut to what two segments of a text message hold, with what one may answer to the first whole.

    Letters are counted as they travel, in UTF-16. A link that leaves no room for the text is left out.
    """
    said, ending = f"{case.number} {case.text}", ""
    if case.operation == Operation.CREATE:
        hint = f"\nReply 1 {case.number} to acknowledge (2 claim, 3 done)"
        said, ending = case.heading, hint + (f"\n{case.url}" if link else "")
    said = said.translate(COMMON)
    wide = said.encode("utf-16-le")
    room = (306 if LETTERS.issuperset(said + ending) else 134) - len(ending)
    if len(wide) <= 2 * room:
        return said + ending
    cut = wide[: 2 * room - 6].decode("utf-16-le", errors="ignore")
    return f"{cut}...{ending}" if room >= WORTH_IT else texted(case, link=False)


def number_in(text: str) -> str:
    found = NUMBER.search(text)
    return f"EX-{found[1]}" if found else ""


def understood(
    text: str, *, number: str = "", external_id: str = "", author: str = "", by: str = ""
) -> Iterator[Event]:
    """``ACK EX-1042 on my way``: what to do, which case, and a comment. Without a case it is nothing.

    A word counts only alone or beside the number: "done by noon" is a comment. ``number`` or
    ``external_id`` is what this answers, if the platform says so; a number that is written down goes first.
    """
    words, number = text.split(), number_in(text) or number
    heads = [word.strip(AROUND).lower() for word in words[:2]]
    verb = next((VERBS[head] for head in heads if head in VERBS), "")
    alone = len(words) == 1 or any(NUMBER.fullmatch(head) for head in heads)
    verb, comment = (verb, " ".join(words[2:])) if verb and alone else ("", text.strip())
    if (number or external_id) and (verb or comment):
        about: Json = {"number": number} if number else {"external_id": external_id}
        yield Event(**about, verb=verb, comment=comment, author=author, by=by)
