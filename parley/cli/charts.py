"""A bar chart of shares as an SVG file: readable aloud, in light and in dark, without a library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

WIDTH, LEFT, RIGHT = 780, 150, 150
TOP, BAR, GAP, BETWEEN = 84, 18, 4, 22
STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 18px; font-weight: 600; }
.faint { fill: #59636e; font-size: 12px; }
.grid { stroke: #d1d9e0; }
.bar0 { fill: #0f62ac; }
.bar1 { fill: #b35309; }
.range { stroke: #1f2328; }
.paper { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .faint { fill: #9198a1; }
  .grid { stroke: #3d444d; }
  .bar0 { fill: #58a6ff; }
  .bar1 { fill: #f0963c; }
  .range { stroke: #f0f6fc; }
  .paper { fill: #0d1117; }
}
"""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 0 to 1, with its 95 % confidence interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, part: int, whole: int) -> Share:
        """With Wilson's score interval (1927), which holds for few showings too; of none, nothing is known."""
        if not whole:
            return cls(0.0, 0.0, 1.0)
        z = 1.959964
        share, scale = part / whole, 1 + z * z / whole
        middle = (share + z * z / (2 * whole)) / scale
        reach = z / scale * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
        return cls(share, max(middle - reach, 0.0), min(middle + reach, 1.0))

    @property
    def text(self) -> str:
        """As people read it: 12.0% (8.1–17.3)."""
        return f"{self.value:.1%} ({self.low * 100:.1f}–{self.high * 100:.1f})"


def bar_chart(
    title: str, note: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[Share]]]
) -> str:
    """SVG text with one group of bars a row, a bar for each of ``series`` (two at most)."""
    height = TOP + len(rows) * (len(series) * (BAR + GAP) + BETWEEN) + 34
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "width": str(WIDTH),
            "height": str(height),
            "role": "img",
            "aria-labelledby": "title description",
        },
    )
    ET.SubElement(root, "title", id="title").text = title
    told = [
        f"{label}: " + ", ".join(f"{name} {share.text}" for name, share in zip(series, shares, strict=True))
        for label, shares in rows
    ]
    ET.SubElement(root, "desc", id="description").text = f"{note}. {'; '.join(told)}."
    ET.SubElement(root, "style").text = STYLE
    ET.SubElement(root, "rect", {"class": "paper", "width": "100%", "height": "100%"})
    _text(root, 16, 30, title, "title")
    _text(root, 16, 50, note, "faint")
    for number, name in enumerate(series):
        _rect(root, 16 + number * 140, 61, 12, 12, f"bar{number}")
        _text(root, 34 + number * 140, 72, name)
    step, most = _scale([share.high for _, shares in rows for share in shares])
    _grid(root, step, most, height)
    y = TOP + 10
    for label, shares in rows:
        _text(root, LEFT - 10, y + len(shares) * (BAR + GAP) / 2 + 3, label, anchor="end")
        for number, share in enumerate(shares):
            _bar(root, y, share, most, number)
            y += BAR + GAP
        y += BETWEEN
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _bar(root: ET.Element, y: float, share: Share, most: float, number: int) -> None:
    _rect(root, LEFT, y, _x(share.value, most) - LEFT, BAR, f"bar{number}")
    low, high, middle = _x(share.low, most), _x(share.high, most), y + BAR / 2
    path = f"M{low:.1f},{middle:.1f}H{high:.1f}M{low:.1f},{middle - 4:.1f}v8M{high:.1f},{middle - 4:.1f}v8"
    ET.SubElement(root, "path", {"class": "range", "d": path})
    _text(root, high + 8, middle + 5, share.text)


def _grid(root: ET.Element, step: float, most: float, height: float) -> None:
    for count in range(round(most / step) + 1):
        x = _x(count * step, most)
        line = {"class": "grid", "x1": f"{x:.1f}", "x2": f"{x:.1f}", "y1": str(TOP), "y2": str(height - 26)}
        ET.SubElement(root, "line", line)
        _text(root, x, height - 10, f"{count * step * 100:g}%", "faint", anchor="middle")


def _scale(values: Sequence[float]) -> tuple[float, float]:
    """Distance of the grid's lines, and the share at the right end: the first round numbers that hold all values."""
    most = max(values, default=1.0)
    step = next(step for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if most <= 5 * step or step == 0.2)
    return step, step * max(math.ceil(most / step - 1e-9), 1)


def _x(share: float, most: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * share / most


def _rect(root: ET.Element, x: float, y: float, width: float, height: float, style: str) -> None:
    size = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    ET.SubElement(root, "rect", {"class": style, **size})


def _text(root: ET.Element, x: float, y: float, text: str, style: str = "", *, anchor: str = "start") -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
    ET.SubElement(root, "text", place | ({"class": style} if style else {})).text = text
