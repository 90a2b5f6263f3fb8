"""Text as HTML and back."""

from connectors.markup import as_html, as_text


def test_nothing_in_a_text_is_markup():
    assert as_html("a <b> & c\nd") == "a &lt;b&gt; &amp; c<br>d"
    assert as_html("<<<", 1) == "&lt;"


def test_what_a_page_says_is_read():
    assert as_text("<p>The car &amp; keys</p><div>are <b>here</b>.</div>") == (
        "The car & keys\nare here."
    )
