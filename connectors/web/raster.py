"""The product drawings as JPEG, for channels that show no SVG.

Not a renderer of SVG: it knows what `images.py` draws with, and raises on anything else, so that a drawing that
grows a new element is met by a test. Shapes are flattened to polygons and drawn twice as large, then reduced.
"""

import io
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree  # our own drawings, never a document from outside

from PIL import Image, ImageDraw

from connectors.web.images import HEIGHT, WIDTH

SCALE, OVERSAMPLING = 2, 2
QUALITY = 88
STEPS = 24  # pieces of a curve

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
_NUMBER = re.compile(r"-?\d*\.?\d+")
_COMMAND = re.compile(r"([MLHVQTCSAZ])([^MLHVQTCSAZ]*)")


def jpeg(svg: str) -> bytes:
    """A drawing of `images.product_image` as a JPEG of 960 × 600. Raises ValueError for what it can't draw."""
    picture = _Canvas().draw(ElementTree.fromstring(svg))  # noqa: S314 - see above
    stored = io.BytesIO()
    picture.save(stored, "JPEG", quality=QUALITY, optimize=True)
    return stored.getvalue()


class _Canvas:
    def __init__(self) -> None:
        factor = SCALE * OVERSAMPLING
        self._factor = factor
        self._image = Image.new("RGB", (WIDTH * factor, HEIGHT * factor), "#fff")
        self._gradients: dict[str, ElementTree.Element] = {}

    def draw(self, root: ElementTree.Element) -> Image.Image:
        self._element(root, IDENTITY)
        return self._image.resize((WIDTH * SCALE, HEIGHT * SCALE), Image.Resampling.LANCZOS)

    def _element(self, element: ElementTree.Element, matrix: Matrix) -> None:
        kind = element.tag.rpartition("}")[2]
        if kind == "defs":
            self._gradients = {one.get("id", ""): one for one in element}
        elif kind in ("svg", "g"):
            inner = _times(matrix, _transform(element.get("transform", "")))
            for child in element:
                self._element(child, inner)
        elif kind != "title":
            outlines = [[_apply(matrix, point) for point in line] for line in _outlines(kind, element)]
            self._fill(element, outlines)
            self._stroke(element, outlines, math.hypot(matrix[0], matrix[1]))

    def _fill(self, element: ElementTree.Element, outlines: list[list[Point]]) -> None:
        fill = element.get("fill", "none")
        if fill == "none":
            return
        part = _Part(outlines, self._factor, margin=0)
        for line in part.lines:
            part.pen.polygon(line, fill=255)
        self._paint(part, fill, float(element.get("fill-opacity", "1")))

    def _stroke(self, element: ElementTree.Element, outlines: list[list[Point]], zoom: float) -> None:
        colour = element.get("stroke", "none")
        if colour == "none":
            return
        width = float(element.get("stroke-width", "1")) * zoom * self._factor
        part = _Part(outlines, self._factor, margin=math.ceil(width / 2) + 1)
        for line in part.lines:
            part.pen.line(line, fill=255, width=max(1, round(width)), joint="curve")
            for x, y in (line[0], line[-1]):  # round ends
                part.pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
        self._paint(part, colour, float(element.get("stroke-opacity", "1")))

    def _paint(self, part: "_Part", colour: str, opacity: float) -> None:
        mask = part.mask if opacity >= 1 else part.mask.point(lambda value: round(value * opacity))
        if not colour.startswith("url(#"):
            self._image.paste(Image.new("RGB", mask.size, colour), part.corner, mask)
            return
        gradient = self._gradients[colour[5:-1]]
        if gradient.tag.endswith("linearGradient"):
            self._image.paste(_shaded(gradient, mask.size), part.corner, mask)
            return
        start, end = (float(stop.get("stop-opacity", "1")) for stop in gradient)
        shade = Image.radial_gradient("L").resize(mask.size)
        fading = shade.point(lambda value: round(255 * max(0.0, start + (end - start) * min(1, value / 180))))
        tone = Image.new("RGB", mask.size, gradient[0].get("stop-color", "#000"))
        self._image.paste(tone, part.corner, Image.composite(fading, Image.new("L", mask.size), mask))


class _Part:
    """The part of the canvas that a shape covers, as a mask to draw on."""

    def __init__(self, outlines: list[list[Point]], factor: int, *, margin: int) -> None:
        xs = [x * factor for line in outlines for x, _ in line]
        ys = [y * factor for line in outlines for _, y in line]
        left, top = math.floor(min(xs)) - margin, math.floor(min(ys)) - margin
        size = (math.ceil(max(xs)) + margin - left + 1, math.ceil(max(ys)) + margin - top + 1)
        self.corner = (left, top)
        self.mask = Image.new("L", size)
        self.pen = ImageDraw.Draw(self.mask)
        self.lines = [[(x * factor - left, y * factor - top) for x, y in line] for line in outlines]


def _shaded(gradient: ElementTree.Element, size: tuple[int, int]) -> Image.Image:
    """A linear gradient over a box: downwards, or from corner to corner."""
    first, last = (stop.get("stop-color", "#000") for stop in gradient)
    shade = Image.linear_gradient("L").resize(size)
    if gradient.get("x2") != "0":
        across = Image.linear_gradient("L").rotate(90).resize(size)
        shade = Image.blend(shade, across, 0.5)
    return Image.composite(Image.new("RGB", size, last), Image.new("RGB", size, first), shade)


