"""Line plots as SVG: figures of one or two panels, with a logarithmic x axis and y from 0.

The same figure is always the same text. It has a background of its own, and colours that follow the
reader's choice of light or dark, so that it can be read on any page.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Point:
    """A value at x > 0. A bar goes from `low` to `high`: where half of the rounds were."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """Its label is written beside its last point, unless the panel has no other line."""

    label: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Panel:
    """One pair of axes; the titles give the units. At most three lines, of a point at least."""

    y_title: str
    x_title: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Figure:
    """Panels side by side below a title."""

    title: str
    panels: Sequence[Panel]


# All in pixels.
_PANEL_WIDTH = 430
_PLOT_HEIGHT = 190
_EDGE = 16
_TICK_GAP = 6
_TOP = 62  # of the axes: the figure's title and the y axis' title are above
_BOTTOM = 46
_LABEL_GAP = 8
_LINE_HEIGHT = 15
_CHARACTER_WIDTH = 7.0  # at the size of the labels, and rather too much than too little

_MOST_Y_STEPS = 5
_ROOM_ABOVE = 1.05
# A panel of fewer decades has labels at 2 and 5 times them, too.
_FEW_DECADES = 1.5

_STYLE = """\
svg { color: #1f2328; font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
text { fill: currentColor }
.back { fill: #ffffff }
.title { font-size: 14px; font-weight: 600 }
.grid { stroke: currentColor; stroke-opacity: .15 }
.axis { stroke: currentColor; stroke-opacity: .6 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.bar { stroke-width: 1; stroke-opacity: .55 }
.a { color: #0969da }
.b { color: #bc4c00 }
.c { color: #1a7f37 }
.a, .b, .c { stroke: currentColor }
circle { fill: currentColor }
text.a, text.b, text.c { stroke: none }
@media (prefers-color-scheme: dark) {
svg { color: #e6edf3 }
.back { fill: #0d1117 }
.a { color: #58a6ff }
.b { color: #f0883e }
.c { color: #3fb950 }
}"""
_COLOURS = ("a", "b", "c")


def svg(figure: Figure) -> str:
    """The figure as a document."""
    width = _PANEL_WIDTH * len(figure.panels)
    height = _TOP + _PLOT_HEIGHT + _BOTTOM
    panels = [_Panel(panel, _PANEL_WIDTH * at) for at, panel in enumerate(figure.panels)]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(figure.title)}</title>',
        f'<desc id="description">{escape(" ".join(map(_description, figure.panels)))}</desc>',
        f"<style>\n{_STYLE}\n</style>",
        f'<rect class="back" width="{width}" height="{height}"/>',
        _text(_EDGE, 24, figure.title, "title", anchor="start"),
        *itertools.chain.from_iterable(panel.elements() for panel in panels),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def x_ticks(low: float, high: float) -> list[float]:
    """The powers of ten within the range, and where these are few, 2 and 5 times them as well."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    many = math.log10(high / low) > _FEW_DECADES
    multiples = (1,) if many else (1, 2, 5)
    ticks = [float(multiple * 10**exponent) for exponent in exponents for multiple in multiples]
    return [tick for tick in ticks if low <= tick <= high]


def y_ticks(high: float) -> list[float]:
    """From 0 in at most five round steps, the last of which is above `high`, a little."""
    most = high * _ROOM_ABOVE if high > 0 else 1.0
    magnitude = 10.0 ** math.floor(math.log10(most / _MOST_Y_STEPS))
    step = next(
        multiple * magnitude
        for multiple in (1, 2, 2.5, 5, 10, 20)
        if multiple * magnitude * _MOST_Y_STEPS >= most
    )
    return [step * number for number in range(math.ceil(most / step) + 1)]


def spread_apart(wanted: Sequence[float], gap: float, lowest: float, highest: float) -> list[float]:
    """Places near the wanted ones, in their order, at least `gap` apart and within the bounds.

    The first bound gives way where there is no room for all.
    """
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    places = [0.0] * len(wanted)
    free_from = lowest
    for at in order:
        places[at] = max(wanted[at], free_from)
        free_from = places[at] + gap
    free_to = highest
    for at in reversed(order):
        places[at] = min(places[at], free_to)
        free_to = places[at] - gap
    return places


class _Panel:
    """One panel, drawn from `left` on."""

    def __init__(self, panel: Panel, left: float):
        self._panel = panel
        points = [point for line in panel.lines for point in line.points]
        self._low_x = min(point.x for point in points)
        self._high_x = max(point.x for point in points)
        self._y_ticks = y_ticks(max(point.high for point in points))
        self._edge = left + _EDGE
        self._left = self._edge + max(map(_width, map(_number, self._y_ticks))) + _TICK_GAP
        self._right = left + _PANEL_WIDTH - _EDGE - self._right_of_axes()
        self._bottom = _TOP + _PLOT_HEIGHT

    def elements(self) -> Iterator[str]:
        """All that is drawn of it."""
        yield from self._axes()
        for line, colour in zip(self._panel.lines, _COLOURS, strict=False):
            yield from self._line(line, colour)
        yield from self._labels()

    def _axes(self) -> Iterator[str]:
        for tick in self._y_ticks:
            y = self._y(tick)
            kind = "axis" if tick == 0 else "grid"
            yield _segment(self._left, y, self._right, y, kind)
            yield _text(self._left - _TICK_GAP, y + 4, _number(tick), anchor="end")
        for tick in x_ticks(self._low_x, self._high_x):
            x = self._x(tick)
            yield _segment(x, self._bottom, x, self._bottom + 4, "axis")
            yield _text(x, self._bottom + 17, _number(tick))
        yield _text(self._edge, _TOP - 14, self._panel.y_title, anchor="start")
        middle = (self._left + self._right) / 2
        yield _text(middle, self._bottom + 36, self._panel.x_title)

    def _line(self, line: Line, colour: str) -> Iterator[str]:
        for point in line.points:
            x = self._x(point.x)
            if point.high > point.low:
                yield _segment(x, self._y(point.low), x, self._y(point.high), f"bar {colour}")
        places = [(self._x(point.x), self._y(point.y)) for point in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline class="line {colour}" points="{path}"/>'
        for x, y in places:
            yield f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>'

    def _labels(self) -> Iterator[str]:
        if len(self._panel.lines) < 2:
            return
        wanted = [self._y(line.points[-1].y) for line in self._panel.lines]
        places = spread_apart(wanted, _LINE_HEIGHT, _TOP, self._bottom)
        for line, colour, y in zip(self._panel.lines, _COLOURS, places, strict=False):
            yield _text(self._right + _LABEL_GAP, y + 4, line.label, colour, anchor="start")

    def _right_of_axes(self) -> float:
        """The room that the lines' labels need there, or half of the last number below the axis."""
        if len(self._panel.lines) < 2:
            return _width(_number(self._high_x)) / 2
        return _LABEL_GAP + max(_width(line.label) for line in self._panel.lines)

    def _x(self, value: float) -> float:
        if self._high_x == self._low_x:
            return (self._left + self._right) / 2
        share = math.log(value / self._low_x) / math.log(self._high_x / self._low_x)
        return self._left + share * (self._right - self._left)

    def _y(self, value: float) -> float:
        return self._bottom - value / self._y_ticks[-1] * _PLOT_HEIGHT


def _description(panel: Panel) -> str:
    """For who cannot see it: where each line begins and ends."""
    ways = []
    for line in panel.lines:
        first, last = line.points[0], line.points[-1]
        ways.append(
            f"{line.label}: {_figures(first.y)} at {_number(first.x)}, "
            f"{_figures(last.y)} at {_number(last.x)}"
        )
    return f"{panel.y_title} by {panel.x_title}. {'; '.join(ways)}."


def _segment(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "middle") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _width(text: str) -> float:
    return len(text) * _CHARACTER_WIDTH


def _number(value: float) -> str:
    """As short as it can be: 0, 2.5, 10,000."""
    return f"{value:,.10g}"


def _figures(value: float) -> str:
    """Rounded to three figures, or to a whole number."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
