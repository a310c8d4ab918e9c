"""The demo shop's page, whatever catalogue is installed."""

from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

from connectors.web.storefront import storefront_page
from crm.views import Product

LAPTOP = Product(
    sku="LAP-0001",
    name="Norrvik Fjell 13",
    brand="Norrvik",
    category="laptops",
    price=Decimal("1199.00"),
    currency="EUR",
    stock=3,
    description="Light. And long-lived.",
)


class Reader(HTMLParser):
    """Collects tags, and what is asked in the chat."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.asked: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        if ask := named.get("data-ask"):
            self.asked.append(ask)
        self.inline += [name for name, _ in attrs if name == "style" or name.startswith("on")]


def page(*products: Product, name: str = "Plover Lane") -> str:
    return storefront_page(
        name=name, tagline="Electronics", products=products, categories={"laptops": "Laptops", "toys": "Toys"}
    )


def test_products_are_shown_with_price_and_a_question_to_ask() -> None:
    html = page(LAPTOP)
    assert "€1,199.00" in html
    assert "Light." in html
    assert "And long-lived." not in html
    asked = Reader(html).asked
    assert "Show me laptops" in asked
    assert "Tell me about the Norrvik Fjell 13" in asked
    assert "Show me toys" not in asked


def test_an_empty_catalogue_still_gives_a_page() -> None:
    reader = Reader(page())
    assert "h1" in reader.tags
    assert "article" not in reader.tags


def test_names_with_markup_stay_text_and_nothing_is_inline() -> None:
    hostile = replace(LAPTOP, name='<script>alert(1)</script>"', description="<b>Bold</b>.")
    plain, reader = Reader(page(LAPTOP)), Reader(page(hostile, name='A & "B" <i>'))
    assert reader.tags == plain.tags
    assert reader.inline == []