def _outlines(kind: str, element: ElementTree.Element) -> list[list[Point]]:
    """A shape as polygons; an open path as open lines."""
    if kind == "rect":
        return [_rectangle(*(float(element.get(name, "0")) for name in ("x", "y", "width", "height", "rx")))]
    if kind == "circle":
        x, y, r = (float(element.get(name, "0")) for name in ("cx", "cy", "r"))
        return [list(_round(x, y, r, r, 0, math.tau))]
    if kind == "ellipse":
        x, y, rx, ry = (float(element.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
        return [list(_round(x, y, rx, ry, 0, math.tau))]
    if kind == "path":
        return list(_lines(element.get("d", "")))
    raise ValueError(f"a drawing has a {kind}, which can't be drawn as a JPEG yet")


def _rectangle(x: float, y: float, width: float, height: float, radius: float) -> list[Point]:
    r = min(radius, width / 2, height / 2)
    if not r:
        return [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    corners = ((x + width - r, y + r, -1), (x + width - r, y + height - r, 0),
               (x + r, y + height - r, 1), (x + r, y + r, 2))  # fmt: skip
    points = [
        point
        for cx, cy, quarter in corners
        for point in _round(cx, cy, r, r, quarter * math.pi / 2, (quarter + 1) * math.pi / 2)
    ]
    return [*points, points[0]]


def _round(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> Iterator[Point]:
    steps = max(6, round(STEPS * 2 * abs(end - start) / math.tau))
    for step in range(steps + 1):
        angle = start + (end - start) * step / steps
        yield cx + rx * math.cos(angle), cy + ry * math.sin(angle)


def _lines(d: str) -> Iterator[list[Point]]:
    """A path's lines; it has absolute commands only."""
    line: list[Point] = []
    control: Point = (0, 0)
    for name, rest in _COMMAND.findall(d):
        numbers = [float(one) for one in _NUMBER.findall(rest)]
        if name == "M":
            if line:
                yield line
            line, numbers = [(numbers[0], numbers[1])], numbers[2:]
            line += list(zip(numbers[::2], numbers[1::2], strict=True))
        elif name == "Z":
            line.append(line[0])
        elif name in "LHV":
            for point in _straight(name, numbers, line[-1]):
                line.append(point)
        else:
            control = _curve(name, numbers, line, control)
    if line:
        yield line


def _straight(name: str, numbers: list[float], last: Point) -> list[Point]:
    if name == "H":
        return [(x, last[1]) for x in numbers]
    if name == "V":
        return [(last[0], y) for y in numbers]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _curve(name: str, numbers: list[float], line: list[Point], control: Point) -> Point:
    """Append a curve's points; answers its last control point, which the next may mirror."""
    start = line[-1]
    if name == "A":
        line += _arc(start, numbers)
        return line[-1]
    mirrored = (2 * start[0] - control[0], 2 * start[1] - control[1])
    given = list(zip(numbers[::2], numbers[1::2], strict=True))
    points = [start, *([mirrored] if name in "TS" else []), *given]
    line += [_bezier(points, step / STEPS) for step in range(1, STEPS + 1)]
    return points[-2]


def _bezier(points: list[Point], t: float) -> Point:
    """De Casteljau's construction."""
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)]
    return points[0]


def _arc(start: Point, numbers: list[float]) -> list[Point]:
    """A circle's arc from its end points (SVG 1.1, appendix F.6.5; the radii are equal in our drawings)."""
    r, _, _, large, sweep, x, y = numbers
    half = ((start[0] - x) / 2, (start[1] - y) / 2)
    distance = math.hypot(*half)
    r = max(r, distance)
    height = math.sqrt(max(0.0, r * r - distance * distance)) * (-1 if large == sweep else 1)
    cx = (start[0] + x) / 2 + height * half[1] / distance
    cy = (start[1] + y) / 2 - height * half[0] / distance
    first, last = math.atan2(start[1] - cy, start[0] - cx), math.atan2(y - cy, x - cx)
    if sweep and last < first:
        last += math.tau
    if not sweep and last > first:
        last -= math.tau
    return list(_round(cx, cy, r, r, first, last))


def _transform(text: str) -> Matrix:
    matrix = IDENTITY
    for name, rest in re.findall(r"(\w+)\(([^)]*)\)", text):
        numbers = [float(one) for one in _NUMBER.findall(rest)]
        if name == "translate":
            step: Matrix = (1, 0, 0, 1, numbers[0], numbers[1])
        elif name == "scale":
            step = (numbers[0], 0, 0, numbers[1], 0, 0)
        else:
            angle, x, y = math.radians(numbers[0]), numbers[1], numbers[2]
            cos, sin = math.cos(angle), math.sin(angle)
            step = (cos, sin, -sin, cos, x - x * cos + y * sin, y - x * sin - y * cos)
        matrix = _times(matrix, step)
    return matrix


def _times(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[2] * b[1], a[1] * b[0] + a[3] * b[1],
        a[0] * b[2] + a[2] * b[3], a[1] * b[2] + a[3] * b[3],
        a[0] * b[4] + a[2] * b[5] + a[4], a[1] * b[4] + a[3] * b[5] + a[5],
    )  # fmt: skip


def _apply(m: Matrix, point: Point) -> Point:
    x, y = point
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]
