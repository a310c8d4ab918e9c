"""Small helpers that every benchmark shares: percentiles, memory, results on disk and a table on the screen."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
from rich.console import Console
from rich.table import Table

console = Console(highlight=False)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, by linear interpolation."""
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def summary(milliseconds: Sequence[float]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(milliseconds), 2),
        "p95_ms": round(percentile(milliseconds, 0.95), 2),
        "mean_ms": round(statistics.fmean(milliseconds), 2),
        "turns": len(milliseconds),
    }


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Yield a function that tells the milliseconds since the block began."""
    began = time.perf_counter()
    yield lambda: (time.perf_counter() - began) * 1000


def resident_mib(pid: int) -> float:
    """Resident memory of a process and all its children, MiB."""
    process = psutil.Process(pid)
    everyone = [process, *process.children(recursive=True)]
    return sum(one.memory_info().rss for one in everyone) / 2**20


def wait_until(url: str, *, headers: Mapping[str, str] | None = None, within: float = 240) -> float:
    """Seconds until `url` answers 200; raises TimeoutError."""
    began = time.monotonic()
    with httpx.Client(timeout=2.0, trust_env=False) as client:
        while time.monotonic() - began < within:
            try:
                if client.get(url, headers=dict(headers or {})).status_code == httpx.codes.OK:
                    return time.monotonic() - began
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {within:.0f} s")


def write(path: Path, figures: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n")


def show(title: str, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Print rows of (figure, ours, peer's, ratio and bar)."""
    table = Table("figure", "Parley", "stock", "ratio", title=title)
    for row in rows:
        table.add_row(*row)
    console.print(table)
