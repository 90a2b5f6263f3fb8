"""What people answer by text, and what fits into a text message."""

from dataclasses import replace

import pytest

from connectors.describing import sample
from connectors.kit import Event, Operation, escaped, texted, understood


@pytest.mark.parametrize(
    ("text", "verb", "number", "comment"),
    [
        ("1 EX-1042", "acknowledge", "EX-1042", ""),
        ("ack ex1042, on my way", "acknowledge", "EX-1042", "on my way"),
        ("EX-1042: done", "resolve", "EX-1042", ""),
        ("2 EX-7", "claim", "EX-7", ""),
        ("2 more trucks for EX-7", "", "EX-7", "2 more trucks for EX-7"),
        ("done by noon, EX-7", "", "EX-7", "done by noon, EX-7"),
    ],
)
def test_what_people_answer_is_understood(text, verb, number, comment):
    assert list(understood(text)) == [Event(number=number, verb=verb, comment=comment)]


@pytest.mark.parametrize("text", ["", "1", "hello", "3 pallets", "EX-"])
def test_without_a_case_it_is_nothing(text):
    assert list(understood(text)) == []


def test_a_word_alone_is_about_what_it_answers():
    assert list(understood("Done!", external_id="r1")) == [Event(external_id="r1", verb="resolve")]
    assert list(understood("3", number="EX-2")) == [Event(number="EX-2", verb="resolve")]
    assert list(understood("1 EX-9", external_id="r1")) == [
        Event(number="EX-9", verb="acknowledge")
    ]


def sent_as(text):
    """What a telephone counts: two bytes are one letter, and an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("letter", "longest"), [("a", 306), ("ä", 306), ("ж", 134), ("\N{GRINNING FACE}", 133)]
)
def test_a_text_message_has_two_segments_at_most(letter, longest):
    first = replace(sample(Operation.CREATE, ""), headline="Late \u2013 here")
    hint = "\nReply 1 EX-1042 to acknowledge (2 claim, 3 done)"

    assert texted(first, link=False) == f"EX-1042 Late - here{hint}"
    assert texted(first).endswith(f"{hint}\n{first.url}")
    much = texted(replace(first, headline=letter * 500))
    assert sent_as(much) == longest
    assert much.endswith(f"...{hint}\n{first.url}")
    assert texted(replace(sample(Operation.UPDATE, "1"), text="Here")) == "EX-1042 Here"


def test_a_link_that_leaves_no_room_for_the_text_is_left_out():
    first = replace(sample(Operation.CREATE, ""), url=f"https://desk.example/{'a' * 50}")
    long = texted(replace(first, headline="ж" * 500))

    assert texted(replace(first, headline="ж")).endswith(first.url)
    assert long.startswith(f"EX-1042 {'ж' * 60}")
    assert long.endswith("3 done)")
    assert sent_as(long) == 134


def test_what_is_escaped_is_not_cut_within_a_name():
    assert escaped("ab&c", 6) == "ab…"
    assert escaped("abcdef", 6) == "abcdef"
    assert escaped("<@here> & co") == "&lt;@here&gt; &amp; co"


def test_a_cut_shows_and_is_counted_as_telegram_counts():
    much = escaped("A" * 3890 + " do not deliver, brakes fail")

    assert (len(much), much[-1]) == (3900, "…")
    assert escaped("\N{LARGE RED CIRCLE}" * 6, 5) == "\N{LARGE RED CIRCLE}…"
    assert escaped("A" * 3900) == "A" * 3900


def test_a_message_shows_how_it_stands_in_the_time_of_the_site():
    case = replace(sample(Operation.UPDATE, "1"), time_zone="Europe/Berlin", assignee="")

    assert case.standing == "high: Delivery of Golf GTI is late (Northside) · acknowledged"
    assert case.facts["Due"] == "Sat 21 Nov 2026 16:05 CET"
    assert "Assignee" not in case.facts
