"""Search, cross-sell and scale are measured on any folder of the layout, whatever it lacks."""

from __future__ import annotations

import gzip
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from evaluation import scale, search
from evaluation.recommendation import PARTS, SearchSet, measure
from models.search import dense

KEYS = {
    "search": {
        *("ndcg10", "recall100", "bm25_ndcg10", "bm25_recall100"),
        *("dense_ndcg10", "dense_recall100", "ms_p50", "ms_p95"),
    },
    "cross_sell": {"hit10", "ndcg10", "popularity_hit10", "cooccurrence_hit10", "dense_hit10"},
    "scale": {"vectors", "recall10", "ms_p95", "resident_mib"},
}
ENCODER = Path(__file__).parents[3] / "models" / "artifacts" / "encoder"
THINGS = ("oak shelf", "pine shelf", "steel ladder", "garden hose 50 ft.", "claw hammer", 'tape measure 16"')


def packed(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def products(folder: Path) -> Path:
    packed(folder / "products.tsv.gz", [f"{number}\t{thing}" for number, thing in enumerate(THINGS)])
    return folder


def invoices(numbers: range) -> list[str]:
    lines = ["InvoiceNo,StockCode,Description,Quantity,UnitPrice"]
    for number in numbers:
        kept = [code for code in range(len(THINGS)) if (number + code) % 4]
        lines += [f"{number},1000{code},{THINGS[code].replace(chr(34), '')},1,2.5" for code in kept]
    return lines


def measured(folder: Path, *only: str) -> tuple[dict[str, dict[str, dict[str, float]]], list[str], str]:
    screen = Console(file=StringIO(), width=160)
    found, failures = measure(folder, ENCODER, only, screen)
    assert isinstance(screen.file, StringIO)
    return found, failures, screen.file.getvalue()


def test_each_part_has_the_agreed_figures_and_a_table(tmp_path: Path) -> None:
    small = products(tmp_path / "search" / "small")
    packed(small / "judgments.tsv.gz", ["wooden shelf\t0\t3", "wooden shelf\t1\t2.33", "16 inch tape\t5\t3"])
    packed(tmp_path / "recommendation" / "till" / "train.csv.gz", invoices(range(40)))
    packed(tmp_path / "recommendation" / "till" / "test.csv.gz", invoices(range(40, 50)))
    found, failures, screen = measured(tmp_path, "search", "cross_sell")
    assert failures == []
    assert set(found["search"]["small"]) == KEYS["search"]
    assert set(found["cross_sell"]["till"]) == KEYS["cross_sell"]
    assert found["search"]["small"]["ndcg10"] > 0.9
    assert "BM25, stemmed" in screen
    assert "co-occurrence" in screen


def test_what_the_folder_lacks_is_left_out(tmp_path: Path) -> None:
    products(tmp_path / "search" / "unjudged")
    packed(tmp_path / "recommendation" / "untested" / "train.csv.gz", invoices(range(9)))
    assert measured(tmp_path, "search", "cross_sell")[:2] == ({}, [])
    (tmp_path / "empty").mkdir()
    assert measured(tmp_path / "empty", *PARTS)[:2] == ({}, [])


def test_a_set_in_which_nothing_is_right_has_times_only(tmp_path: Path) -> None:
    packed(products(tmp_path / "search" / "dull") / "judgments.tsv.gz", ["nails\t0\t1"])
    found, _, _ = measured(tmp_path, "search")
    assert set(found["search"]["dull"]) == {"ms_p50", "ms_p95"}


def test_a_malformed_file_is_named_and_the_other_parts_measured(tmp_path: Path) -> None:
    packed(products(tmp_path / "search" / "torn") / "judgments.tsv.gz", ["shelf\t0\tgood"])
    packed(tmp_path / "recommendation" / "till" / "train.csv.gz", invoices(range(40)))
    packed(tmp_path / "recommendation" / "till" / "test.csv.gz", invoices(range(40, 50)))
    found, failures, _ = measured(tmp_path, "search", "cross_sell")
    assert list(found) == ["cross_sell"]
    assert len(failures) == 1
    assert "judgments.tsv.gz, line 1: relevance 'good' is no number" in failures[0]


def test_a_run_that_is_broken_off_leaves_what_it_has_measured(tmp_path: Path) -> None:
    packed(products(tmp_path / "search" / "small") / "judgments.tsv.gz", ["wooden shelf\t0\t3"])
    packed(tmp_path / "recommendation" / "till" / "train.csv.gz", invoices(range(40)))
    packed(tmp_path / "recommendation" / "till" / "test.csv.gz", invoices(range(40, 50)))
    kept: list[list[str]] = []
    screen = Console(file=StringIO())
    measure(tmp_path, ENCODER, ("search", "cross_sell"), screen, keep=lambda found: kept.append([*found]))
    assert kept == [["search"], ["search", "cross_sell"]]


def test_queries_are_those_judged_or_the_titles_beginnings(tmp_path: Path) -> None:
    bare = SearchSet(products(tmp_path / "bare"), ENCODER, None)
    assert bare.some_queries(3) == ["oak shelf", "steel ladder", "claw hammer"]
    packed(tmp_path / "bare" / "judgments_tune.tsv.gz", ["a ladder\t2\t3"])
    assert bare.some_queries(3) == ["a ladder"]


def test_scale_serves_the_clusters_from_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "CLUSTERED_FROM", 1000)
    titles = np.random.default_rng(5).standard_normal((200, 32)).astype(np.float32)
    titles /= np.linalg.norm(titles, axis=1, keepdims=True)
    figures = scale.evaluate(titles, titles[:20], count=2000)
    assert set(figures) == KEYS["scale"]
    assert figures["vectors"] == 2000
    assert figures["recall10"] > 0.9


def test_the_gain_is_that_of_the_protocol() -> None:
    relevance = {"a": 3.0, "b": 1.0, "c": 2.0}
    assert search.ndcg(["a", "c", "b"], relevance) == pytest.approx(1.0)
    assert search.ndcg(["x", "a"], relevance) == pytest.approx((3 / np.log2(3)) / (3 + 1 / np.log2(3)))
    assert search.ndcg(["b"], {"b": 1.0}) is None
