"""Pictures for products that have none: one drawn still life per category, tinted by brand and product.

Pure functions from a product's own facts to SVG text, so the same product looks the same everywhere and for ever,
and a shop without a single photograph still looks cared for.
"""

import colorsys
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 480, 300
# Chosen by eye: neighbours on a page differ, and none shouts.
_BRAND_HUES = (14, 28, 42, 140, 156, 168, 188, 204, 218, 236, 258, 286, 330, 350)


@dataclass(frozen=True, slots=True)
class Tint:
    """The colours of one picture, all of one family. `variant` (0..3) changes small things between models."""

    wall: str
    table: str
    body: str
    body_dark: str
    edge: str
    screen: str
    screen_low: str
    glow: str
    variant: int


def product_image(sku: str, category: str, name: str) -> str:
    """Draws a product as an SVG of 8 : 5 that scales to any size.

    Args:
        sku: Decides the tint within its brand's range.
        category: A category's slug; an unknown one gets a wrapped parcel.
        name: The product's name, beginning with the brand; becomes the picture's title.
    """
    tint = _tint(sku, name)
    draw = _DRAWINGS.get(category, _parcel)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(name, quote=True)}"><title>{escape(name)}</title><defs>'
        f"{_gradient('w', tint.wall, tint.table)}{_gradient('b', tint.body, tint.body_dark)}"
        f"{_gradient('s', tint.screen, tint.screen_low, slope=True)}"
        '<radialGradient id="g"><stop offset="0" stop-color="#fff" stop-opacity=".55"/>'
        '<stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>'
        '<radialGradient id="d"><stop offset="0" stop-color="#1a1712" stop-opacity=".28"/>'
        '<stop offset="1" stop-color="#1a1712" stop-opacity="0"/></radialGradient></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#w)"/>'
        '<ellipse cx="240" cy="120" rx="230" ry="150" fill="url(#g)"/>'
        f'<g stroke-linecap="round" stroke-linejoin="round">{draw(tint)}</g></svg>'
    )


def _tint(sku: str, name: str) -> Tint:
    brand = _number(name.split(" ", 1)[0])
    model = _number(sku)
    hue = (_BRAND_HUES[brand % len(_BRAND_HUES)] + model % 5 * 4 - 8) / 360
    dark = model // 5 % 3 == 0
    body_lightness, body_saturation = (0.27, 0.14) if dark else (0.93, 0.16)
    return Tint(
        wall=_hex(hue, 0.36, 0.93),
        table=_hex(hue + 0.03, 0.32, 0.84),
        body=_hex(hue, body_saturation, body_lightness),
        body_dark=_hex(hue, body_saturation + 0.06, body_lightness - (0.1 if dark else 0.17)),
        edge=_hex(hue, 0.22, 0.2 if dark else 0.55),
        screen=_hex(hue + 0.04, 0.44, 0.56),
        screen_low=_hex(hue - 0.07, 0.42, 0.3),
        glow=_hex(hue + 0.1, 0.72, 0.78),
        variant=model // 16 % 4,
    )


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def _hex(hue: float, saturation: float, lightness: float) -> str:
    parts = colorsys.hls_to_rgb(hue % 1, max(0, min(1, lightness)), saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _gradient(name: str, top: str, bottom: str, *, slope: bool = False) -> str:
    across = "1" if slope else "0"
    return (
        f'<linearGradient id="{name}" x1="0" y1="0" x2="{across}" y2="1"><stop offset="0" stop-color="{top}"/>'
        f'<stop offset="1" stop-color="{bottom}"/></linearGradient>'
    )


def _shadow(y: int, width: int, x: int = 240) -> str:
    return f'<ellipse cx="{x}" cy="{y}" rx="{width}" ry="{max(8, width // 10)}" fill="url(#d)"/>'


def _box(x: float, y: float, w: float, h: float, r: float, fill: str, line: str = "none") -> str:
    stroke = "" if line == "none" else f' stroke="{line}" stroke-width="2"'
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}"{stroke}/>'


