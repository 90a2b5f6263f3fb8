"""Small charts as SVG: no script, no inline style, colours by class, so that light, dark and print all work.

The picture is one image with a title and a description. Over it lie the doors, for the pointer only; the
table beside every chart has the same numbers and doors for the keyboard and for screen readers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 480, 208
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 28
GROUND = HEIGHT - BOTTOM
MOST_LABELS = 6
#: How much of the room of a label its bars take.
FILLED = 0.72
#: Shapes and dashes tell series apart where colours do not.
MARKS = ("round", "square", "diamond")


@dataclass(frozen=True, slots=True)
class Point:
    """One value, how it reads, and the address of what is behind it."""

    value: float | None
    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """The upright axis: always from nought, up to ``top``."""

    top: float
    ticks: tuple[tuple[float, str], ...]

    def y(self, value: float) -> float:
        return round(GROUND - (GROUND - TOP) * min(value / self.top, 1), 1)


@dataclass(frozen=True)
class Chart:
    """What is drawn: one label per place along the ground, and each series' point there."""

    slug: str
    title: str
    description: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    scale: Scale
    bars: bool = False
    #: Whether the last place is a time that is not over yet.
    running: bool = False

    @property
    def room(self) -> float:
        return (WIDTH - LEFT - RIGHT) / len(self.labels)

    def x(self, place: int) -> float:
        """The middle of a label's room."""
        return round(LEFT + self.room * (place + 0.5), 1)

    @property
    def tells(self) -> bool:
        """Whether there is anything to see: a bar of some height, or a point of a line at any."""
        values = [point.value for one in self.series for point in one.points]
        return any(values) if self.bars else any(value is not None for value in values)

    @property
    def rows(self) -> Iterator[tuple[str, list[Point]]]:
        """The same as a table."""
        for place, label in enumerate(self.labels):
            yield label, [series.points[place] for series in self.series]

    @property
    def legend(self) -> Iterator[tuple[str, SafeString]]:
        for number, series in enumerate(self.series):
            yield series.name, swatch(number, bars=self.bars)


def percent_scale() -> Scale:
    return Scale(1.0, tuple((n / 4, f"{n * 25} %") for n in range(5)))


def count_scale(highest: float) -> Scale:
    """Whole numbers in round steps."""
    step = max(1, round_step(highest / 4))
    steps = max(1, ceil(highest / step))
    return Scale(step * steps, tuple((step * n, f"{step * n:,}") for n in range(steps + 1)))


def round_step(rough: float) -> int:
    """The next 1, 2 or 5 times a power of ten."""
    if rough <= 1:
        return 1
    power = 10 ** int(log10(rough))
    return int(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough))


#: Seconds, and how many of which unit that is.
DURATIONS = (
    (60, 1, "min"), (300, 5, "min"), (600, 10, "min"), (900, 15, "min"), (1800, 30, "min"),
    (3600, 1, "h"), (7200, 2, "h"), (14400, 4, "h"), (21600, 6, "h"), (43200, 12, "h"),
    (86400, 1, "d"), (172800, 2, "d"), (432000, 5, "d"), (864000, 10, "d"), (2592000, 30, "d"),
    (8640000, 100, "d"), (31536000, 365, "d"),
)  # fmt: skip


def duration_scale(longest: float) -> Scale:
    """Lengths in seconds, in steps a person says."""
    step, number, unit = next((one for one in DURATIONS if one[0] * 4 >= longest), DURATIONS[-1])
    steps = max(1, ceil(longest / step))
    return Scale(
        step * steps,
        tuple((step * n, f"{number * n} {unit}" if n else "0") for n in range(steps + 1)),
    )


def svg(chart: Chart) -> SafeString:
    """The whole picture."""
    return format_html(
        '<svg class="chart" viewBox="0 0 {w} {h}"><g role="img" aria-labelledby="{s}-title {s}-desc">'
        '<title id="{s}-title">{title}</title><desc id="{s}-desc">{desc}</desc>{axis}{shapes}</g>'
        '<g aria-hidden="true">{doors}</g></svg>',
        w=WIDTH,
        h=HEIGHT,
        s=chart.slug,
        title=chart.title,
        desc=chart.description,
        axis=axis(chart),
        shapes=bars(chart) if chart.bars else lines(chart),
        doors=doors(chart),
    )


def axis(chart: Chart) -> SafeString:
    across = format_html_join(
        "",
        '<line class="chart__grid" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>'
        '<text class="chart__tick" x="{3}" y="{4}">{5}</text>',
        (
            (LEFT, WIDTH - RIGHT, y, LEFT - 8, y + 4, label)
            for y, label in ((chart.scale.y(value), label) for value, label in chart.scale.ticks)
        ),
    )
    every = ceil(len(chart.labels) / MOST_LABELS)
    along = format_html_join(
        "",
        '<text class="chart__label" x="{}" y="{}">{}</text>',
        (
            (chart.x(place), HEIGHT - 8, label)
            for place, label in enumerate(chart.labels)
            if place % every == 0
        ),
    )
    return format_html("{}{}{}", unfinished(chart), across, along)


