"""Plain text as HTML and back, for platforms whose comments are small web pages."""

import re
from html import escape, unescape


def as_html(text: str, longest: int = 20_000) -> str:
    """Nothing in it is markup; ``longest`` counts characters before they are escaped."""
    return escape(text[:longest]).replace("\n", "<br>")


def as_text(html: object) -> str:
    """What one reads there: paragraphs as lines, no markup."""
    lines = re.sub(r"<(br|/p|/div|/li)\b[^<>]*>", "\n", str(html))
    return unescape(re.sub(r"<[^<>]+>", "", lines)).strip()