def _disc(x: float, y: float, r: float, fill: str, line: str = "none", width: float = 2) -> str:
    stroke = "" if line == "none" else f' stroke="{line}" stroke-width="{width}"'
    return f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"{stroke}/>'


def _path(d: str, fill: str = "none", line: str = "none", width: float = 2) -> str:
    stroke = "" if line == "none" else f' stroke="{line}" stroke-width="{width}"'
    return f'<path d="{d}" fill="{fill}"{stroke}/>'


def _hills(x: float, y: float, w: float, h: float, tint: Tint) -> str:
    """A calm landscape for a screen: a low sun over two ridges, clipped by keeping inside the frame."""
    sun = x + w * (0.3 + 0.14 * tint.variant)
    low, top = y + h, y + h * 0.58
    return (
        _disc(sun, y + h * 0.4, h * 0.13, tint.glow)
        + f'<path d="M{x} {low}V{top + h * 0.1}Q{x + w * 0.22} {top - h * 0.16} {x + w * 0.46} {top + h * 0.12}'
        f'T{x + w} {top}V{low}Z" fill="#fff" fill-opacity=".2"/>'
        f'<path d="M{x} {low}V{top + h * 0.28}Q{x + w * 0.4} {top} {x + w * 0.66} {top + h * 0.24}'
        f'T{x + w} {top + h * 0.2}V{low}Z" fill="#fff" fill-opacity=".22"/>'
    )


def _laptop(t: Tint) -> str:
    return (
        _shadow(246, 170)
        + _box(128, 66, 224, 150, 11, t.edge)
        + _box(135, 73, 210, 136, 5, "url(#s)")
        + _hills(135, 73, 210, 134, t)
        + _path("M92 216H388L400 236Q401 244 392 244H88Q79 244 80 236Z", "url(#b)")
        + _path("M210 216H270L266 223H214Z", t.edge)
        + _path("M81 238H399", line="#fff", width=1.5).replace("/>", ' stroke-opacity=".35"/>')
    )


def _phone(t: Tint) -> str:
    lenses = "".join(_disc(276, 84 + 27 * n, 10, t.edge, t.glow, 2.5) for n in range(2 + t.variant % 2))
    return (
        _shadow(256, 105)
        + _box(226, 50, 104, 202, 20, "url(#b)", t.edge)
        + _box(260, 66, 32, 88 if t.variant % 2 else 60, 16, t.body_dark)
        + lenses
        + _box(152, 58, 104, 198, 20, t.edge)
        + _box(158, 64, 92, 186, 14, "url(#s)")
        + _hills(158, 120, 92, 118, t)
        + _box(186, 71, 36, 8, 4, t.edge)
    )


def _tablet(t: Tint) -> str:
    return (
        _shadow(252, 160)
        + _box(112, 52, 256, 190, 18, t.edge)
        + _box(122, 62, 236, 170, 9, "url(#s)")
        + _hills(122, 62, 236, 168, t)
        + f'<g transform="rotate(14 392 150)">{_box(387, 60, 10, 168, 5, "url(#b)", t.edge)}'
        f"{_path('M387 228H397L392 244Z', t.edge)}</g>"
    )


def _headphones(t: Tint) -> str:
    if t.variant == 3:
        buds = "".join(
            f'<g transform="translate({x} 0) scale({s} 1)">{_box(-9, 120, 20, 92, 10, "url(#b)", t.edge)}'
            f"{_disc(0, 122, 32, 'url(#b)', t.edge)}{_disc(-24, 122, 15, t.screen_low)}</g>"
            for x, s in ((180, 1), (300, -1))
        )
        return _shadow(238, 130) + buds
    return (
        _shadow(256, 130)
        + _path("M142 190V152A98 98 0 0 1 338 152V190", line=t.edge, width=20)
        + _path("M142 190V152A98 98 0 0 1 338 152V190", line=t.body, width=14)
        + _box(118, 156, 54, 94, 26, "url(#b)", t.edge)
        + _box(308, 156, 54, 94, 26, "url(#b)", t.edge)
        + _box(162, 164, 24, 78, 12, "url(#s)")
        + _box(294, 164, 24, 78, 12, "url(#s)")
    )


