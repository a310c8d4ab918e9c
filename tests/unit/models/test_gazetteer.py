"""The bot's words follow the catalogue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm.views import Product
from models import gazetteer
from models.vocabulary import Vocabulary


def test_it_holds_every_brand_category_product_and_attribute(
    products: list[Product], vocabulary: Vocabulary
) -> None:
    built = gazetteer.build(products, vocabulary.categories, vocabulary.attributes, version=7)
    assert built["version"] == 7
    assert set(built["brands"]) == {product.brand for product in products}
    assert {entry["slug"] for entry in built["categories"]} == set(vocabulary.categories)
    assert {entry["sku"] for entry in built["products"]} == {product.sku for product in products}
    memory = built["attributes"]["memory_gb"]
    assert (memory["kind"], memory["unit"]) == ("number", "GB")
    assert "laptops" in memory["categories"]
    assert "printers" not in memory["categories"]


def test_a_last_word_that_values_share_is_known_but_not_one_that_names_a_category(
    products: list[Product], vocabulary: Vocabulary
) -> None:
    built = gazetteer.build(products, vocabulary.categories, vocabulary.attributes)
    assert "blue" in built["attributes"]["color"]["values"]
    assert "speaker" not in built["attributes"]["type"]["values"]


def test_a_written_file_is_whole_and_nothing_is_left_beside_it(
    products: list[Product], vocabulary: Vocabulary, tmp_path: Path
) -> None:
    built = gazetteer.build(products, vocabulary.categories, vocabulary.attributes)
    path = tmp_path / "var" / "gazetteer.json"
    gazetteer.write(path, {"version": 0})
    gazetteer.write(path, built)
    assert json.loads(path.read_text(encoding="utf-8")) == built
    assert [entry.name for entry in path.parent.iterdir()] == ["gazetteer.json"]


def test_what_can_not_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.json"
    gazetteer.write(path, {"version": 1})
    with pytest.raises(TypeError):
        gazetteer.write(path, {"version": object()})
    assert json.loads(path.read_text(encoding="utf-8")) == {"version": 1}