def unfinished(chart: Chart) -> SafeString:
    """The ground of a time that is not over yet, so that its height is not read as an end."""
    if not chart.running:
        return SafeString("")
    left = round(WIDTH - RIGHT - chart.room, 1)
    shape = '<rect class="chart__running" x="{}" y="{}" width="{}" height="{}"/>'
    return format_html(shape, left, TOP, round(chart.room, 1), GROUND - TOP)


def lines(chart: Chart) -> SafeString:
    """A line per series; where a value is missing it breaks, and is not made up."""
    return format_html_join(
        "",
        '<g class="chart__series chart__series--{}">{}{}</g>',
        (
            (
                number,
                format_html_join("", '<polyline points="{}"/>', strokes(chart, series)),
                format_html_join("", "{}", marks(chart, series, number)),
            )
            for number, series in enumerate(chart.series)
        ),
    )


def strokes(chart: Chart, series: Series) -> Iterator[tuple[str]]:
    """Each unbroken stretch as the points of a polyline."""
    stretch: list[str] = []
    for place, point in enumerate((*series.points, Point(None, ""))):
        if point.value is not None:
            stretch.append(f"{chart.x(place)},{chart.scale.y(point.value)}")
            continue
        if len(stretch) > 1:
            yield (" ".join(stretch),)
        stretch = []


def marks(chart: Chart, series: Series, number: int) -> Iterator[tuple[SafeString]]:
    for place, point in enumerate(series.points):
        if point.value is not None:
            yield (mark(number, chart.x(place), chart.scale.y(point.value)),)


def mark(number: int, x: float, y: float) -> SafeString:
    kind = MARKS[number % len(MARKS)]
    if kind == "round":
        return format_html('<circle cx="{}" cy="{}" r="3.5"/>', x, y)
    turn = format_html(' transform="rotate(45 {} {})"', x, y) if kind == "diamond" else ""
    return format_html('<rect x="{}" y="{}" width="6" height="6"{}/>', x - 3, y - 3, turn)


def bars(chart: Chart) -> SafeString:
    return format_html_join(
        "",
        '<rect class="chart__bar chart__bar--{}" x="{}" y="{}" width="{}" height="{}"/>',
        (
            (number, left, chart.scale.y(point.value), width, GROUND - chart.scale.y(point.value))
            for number, point, left, width in placed(chart)
            if point.value
        ),
    )


def placed(chart: Chart) -> Iterator[tuple[int, Point, float, float]]:
    """Each bar's series, point, left edge and width."""
    width = round(chart.room * FILLED / len(chart.series), 1)
    for number, series in enumerate(chart.series):
        for place, point in enumerate(series.points):
            left = chart.x(place) - width * len(chart.series) / 2 + width * number
            yield number, point, round(left, 1), round(max(width - 1, 1), 1)


def doors(chart: Chart) -> SafeString:
    """What a pointer can press: a bar's whole height, or the surroundings of a mark."""
    spots: list[tuple[Point, float, float, float, float]]
    if chart.bars:
        spots = [(point, left, TOP, width, GROUND - TOP) for _, point, left, width in placed(chart)]
    else:
        spots = [
            (point, chart.x(place) - 9, chart.scale.y(point.value) - 9, 18, 18)
            for series in chart.series
            for place, point in enumerate(series.points)
            if point.value is not None
        ]
    return format_html_join(
        "",
        '<a href="{}" tabindex="-1"><title>{}</title>'
        '<rect class="chart__door" x="{}" y="{}" width="{}" height="{}"/></a>',
        ((point.url, point.words, *spot) for point, *spot in spots if point.url),
    )


def swatch(number: int, *, bars: bool) -> SafeString:
    """The mark of a series, for the legend."""
    if bars:
        return format_html(
            '<svg class="chart__swatch" viewBox="0 0 24 12" width="24" height="12" aria-hidden="true">'
            '<rect class="chart__bar chart__bar--{}" x="6" y="0" width="12" height="12"/></svg>',
            number,
        )
    return format_html(
        '<svg class="chart__swatch" viewBox="0 0 24 12" width="24" height="12" aria-hidden="true">'
        '<g class="chart__series chart__series--{}"><polyline points="0,6 24,6"/>{}</g></svg>',
        number,
        mark(number, 12, 6),
    )


def highest(series: Sequence[Series]) -> float:
    return max((point.value or 0 for one in series for point in one.points), default=0)
