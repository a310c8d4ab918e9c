"""Words that say what is meant are respelt before the rules read them; names stay, and places stay right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.artifacts import english_words
from components.entities.finder import Finder
from components.entities.gazetteer import read
from components.entities.respelling import Respelling

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def respelling(artifacts: Path) -> Respelling:
    return Respelling({"battery", "light", "screen"}, known=english_words())


@pytest.mark.parametrize(
    ("typed", "respelt"),
    [
        ("uner 300 please", "under 300 please"),
        ("thats 2 expensive 4 me", "thats too expensive for me"),
        ("the secnd one", "the second one"),
        ("how is the baterry", "how is the battery"),
        ("somthing ligth", "something light"),
        ("COMAPRE THEM", "compare THEM"),
        ("2 of them for 4 euros", "2 of them for 4 euros"),
        ("Max Unger, Langer Weg 3", "Max Unger, Langer Weg 3"),
        ("mail undr@example.com", "mail undr@example.com"),
        ("a table for my other house", "a table for my other house"),
    ],
)
def test_what_is_respelt(respelling: Respelling, typed: str, respelt: str) -> None:
    assert respelling.of(typed).text == respelt


def test_what_is_found_stands_where_it_was_typed(artifacts: Path, tmp_path: Path) -> None:
    finder = Finder(read(HERE / "gazetteer.json"), region="DE", known=english_words())
    text = "nah 2 expensiv, show somthing uner 300 like the frist but cheaper"
    assert [text[span.start : span.end] for span in finder.find(text)] == ["uner 300", "the frist"]


def test_what_is_preferred_by_is_read_from_the_gazetteer(tmp_path: Path) -> None:
    content = json.loads((HERE / "gazetteer.json").read_text(encoding="utf-8"))
    name = next(iter(content["attributes"]))
    content["attributes"][name] |= {"more": ["Brighter"], "less": ["dimmer"]}
    (tmp_path / "gazetteer.json").write_text(json.dumps(content), encoding="utf-8")
    assert read(tmp_path / "gazetteer.json").attributes[0].degrees == ("brighter", "dimmer")
