"""Text as HTML and back."""

from types import SimpleNamespace
from typing import Any

from connectors.markup import as_html, as_markdown, as_text
from connectors.platforms import msteams as teams
from exceptions_app.mirroring.hearing import bare


def test_nothing_in_a_text_is_markup():
    assert as_html("a <b> & c\nd") == "a &lt;b&gt; &amp; c<br>d"
    assert as_html("<<<", 1) == "&lt;"


def test_a_stranger_s_text_hides_no_link_and_calls_nobody():
    assert as_markdown("see [here](https://evil.example) *now*") == (
        r"see \[here\]\(https://evil.example) \*now\*"
    )
    assert as_markdown("@board, ask ana@acme.example") == "@\u200bboard, ask ana@acme.example"


def test_what_a_page_says_is_read():
    assert as_text("<p>The car &amp; keys</p><div>are <b>here</b>.</div>") == (
        "The car & keys\nare here."
    )


def test_what_looks_like_markup_without_end_is_read_at_once():
    """Whose patterns look for the end of each once more take hours for it."""
    assert as_text("<" * 900_000) == "<" * 900_000
    assert as_text("<br " * 200_000).startswith("<br <br")
    assert bare("<" * 900_000 + "x") == "x"
    config: Any = SimpleNamespace(people="")
    assert not list(teams.read({"text": "<at>" * 200_000}, config))
