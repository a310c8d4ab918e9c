"""The cross-sell benchmark reads invoices and counts hits as its protocol says."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from evaluation.baskets import BenchmarkUnreadable, Invoices, read_invoices
from evaluation.cross_sell import evaluate, evaluate_set, left_out
from tests.unit.models.recommend.conftest import WordVectors

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def line(invoice: str, code: str, quantity: str = "1", price: str = "2.5", title: str = "Red lamp") -> str:
    return f"{invoice},{code},{title},{quantity},2011-01-01 10:00:00,{price},1,France"


def written(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write("\n".join([HEADER, *lines]) + "\n")
    return path


def test_cancellations_corrections_and_postage_are_dropped(tmp_path: Path) -> None:
    path = written(
        tmp_path / "train.csv.gz",
        line("1", "10001"),
        line("1", "10002A"),
        line("1", "10001"),
        line("C2", "10003"),
        line("3", "10004", quantity="-1"),
        line("4", "10005", price="0"),
        line("5", "POST"),
        line("6", "10006", title="Blue lamp"),
    )
    invoices = read_invoices(path)
    assert invoices.baskets == (("10001", "10002A"), ("10006",))
    assert invoices.titles["10006"] == "Blue lamp"


def test_a_number_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "train.csv.gz", line("1", "10001"), line("1", "10002", quantity="many"))
    with pytest.raises(BenchmarkUnreadable, match="line 3"):
        read_invoices(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "train.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write("InvoiceNo,StockCode\n1,10001\n")
    with pytest.raises(BenchmarkUnreadable, match="Quantity"):
        read_invoices(path)


def test_ties_count_for_the_item_sought() -> None:
    assert left_out(np.zeros((3, 50), dtype=np.float32), np.array([0, 1, 2])) == (1.0, 1.0)


def test_an_item_behind_ten_others_is_missed() -> None:
    scores = np.zeros((3, 50), dtype=np.float32)
    scores[:, 10:20] = 1.0
    assert left_out(scores, np.array([0, 1, 2])) == (0.0, 0.0)


def test_items_of_the_basket_are_no_rivals() -> None:
    scores = np.zeros((3, 50), dtype=np.float32)
    scores[:, :20] = 1.0
    scores[:, 0] = 0.5
    hit, gain = left_out(scores, np.arange(12)[:3])
    assert hit == pytest.approx(2 / 3)
    assert gain == pytest.approx(2 / 3)


def test_pairs_bought_together_are_found_again_and_better_than_by_popularity(words: WordVectors) -> None:
    groups = [tuple(f"{group:05d}{letter}" for letter in "abcd") for group in range(30)]
    train = Invoices(tuple(groups) * 5, {code: f"thing {code}" for group in groups for code in group})
    figures = evaluate_set(train, Invoices(tuple(groups), {}), words)
    assert figures["hit10"] == 1.0
    assert figures["cooccurrence_hit10"] == 1.0
    peers = {f"{peer}_hit10" for peer in ("popularity", "cooccurrence", "dense")}
    assert set(figures) == {"hit10", "ndcg10"} | peers


def test_small_and_large_baskets_and_unknown_items_are_not_asked(words: WordVectors) -> None:
    train = Invoices((("10001", "10002"),), {"10001": "a", "10002": "b"})
    assert evaluate_set(train, Invoices((("10001", "10002", "99999"),), {}), words) == {}


def test_a_set_without_a_test_file_is_left_out(tmp_path: Path, words: WordVectors) -> None:
    written(tmp_path / "recommendation" / "half" / "train.csv.gz", line("1", "10001"))
    for part in ("train", "test"):
        lines = [line("1", f"1000{number}") for number in range(4)]
        written(tmp_path / "recommendation" / "whole" / f"{part}.csv.gz", *lines)
    assert list(evaluate(tmp_path, words)) == ["whole"]
