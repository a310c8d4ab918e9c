"""The demo shop's page, built from whatever catalogue is installed, so that an own catalogue shows at once."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from pathlib import Path
from string import Template
from typing import Protocol
from urllib.parse import quote

from babel.numbers import format_currency

SHOP_FILES = Path(__file__).parent / "static" / "shop"
# What the page itself may load: the same strict policy that the widget promises to work under.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SUGGESTIONS = (
    "A light laptop for video editing, up to 1500",
    "Headphones that keep the office out",
    "Where is my order?",
)
_SHELF = 8
_COLLAGE = 3


class ShopProduct(Protocol):
    """What the page shows of a product; the CRM's product view fits."""

    @property
    def sku(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def price(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...
    @property
    def stock(self) -> int: ...
    @property
    def description(self) -> str: ...
    @property
    def image(self) -> str | None: ...


def storefront_page(
    *,
    name: str,
    tagline: str,
    products: Sequence[ShopProduct],
    categories: Mapping[str, str],
    promises: Sequence[tuple[str, str]] = (),
) -> str:
    """Returns the page as HTML.

    Args:
        name: The shop's name.
        tagline: One line, the page's headline.
        products: Everything on sale, in the catalogue's order.
        categories: Names by slug, in the order of the shelves; those without products are left out.
        promises: Headings and sentences about delivery, payment and returns.
    """
    shelves = {slug: [product for product in products if product.category == slug] for slug in categories}
    shelves = {slug: shelf for slug, shelf in shelves.items() if shelf}
    firsts = [shelf[0] for shelf in shelves.values()]
    page = Template((SHOP_FILES / "index.html").read_text(encoding="utf-8"))
    return page.substitute(
        name=escape(name),
        tagline=escape(tagline),
        count=len(products),
        suggestions=escape("|".join(SUGGESTIONS)),
        asks="".join(_ask(text) for text in SUGGESTIONS),
        collage="".join(_picture(product, "") for product in _spread(firsts, _COLLAGE)),
        categories="".join(_shelf(categories[slug], shelf) for slug, shelf in shelves.items()),
        products="".join(_product(product) for product in _picks(list(shelves.values()))),
        promises="".join(
            f"<div><h3>{escape(title)}</h3><p>{escape(text)}</p></div>" for title, text in promises
        ),
    )


def _ask(text: str) -> str:
    return f'<button type="button" data-ask="{escape(text)}">{escape(text)}</button>'


def _picture(product: ShopProduct, alt: str) -> str:
    address = product.image or f"/shop/images/{quote(product.sku)}.svg"
    return f'<img src="{escape(address)}" alt="{escape(alt)}" width="480" height="300" loading="lazy">'


def _shelf(name: str, shelf: Sequence[ShopProduct]) -> str:
    return (
        f'<li><button type="button" data-ask="{escape(f"Show me {name.lower()}")}">'
        f'<span class="picture">{_picture(shelf[0], "")}</span>'
        f'<span class="label">{escape(name)} <span>{len(shelf)}</span></span></button></li>'
    )


def _product(product: ShopProduct) -> str:
    price = format_currency(product.price, product.currency, locale="en")
    question = escape(f"Tell me about the {product.name}")
    return (
        f'<li><article><span class="picture">{_picture(product, "")}</span><div class="text">'
        f'<h3>{escape(product.name)}</h3><p class="note">{escape(_first_sentence(product.description))}</p>'
        f'<div class="row"><span class="price">{escape(price)}</span>'
        f'<button type="button" data-ask="{question}" aria-label="{question}">Ask about it</button></div>'
        "</div></article></li>"
    )


def _first_sentence(text: str) -> str:
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]


def _picks(shelves: Sequence[Sequence[ShopProduct]]) -> list[ShopProduct]:
    """One product a shelf, as far as they go: the second of it, since the first already stands for its category."""
    picks = [next((item for item in shelf[1:] if item.stock > 0), shelf[0]) for shelf in shelves]
    return picks[:_SHELF]


def _spread(products: Sequence[ShopProduct], count: int) -> list[ShopProduct]:
    step = max(1, len(products) // count)
    return list(products[::step][:count])
