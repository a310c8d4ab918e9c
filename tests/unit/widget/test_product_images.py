"""Drawn pictures: valid, the same every time, different where products differ, safe with any name."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from connectors.web.images import product_image

CATEGORIES = Path(__file__).parents[3] / "data" / "shop" / "categories.yml"
SLUGS = [entry["slug"] for entry in yaml.safe_load(CATEGORIES.read_text())]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("category", SLUGS)
def test_every_category_of_the_demo_shop_has_a_drawing_of_its_own(category: str) -> None:
    picture = product_image("ABC-0001", category, "Okaru Mori")
    assert ElementTree.fromstring(picture).get("viewBox") == "0 0 480 300"  # noqa: S314 - our own text
    assert picture != product_image("ABC-0001", "no such category", "Okaru Mori")


def test_an_unknown_category_gets_a_parcel() -> None:
    parcel = product_image("ABC-0001", "garden", "Okaru Mori")
    assert parcel == product_image("ABC-0001", "toys", "Okaru Mori")
    ElementTree.fromstring(parcel)  # noqa: S314 - our own text


def test_a_product_always_looks_the_same_and_brands_differ() -> None:
    assert product_image("LAP-0001", "laptops", "Norrvik Fjell") == product_image(
        "LAP-0001", "laptops", "Norrvik Fjell"
    )
    tints = {
        product_image("LAP-0001", "laptops", f"{brand} One").partition('stop-color="')[2][:7]
        for brand in ("Norrvik", "Okaru", "Castellin", "Bellamare")
    }
    assert len(tints) > 1


def test_a_name_with_markup_stays_a_name() -> None:
    name = 'Okaru "><script>alert(1)</script>'
    root = ElementTree.fromstring(product_image("LAP-0001", "laptops", name))  # noqa: S314 - our own text
    assert root.findtext(f"{SVG}title") == name
    assert root.get("aria-label") == name
    assert root.find(f".//{SVG}script") is None
