"""What a person reads of a page."""

import re
from html import unescape


def text(shown):
    """The words of an answer, or of a piece of HTML."""
    html = shown if isinstance(shown, str) else shown.content.decode()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))
