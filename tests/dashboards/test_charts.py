"""Small charts: honest scales, lines that break where nothing is known, nothing a page must not carry."""

import itertools
import re
from xml.etree import ElementTree

import pytest

from dashboards.charts import (
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Chart,
    Point,
    Series,
    count_scale,
    duration_scale,
    percent_scale,
    svg,
)

WEEKS = ("28 Sep", "5 Oct", "12 Oct")


def chart(*values, bars=False, scale=None, **given):
    series = tuple(
        Series(f"Series {n}", tuple(Point(v, f"{v}", f"/board/?n={n}") for v in row))
        for n, row in enumerate(values)
    )
    fields = {"slug": "c", "title": "Targets met", "description": "Per week", "labels": WEEKS}
    return Chart(**fields | given, series=series, scale=scale or percent_scale(), bars=bars)


def drawn(one):
    return ElementTree.fromstring(svg(one))  # noqa: S314 - our own text


def test_a_picture_has_a_title_and_a_description_for_those_who_do_not_see_it():
    picture = drawn(chart((0.5, 0.7, 0.9)))

    image = next(one for one in picture.iter() if one.get("role") == "img")
    named = {one.get("id"): one.text for one in picture.iter() if one.get("id")}
    assert [named[name] for name in image.get("aria-labelledby").split()] == [
        "Targets met",
        "Per week",
    ]


def test_a_picture_carries_no_style_and_no_script():
    text = svg(chart((0.5, None, 0.9), title="<script>alert(1)</script>"))

    assert "style=" not in text
    assert "<script" not in text
    assert not re.search(r'\son\w+="', text)


def test_a_line_breaks_where_a_week_has_no_value():
    strokes = list(drawn(chart((0.5, 0.6, None))).iter("polyline"))
    alone = list(drawn(chart((0.5, None, 0.9))).iter("polyline"))

    assert [len(one.get("points").split()) for one in strokes] == [2]
    assert alone == []


def test_every_known_value_has_a_mark_and_a_door():
    one = chart((0.5, None, 0.9), (0.1, 0.2, 0.3))

    doors = list(drawn(one).iter("a"))

    assert len(doors) == 5
    assert {a.get("tabindex") for a in doors} == {"-1"}
    assert all(a.get("href").startswith("/board/?n=") for a in doors)


def test_bars_stand_on_nought_and_side_by_side():
    one = chart((4, 2, 0), (1, 8, 0), bars=True, scale=count_scale(8))

    bars = [r for r in drawn(one).iter("rect") if "chart__bar" in r.get("class", "")]

    assert len(bars) == 4
    feet = {float(bar.get("y")) + float(bar.get("height")) for bar in bars}
    assert len(feet) == 1
    edges = sorted((float(b.get("x")), float(b.get("x")) + float(b.get("width"))) for b in bars)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(edges))
    tall = {b.get("height"): b for b in bars}
    assert max(map(float, tall)) == 2 * sorted(map(float, tall))[-2]


def test_a_long_period_names_only_some_of_its_weeks():
    labels = tuple(f"week {n}" for n in range(53))
    values = tuple(0.5 for _ in labels)
    one = chart(values, labels=labels)

    written = [t for t in drawn(one).iter("text") if t.get("class") == "chart__label"]

    assert 4 <= len(written) <= 6
    assert all(LEFT < float(t.get("x")) < WIDTH - RIGHT for t in written)


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, ["0", "1"]),
        (1, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (66, ["0", "20", "40", "60", "80"]),
        (4200, ["0", "2,000", "4,000", "6,000"]),
    ],
)
def test_counts_go_up_in_whole_round_steps(highest, ticks):
    scale = count_scale(highest)

    assert [label for _, label in scale.ticks] == ticks
    assert scale.top >= highest


@pytest.mark.parametrize(
    ("seconds", "ticks"),
    [
        (0, ["0", "1 min"]),
        (200, ["0", "1 min", "2 min", "3 min", "4 min"]),
        (5400, ["0", "30 min", "60 min", "90 min"]),
        (100_000, ["0", "12 h", "24 h", "36 h"]),
        (900_000, ["0", "5 d", "10 d", "15 d"]),
    ],
)
def test_lengths_go_up_in_steps_a_person_says(seconds, ticks):
    scale = duration_scale(seconds)

    assert [label for _, label in scale.ticks] == ticks
    assert scale.top >= seconds


def test_shares_are_drawn_from_nought_to_a_hundred_whatever_they_are():
    scale = percent_scale()

    assert [label for _, label in scale.ticks] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    assert 0 < scale.y(1) < scale.y(0.5) < scale.y(0) < HEIGHT


def test_a_chart_knows_whether_it_tells_anything():
    assert chart((0.0, 0.0, 0.0)).tells
    assert not chart((None, None, None)).tells
    assert not chart((0, 0, 0), bars=True).tells


def test_the_same_numbers_stand_in_rows():
    rows = list(chart((0.5, None, 0.9), (0.1, 0.2, 0.3)).rows)

    assert [label for label, _ in rows] == list(WEEKS)
    assert [point.value for point in rows[1][1]] == [None, 0.2]
