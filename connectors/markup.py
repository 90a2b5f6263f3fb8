"""Plain text as HTML and back, for platforms whose comments are small web pages."""

import re
from html import escape, unescape

#: Before what Markdown reads as emphasis, lists, and links, which could hide where they lead.
MARKUP = re.compile(r"(^ *\d+(?=[.)]\s)|^ *(?=[-+]\s)|(?=[\\`*_\[\]])|(?<=\])(?=\())", re.MULTILINE)
CALLED = re.compile(r"(?<!\w)@(?=\w)")


def as_html(text: str, longest: int = 20_000) -> str:
    """Nothing in it is markup; ``longest`` counts characters before they are escaped."""
    return escape(text[:longest]).replace("\n", "<br>")


def as_markdown(text: str) -> str:
    """No emphasis, list or link is in it, and it calls nobody by an @."""
    return CALLED.sub("@\u200b", MARKUP.sub(r"\1\\", text))


def as_text(html: object) -> str:
    """What one reads there: paragraphs as lines, no markup."""
    lines = re.sub(r"<(br|/p|/div|/li)\b[^<>]*>", "\n", str(html))
    return unescape(re.sub(r"<[^<>]+>", "", lines)).strip()
