"""What is found in a sentence, case by case.

Each case reads `sentence => entity=value`, entities in reading order; a role follows the entity after a colon, an
attribute is written name/op/value, a currency follows the price. Nothing after the arrow means that nothing
may be found.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from components.artifacts import english_words
from components.entities.extractor import EntityExtractor
from components.entities.finder import Finder
from components.entities.gazetteer import Watched, read
from components.entities.spans import Span

HERE = Path(__file__).resolve().parent
CASES = [
    line
    for line in (HERE / "entity_cases.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


@pytest.fixture(scope="module")
def finder(artifacts: Path) -> Finder:
    now = datetime(2026, 3, 4, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Wednesday
    return Finder(read(HERE / "gazetteer.json"), region="DE", known=english_words(), now=lambda: now)


def written(span: Span) -> str:
    name = span.entity if span.role is None else f"{span.entity}:{span.role}"
    value = span.value
    if isinstance(value, dict):
        value = f"{value['name']}/{value['op']}/{value['value']}"
    return f"{name}={value}{span.extra.get('currency', '')}"


@pytest.mark.parametrize("case", CASES)
def test_sentence(finder: Finder, case: str) -> None:
    sentence, _, expected = (part.strip() for part in case.partition("=>"))
    assert [written(span) for span in finder.find(sentence)] == [
        e.strip() for e in expected.split(";") if e.strip()
    ]


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 150
    assert len(set(CASES)) == len(CASES)


def test_positions_point_into_the_original_text(finder: Finder) -> None:
    text = "İstanbul’s best: two “Fjell 13” laptops UNDER 1.500 €, mail ann@example.com"
    for span in finder.find(text):
        assert text[span.start : span.end].strip() == text[span.start : span.end]
    assert [text[s.start : s.end] for s in finder.find(text)] == [
        "two",
        "Fjell 13",
        "laptops",
        "UNDER 1.500 €",
        "ann@example.com",
    ]


def test_an_ambiguous_product_names_its_candidates(finder: Finder) -> None:
    (product,) = finder.find("tell me about the fjell")
    assert product.value == "LAP-0001"
    assert product.extra["candidates"] == ["LAP-0001", "LAP-0002"]


def test_a_whole_name_is_not_ambiguous(finder: Finder) -> None:
    (product,) = finder.find("the Norrvik Fjell 13 please")
    assert (product.value, product.extra) == ("LAP-0001", {})


@pytest.mark.parametrize(
    "text", ["", " ", "🙂", "\u200b", "((((", "9" * 400, "€" * 300, "not " * 200, "1.1.1.1.1", "a" * 4000]
)
def test_strange_text_is_survived_quickly(finder: Finder, text: str) -> None:
    import time

    started = time.thread_time()  # of the processor: another process may hold this one up for longer
    finder.find(text)
    assert time.thread_time() - started < 0.5


def test_a_new_product_is_found_without_retraining(artifacts: Path, tmp_path: Path) -> None:
    path = tmp_path / "gazetteer.json"
    content = json.loads((HERE / "gazetteer.json").read_text(encoding="utf-8"))
    path.write_text(json.dumps(content), encoding="utf-8")
    extractor = EntityExtractor({"phone_region": "DE"}, path)
    assert extractor._finder.current().find("do you have the Zyklon?") == []
    content["products"].append(
        {"sku": "LAP-0099", "name": "Norrvik Zyklon", "brand": "Norrvik", "category": "laptops"}
    )
    path.write_text(json.dumps(content), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    (found,) = extractor._finder.current().find("do you have the Zyklon?")
    assert found.value == "LAP-0099"


@pytest.mark.parametrize(
    ("sku", "text"),
    [
        ("SPADE-7", "is the spade-7 in stock"),
        ("40.063-81", "how much is 40.063-81?"),
        ("4006381333931", "do you have 4006381333931"),
        ("B/XL/2024", "add b/xl/2024 please"),
        ("GT 4400", "tell me about gt4400"),
        ("LAP-0099", "and lap 0099, is it light?"),
    ],
)
def test_product_numbers_of_any_shop_are_known(artifacts: Path, tmp_path: Path, sku: str, text: str) -> None:
    path = tmp_path / "gazetteer.json"
    content = json.loads((HERE / "gazetteer.json").read_text(encoding="utf-8"))
    content["products"].append(
        {"sku": sku, "name": "Norrvik Zyklon", "brand": "Norrvik", "category": "laptops"}
    )
    path.write_text(json.dumps(content), encoding="utf-8")
    found = EntityExtractor({"phone_region": "DE"}, path)._finder.current().find(text)
    assert [span.value for span in found if span.entity == "product"] == [sku]


def test_a_broken_gazetteer_leaves_the_last_good_one_in_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "gazetteer.json"
    path.write_text((HERE / "gazetteer.json").read_text(encoding="utf-8"), encoding="utf-8")
    watched = Watched(path, lambda gazetteer: gazetteer.version)
    assert watched.current() == 3
    path.write_text('{"version": 4}', encoding="utf-8")
    assert watched.current() == 3
    assert "gazetteer_unreadable" in caplog.text
    assert watched.current() == 3
    assert caplog.text.count("gazetteer_unreadable") == 1


def test_no_gazetteer_finds_what_needs_none(tmp_path: Path) -> None:
    extractor = EntityExtractor({"phone_region": "DE"}, tmp_path / "none.json")
    assert [written(s) for s in extractor._finder.current().find("a laptop under 800 euros")] == [
        "price:max=800EUR"
    ]
