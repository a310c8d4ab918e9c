"""The figures of understanding on cases small enough to count by hand, and the layout that is read."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from evaluation import metrics, understanding
from evaluation.intent_sets import Entity, Example, IntentSet, SetUnreadable, intent_sets, sentiment_sets


def written(folder: Path, name: str, content: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")


def test_calibration_error_is_the_gap_between_confidence_and_what_was_right() -> None:
    measured = metrics.calibration([0.9, 0.9, 0.1, 0.1], [True, False, False, False])
    assert measured.error == pytest.approx(0.5 * 0.4 + 0.5 * 0.1)


def test_perfect_confidence_has_no_calibration_error() -> None:
    assert metrics.calibration([1.0, 1.0], [True, True]).error == 0


def test_auroc_counts_pairs_in_the_right_order() -> None:
    assert metrics.auroc([0.9, 0.4], [0.5, 0.1]) == pytest.approx(0.75)


def test_the_threshold_balances_accuracy_against_recall() -> None:
    threshold = metrics.best_threshold([0.9, 0.8, 0.3], [True, True, True], [0.7, 0.2, 0.1])
    assert threshold == pytest.approx(0.3)


def test_a_partly_found_entity_counts_by_token_but_not_as_a_span() -> None:
    text, truth = "play new york blues", [Entity(5, 19, "song")]
    found = [Entity(5, 13, "song")]
    assert metrics.token_f1([text], [truth], [found]) == pytest.approx(2 * 2 / (3 + 2))
    assert metrics.span_f1([truth], [found]) == 0


def test_the_wrong_type_counts_as_missed_and_as_invented() -> None:
    found = [Entity(0, 5, "city")]
    assert metrics.token_f1(["paris"], [[Entity(0, 5, "name")]], [found]) == 0


def test_sets_are_found_with_the_parts_that_they_have(tmp_path: Path) -> None:
    written(tmp_path / "intent" / "mine", "train.tsv", "hello\tgreet\n\tgreet\nbye\tleave\n")
    written(tmp_path / "intent" / "mine", "oos_test.tsv", "what is love\toos\n\toos\n")
    written(tmp_path / "intent" / "untrained", "test.tsv", "hello\tgreet\n")
    (found,) = intent_sets(tmp_path)
    assert [example.text for example in found.train] == ["hello", "bye"]
    assert {part: len(examples) for part, examples in found.parts.items()} == {"oos_test": 2}


def test_entities_are_read_from_json(tmp_path: Path) -> None:
    example = {"text": "dim it", "intent": "dim", "entities": [{"start": 0, "end": 3, "entity": "verb"}]}
    content = json.dumps({"rasa_nlu_data": {"common_examples": [example]}})
    written(tmp_path / "intent" / "mine", "train.json", content)
    (found,) = intent_sets(tmp_path)
    assert found.entity_kinds == {"verb"}


def test_a_line_without_a_tab_is_refused_with_its_number(tmp_path: Path) -> None:
    written(tmp_path / "intent" / "mine", "train.tsv", "hello\tgreet\nbye leave\n")
    with pytest.raises(SetUnreadable, match=r"train\.tsv:2"):
        intent_sets(tmp_path)


def test_two_and_three_classes_of_sentiment_are_read(tmp_path: Path) -> None:
    written(tmp_path / "sentiment", "two.tsv", "good\t1\nbad\t0\n")
    written(tmp_path / "sentiment", "three.tsv", "so so\tneutral\n")
    found = sentiment_sets(tmp_path)
    assert found == {"two": [("good", "positive"), ("bad", "negative")], "three": [("so so", "neutral")]}


def test_another_label_of_sentiment_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "sentiment", "odd.tsv", "good\t5\n")
    with pytest.raises(SetUnreadable, match=r"odd\.tsv:1"):
        sentiment_sets(tmp_path)


def test_a_sets_figures_are_stored_beside_those_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(understanding, "RESULT", tmp_path / "understanding.json")
    understanding.store({"intent": {"a": {"f1": 0.9}}, "sentiment": {}, "own": {"f1": 1.0}})
    understanding.store({"intent": {"b": {"f1": 0.8}}, "sentiment": {"c": {"accuracy": 0.7}}, "own": {}})
    assert json.loads((tmp_path / "understanding.json").read_text(encoding="utf-8")) == {
        "intent": {"a": {"f1": 0.9}, "b": {"f1": 0.8}},
        "sentiment": {"c": {"accuracy": 0.7}},
        "own": {"f1": 1.0},
    }


def test_figures_stand_beside_those_of_the_peer_and_fit_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {"accuracy": 0.88, "f1": 0.87, "parse_ms_p50": 4.7, "train_seconds": 106.9}
    sets = {name: dict(ours) for name in ("banking77_10", "banking77_full", "banking77_oos", "hwu64", "own")}
    sets["banking77_10"] |= {"stock_accuracy": 0.7, "parse_ratio": 0.57}
    printed = io.StringIO()
    monkeypatch.setattr(understanding, "console", Console(width=80, file=printed, highlight=False))
    understanding.show("Intents", sets)
    told = printed.getvalue()
    assert "…" not in told
    (row,) = [line for line in told.splitlines() if "accuracy" in line]
    assert [cell.strip() for cell in row.split("│")[2:-1]] == ["0.880", "0.700", *["0.880"] * 4]


def test_both_bots_are_timed_by_turns_on_texts_of_the_whole_part(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[tuple[bool, list[str]]] = []

    def timed(data: IntentSet, work: Path, texts: list[str], *, stock: bool) -> list[float]:
        turns.append((stock, texts))
        return [8.0 if stock else 2.0 + len(turns)] * len(texts)

    monkeypatch.setattr(understanding, "timed", timed)
    examples = tuple(Example(str(number), "count") for number in range(900))
    with Progress(disable=True) as progress:
        figures = understanding._parse_figures(IntentSet("many", (), {"test": examples}), progress)
    assert [stock for stock, _ in turns] == [False, True] * understanding.TURNS
    assert {tuple(texts) for _, texts in turns} == {tuple(str(number) for number in range(0, 900, 3))}
    assert figures == {"parse_ms_p50": 7.0, "stock_parse_ms_p50": 8.0, "parse_ratio": 7 / 8}