def _speaker(t: Tint) -> str:
    dots = "".join(
        _disc(176 + 16 * column, 112 + 16 * row, 2.6, t.glow) for column in range(9) for row in range(7)
    )
    if t.variant % 2:
        return (
            _shadow(250, 95)
            + _box(172, 46, 136, 204, 30, "url(#b)", t.edge)
            + _disc(240, 176, 52, t.edge)
            + _disc(240, 176, 45, "url(#s)")
            + _disc(240, 176, 17, t.screen_low, t.glow)
            + _disc(240, 88, 24, t.edge)
            + _disc(240, 88, 19, "url(#s)")
        )
    return (
        _shadow(246, 160)
        + _box(134, 84, 212, 158, 44, "url(#b)", t.edge)
        + _box(156, 96, 168, 128, 30, "url(#s)")
        + dots
        + _path("M196 84Q240 46 284 84", line=t.edge, width=7)
    )


def _camera(t: Tint) -> str:
    return (
        _shadow(248, 160)
        + _path("M190 92L206 66H274L290 92Z", "url(#b)", t.edge)
        + _box(112, 88, 256, 156, 22, "url(#b)", t.edge)
        + _box(112, 120, 256, 88, 0, t.edge)
        + _box(142, 76, 40, 14, 6, t.edge)
        + _box(328, 102, 22, 10, 5, t.glow)
        + _disc(240, 166, 76, t.body_dark, t.edge)
        + _disc(240, 166, 61, t.edge)
        + _disc(240, 166, 47, "url(#s)")
        + _disc(240, 166, 24, t.screen_low)
        + _disc(222, 148, 10, "#fff").replace("/>", ' fill-opacity=".7"/>')
    )


def _monitor(t: Tint) -> str:
    x, w = (72, 336) if t.variant == 3 else (96, 288)
    return (
        _shadow(258, 110)
        + _path("M222 208H258L264 250H216Z", "url(#b)")
        + _box(172, 246, 136, 10, 5, "url(#b)", t.edge)
        + _box(x, 46, w, 168, 11, t.edge)
        + _box(x + 7, 53, w - 14, 148, 5, "url(#s)")
        + _hills(x + 7, 53, w - 14, 146, t)
    )


def _television(t: Tint) -> str:
    return (
        _shadow(258, 190)
        + _path("M132 224L120 254M348 224L360 254", line=t.edge, width=8)
        + _box(58, 44, 364, 186, 7, t.edge)
        + _box(63, 49, 354, 174, 3, "url(#s)")
        + _hills(63, 49, 354, 173, t)
    )


def _watch(t: Tint) -> str:
    round_face = t.variant % 2 == 0
    strap = _path("M208 106L214 26H266L272 106Z", "url(#b)", t.edge) + _path(
        "M208 194L214 274H266L272 194Z", "url(#b)", t.edge
    )
    face = (
        _disc(240, 150, 66, t.edge) + _disc(240, 150, 57, "url(#s)")
        if round_face
        else _box(178, 86, 124, 128, 34, t.edge) + _box(187, 95, 106, 110, 26, "url(#s)")
    )
    rings = _path("M240 112A38 38 0 1 1 206 167", line=t.glow, width=7) + _path(
        "M240 128A22 22 0 1 1 222 163", line="#fff", width=7
    ).replace("/>", ' stroke-opacity=".75"/>')
    return _shadow(272, 90) + strap + _box(304, 138, 12, 24, 5, t.edge) + face + rings


def _keyboard(t: Tint) -> str:
    keys = "".join(
        _box(
            104 + 25 * column + 5 * (row % 2),
            128 + 25 * row,
            21,
            20,
            5,
            t.glow if (row * 11 + column) % 13 == t.variant else t.wall,
        )
        for row in range(3)
        for column in range(8)
    )
    return (
        _shadow(244, 180)
        + _box(88, 112, 228, 126, 16, "url(#b)", t.edge)
        + keys
        + _box(150, 204, 104, 20, 5, t.wall)
        + _box(336, 130, 66, 108, 33, "url(#b)", t.edge)
        + _path("M369 130V172", line=t.edge)
        + _box(364, 146, 10, 22, 5, t.screen)
    )


