"""Vocabulary files are read, or refused with the place and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.catalogue_files import (
    CatalogueFileError,
    read_attributes,
    read_categories,
    read_faq,
    read_synonyms,
)
from models.vocabulary import Vocabulary

GOOD = """
memory_gb: {kind: number, unit: GB, label: "{value} GB memory", words: [memory, ram], better: higher}
waterproof: {kind: flag, label: waterproof, label_not: not waterproof}
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "file.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_attributes_describe_values_as_people_read_them(tmp_path: Path) -> None:
    attributes = read_attributes(_file(tmp_path, GOOD))
    assert attributes["memory_gb"].describe(16.0) == "16 GB memory"
    assert attributes["waterproof"].describe(True) == "waterproof"
    assert attributes["waterproof"].describe(False) == "not waterproof"


def test_the_demo_shop_can_be_read(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.categories) >= 12
    assert vocabulary["memory_gb"].unit == "GB"
    assert vocabulary.singular("laptops") == "laptop"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("number", "numbr"), r"memory_gb\.kind: .*'number', 'word' or 'flag'.*found 'numbr'"),
        (GOOD.replace("{value} GB", "GB"), r"memory_gb: label: write \{value\}"),
        (GOOD.replace("unit: GB, ", ""), "memory_gb: unit: a number needs one"),
        (GOOD.replace("better", "bettr"), r"memory_gb\.bettr: Extra inputs"),
        (GOOD + GOOD.strip().splitlines()[1], "'waterproof' stands twice"),
        ("memory_gb: [", "not valid YAML"),
        ("- a", "the whole file"),
        ("", "the whole file"),
    ],
)
def test_a_wrong_attribute_is_named_with_its_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CatalogueFileError, match=message):
        read_attributes(_file(tmp_path, text))


def test_a_wrong_category_is_named_by_its_slug(tmp_path: Path) -> None:
    text = "- {slug: laptops, name: Laptops, singular: laptop}\n- {slug: phones, name: Phones}\n"
    with pytest.raises(CatalogueFileError, match=r"phones\.singular: Field required"):
        read_categories(_file(tmp_path, text))


def test_a_slug_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = "- {slug: laptops, name: Laptops, singular: laptop}\n" * 2
    with pytest.raises(CatalogueFileError, match="'laptops' stands more than once"):
        read_categories(_file(tmp_path, text))


def test_a_missing_faq_or_synonym_file_is_an_empty_one(tmp_path: Path) -> None:
    assert read_faq(tmp_path / "faq.yml") == ()
    assert read_synonyms(tmp_path / "synonyms.yml") == ()


def test_a_missing_attribute_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogueFileError, match=r"attributes\.yml is missing"):
        read_attributes(tmp_path / "attributes.yml")


def test_a_synonym_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueFileError, match="entry 2: a group needs two words"):
        read_synonyms(_file(tmp_path, "- [sofa, couch]\n- [telly]\n"))
