"""The reliability diagram: well-formed, and its points where the figures are."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from mpi.evaluate import Bin, Calibration
from mpi.report.reliability import draw_reliability
from mpi.report.svg import Drawing

SVG = "{http://www.w3.org/2000/svg}"


def calibration(*bins: Bin) -> Calibration:
    return Calibration(sum(b.pairs for b in bins), 0, 0, 0.01, 0.02, bins)


def test_points_on_the_diagonal_and_off_it() -> None:
    right = Bin(0.5, 0.6, 100, 0.5, 0.5, (0.4, 0.6))
    boast = Bin(0.9, 0.95, 10, 0.9, 0.5, (0.2, 0.8))
    tree = ElementTree.fromstring(draw_reliability(calibration(right, boast)))
    one, two = tree.findall(f"{SVG}circle")
    diagonal = next(line for line in tree.findall(f"{SVG}line") if line.get("stroke-dasharray"))
    x1, y1, x2, y2 = (float(diagonal.attrib[n]) for n in ("x1", "y1", "x2", "y2"))

    def height(x: float) -> float:
        return y1 + (y2 - y1) * (x - x1) / (x2 - x1)

    assert float(one.attrib["cy"]) == pytest.approx(height(float(one.attrib["cx"])), abs=0.1)
    assert float(two.attrib["cy"]) > height(float(two.attrib["cx"])) + 50
    assert float(two.attrib["cy"]) == float(one.attrib["cy"])
    assert "10 pairs, stated 0.900, true 0.500" in (two.findtext(f"{SVG}title") or "")


def test_certainty_stays_in_the_frame() -> None:
    text = draw_reliability(calibration(Bin(0.9999, 1.0, 7, 1.0, 1.0, (0.65, 1.0))))
    tree = ElementTree.fromstring(text)
    width, height = float(tree.attrib["width"]), float(tree.attrib["height"])
    for dot in tree.findall(f"{SVG}circle"):
        assert 0 < float(dot.attrib["cx"]) < width and 0 < float(dot.attrib["cy"]) < height
    assert text == draw_reliability(calibration(Bin(0.9999, 1.0, 7, 1.0, 1.0, (0.65, 1.0))))


def test_nothing_to_draw_is_an_empty_frame() -> None:
    tree = ElementTree.fromstring(draw_reliability(calibration()))
    assert tree.findall(f"{SVG}circle") == []


def test_values_cannot_break_out_of_the_drawing() -> None:
    drawing = Drawing(10, 10, "<b>&\x1b", 'a"b')
    drawing.words(1, 2, "</text><script>\u202e'\"")
    drawing.dot(1, 1, 1, colour="red", words="</title>")
    tree = ElementTree.fromstring(drawing.text())
    assert tree.findtext(f"{SVG}text") == "</text><script>\\u202e'\""
    assert tree.find(f".//{SVG}script") is None