def _storage(t: Tint) -> str:
    return (
        _shadow(240, 120)
        + f'<g transform="rotate(-8 240 150)">{_box(150, 78, 180, 140, 22, "url(#b)", t.edge)}'
        f"{_box(166, 94, 148, 70, 12, 'url(#s)')}{_path('M182 144L212 114M206 144L236 114', line=t.glow, width=6)}"
        f"{_disc(180, 192, 6, t.glow)}{_path('M206 192H300', line=t.edge, width=4)}"
        f"{_box(226, 216, 30, 12, 4, t.edge)}</g>"
    )


def _printer(t: Tint) -> str:
    return (
        _shadow(250, 160)
        + _path("M170 120L178 48H302L310 120Z", "#fff", t.edge)
        + _box(118, 108, 244, 108, 18, "url(#b)", t.edge)
        + _box(150, 168, 180, 16, 8, t.edge)
        + _path("M162 178H318L330 244H150Z", "#fff", t.edge)
        + _path("M182 202H270M178 220H296", line=t.screen, width=5)
        + _box(300, 126, 44, 24, 6, "url(#s)")
    )


def _router(t: Tint) -> str:
    waves = "".join(
        _path(f"M{240 - r} {122 - r // 3}Q240 {112 - r} {240 + r} {122 - r // 3}", line=t.screen, width=6)
        for r in (24, 50, 76)
    )
    return (
        _shadow(248, 160)
        + _path("M136 172V92M344 172V92", line=t.edge, width=11)
        + waves
        + _box(104, 166, 272, 76, 24, "url(#b)", t.edge)
        + "".join(_disc(150 + 26 * n, 204, 6, t.glow if n <= t.variant else t.edge) for n in range(5))
    )


def _charger(t: Tint) -> str:
    return (
        _shadow(244, 140)
        + _path("M246 174C330 174 300 92 352 92S400 190 372 226", line=t.edge, width=11)
        + _path("M246 174C330 174 300 92 352 92S400 190 372 226", line=t.screen, width=6)
        + _path("M168 84V62M212 84V62", line=t.edge, width=10)
        + _box(126, 84, 128, 154, 28, "url(#b)", t.edge)
        + _path("M196 120L168 168H188L182 204L212 154H192Z", "url(#s)")
        + _box(361, 222, 24, 30, 6, "url(#b)", t.edge)
    )


def _smart_home(t: Tint) -> str:
    rays = _path("M240 40V24M152 72L140 60M328 72L340 60M114 150H98M366 150H382", line=t.screen, width=6)
    bulb = "M240 62A80 80 0 0 1 288 206Q278 216 278 228H202Q202 216 192 206A80 80 0 0 1 240 62Z"
    return (
        _shadow(268, 80)
        + rays
        + _path(bulb, "url(#b)", t.edge)
        + _path("M216 226V178L200 156M264 226V178L280 156M216 178H264", line=t.screen, width=5)
        + _box(204, 228, 72, 14, 6, t.edge)
        + _box(212, 246, 56, 14, 6, t.edge)
    )


def _parcel(t: Tint) -> str:
    return (
        _shadow(248, 140)
        + _path("M240 66L352 112V208L240 252L128 208V112Z", "url(#b)", t.edge)
        + _path("M128 112L240 156L352 112M240 156V252", line=t.edge)
        + _path("M184 89L296 134V172", line=t.screen, width=12)
    )


_DRAWINGS: dict[str, Callable[[Tint], str]] = {
    "laptops": _laptop,
    "phones": _phone,
    "tablets": _tablet,
    "headphones": _headphones,
    "speakers": _speaker,
    "cameras": _camera,
    "monitors": _monitor,
    "televisions": _television,
    "smartwatches": _watch,
    "keyboards-mice": _keyboard,
    "storage": _storage,
    "printers": _printer,
    "networking": _router,
    "chargers-cables": _charger,
    "smart-home": _smart_home,
}
