"""What a figure shows, as text and as places."""

import unittest
from xml.etree import ElementTree

import plot
from plot import Figure, Line, Panel, Point

_SVG = "{http://www.w3.org/2000/svg}"


def _line(label: str, *values: float) -> Line:
    """At 10, 100, 1,000 and so on."""
    return Line(
        label,
        [Point(10.0 ** (at + 1), value, value - 1, value + 1) for at, value in enumerate(values)],
    )


def _figure(*lines: Line) -> Figure:
    return Figure("Cost & size", [Panel("CPU time (us)", "instances", lines)])


def _drawn(figure: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(plot.svg(figure))


def _texts(root: ElementTree.Element) -> dict[str, tuple[float, float]]:
    return {
        element.text or "": (float(element.attrib["x"]), float(element.attrib["y"]))
        for element in root.iter(f"{_SVG}text")
    }


def _path(root: ElementTree.Element, number: int = 0) -> list[tuple[float, float]]:
    line = list(root.iter(f"{_SVG}polyline"))[number]
    pairs = (place.split(",") for place in line.attrib["points"].split())
    return [(float(x), float(y)) for x, y in pairs]


class TicksTest(unittest.TestCase):
    """x_ticks() and y_ticks()."""

    def test_x_has_the_decades_of_a_wide_range(self) -> None:
        self.assertEqual(plot.x_ticks(500, 1_000_000), [1e3, 1e4, 1e5, 1e6])
        self.assertEqual(plot.x_ticks(10, 10_000), [10, 100, 1e3, 1e4])
        self.assertEqual(plot.x_ticks(500, 50_000), [1e3, 1e4])

    def test_x_has_more_of_a_narrow_one(self) -> None:
        self.assertEqual(plot.x_ticks(500, 10_000), [500, 1000, 2000, 5000, 10_000])
        self.assertEqual(plot.x_ticks(100, 100), [100])

    def test_y_goes_in_round_steps_from_nothing_to_above_the_highest(self) -> None:
        for high, ticks in (
            (8.4, [0, 2, 4, 6, 8, 10]),
            (100, [0, 25, 50, 75, 100, 125]),
            (0.9, [0, 0.2, 0.4, 0.6, 0.8, 1]),
            (0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ):
            with self.subTest(high):
                got = plot.y_ticks(high)
                self.assertEqual([round(tick, 9) for tick in got], ticks)

    def test_y_has_at_most_five_steps_whatever_the_range(self) -> None:
        for number in range(1, 2000):
            high = number * 0.37
            ticks = plot.y_ticks(high)
            self.assertLessEqual(len(ticks), 6, high)
            self.assertGreater(ticks[-1], high)


class SpreadApartTest(unittest.TestCase):
    """spread_apart()."""

    def test_leaves_those_alone_that_have_room(self) -> None:
        self.assertEqual(plot.spread_apart([50, 10], 15, 0, 100), [50, 10])

    def test_keeps_the_order_and_the_gap(self) -> None:
        self.assertEqual(plot.spread_apart([52, 50, 51], 15, 0, 100), [80, 50, 65])

    def test_stays_within_the_bounds(self) -> None:
        self.assertEqual(plot.spread_apart([99, 98], 15, 0, 100), [100, 85])
        self.assertEqual(plot.spread_apart([-5], 15, 0, 100), [0])


class FigureTest(unittest.TestCase):
    """svg()."""

    def test_is_the_same_text_each_time(self) -> None:
        figure = _figure(_line("UDP", 5, 6), _line("TCP", 7, 9))
        self.assertEqual(plot.svg(figure), plot.svg(figure))

    def test_says_what_it_is_to_those_who_cannot_see_it(self) -> None:
        root = _drawn(_figure(_line("UDP", 5, 6.25, 1234)))
        self.assertEqual(root.findtext(f"{_SVG}title"), "Cost & size")
        self.assertEqual(
            root.findtext(f"{_SVG}desc"),
            "CPU time (us) by instances. UDP: 5 at 10, 1,234 at 1,000.",
        )

    def test_x_is_logarithmic(self) -> None:
        (first, _), (second, _), (third, _) = _path(_drawn(_figure(_line("UDP", 5, 6, 7))))
        self.assertAlmostEqual(second - first, third - second, delta=0.11)

    def test_y_begins_at_nothing(self) -> None:
        root = _drawn(_figure(_line("UDP", 4, 8)))
        (_, four), (_, eight) = _path(root)
        zero = _texts(root)["0"][1] - 4  # a number's base line is a little below its tick
        self.assertAlmostEqual(zero - eight, 2 * (zero - four), delta=0.2)

    def test_a_bar_shows_where_the_rounds_were(self) -> None:
        root = _drawn(_figure(_line("UDP", 5, 6)))
        bars = [each for each in root.iter(f"{_SVG}line") if "bar" in each.attrib["class"]]
        self.assertEqual(len(bars), 2)
        steady = Line("UDP", [Point(10, 5, 5, 5)])
        self.assertNotIn('class="bar', plot.svg(_figure(steady)))

    def test_lines_are_labelled_at_their_ends_and_labels_keep_apart(self) -> None:
        root = _drawn(_figure(_line("UDP", 5, 6), _line("TCP", 5, 6.01), _line("DoT", 5, 5.99)))
        texts = _texts(root)
        heights = sorted(texts[label][1] for label in ("UDP", "TCP", "DoT"))
        self.assertGreaterEqual(heights[1] - heights[0], 14.9)
        self.assertGreaterEqual(heights[2] - heights[1], 14.9)
        end = _path(root)[-1][0]
        self.assertGreater(texts["UDP"][0], end)

    def test_the_only_line_of_a_panel_needs_no_label(self) -> None:
        self.assertNotIn("UDP", _texts(_drawn(_figure(_line("UDP", 5, 6)))))

    def test_no_number_is_cut_off_at_an_edge(self) -> None:
        root = _drawn(_figure(_line("UDP", *[2_000_000] * 5)))
        texts = _texts(root)
        self.assertGreater(texts["2,500,000"][0], 9 * 6)  # it ends there
        width = float(root.attrib["viewBox"].split()[2])
        self.assertLess(texts["100,000"][0], width - 3.5 * 6)  # its middle is there

    def test_panels_stand_side_by_side(self) -> None:
        panel = Panel("CPU time (us)", "instances", [_line("UDP", 5, 6)])
        root = _drawn(Figure("Two", [panel, panel]))
        end_of_first = _path(root, 0)[-1][0]
        self.assertGreater(_path(root, 1)[0][0], end_of_first)
        self.assertEqual(root.attrib["viewBox"].split()[2], "860")

    def test_a_single_point_can_be_drawn(self) -> None:
        self.assertEqual(len(_path(_drawn(_figure(_line("UDP", 5))))), 1)


if __name__ == "__main__":
    unittest.main()
