"""Measures an import of many products: time, processor time, peak memory of the command, how long writers wait.

    python -m tests.integration.catalogue.measure 100000

The command runs in a process of its own on a new SQLite database below the system's temporary folder.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.integration.catalogue import generator

COMMAND = "from parley.cli import main; main()"


def measure(count: int) -> dict[str, float]:
    """Seconds, MiB; `longest_wait` is how long another writer of the database had to wait at most."""
    with tempfile.TemporaryDirectory(prefix="parley-measure-") as name:
        folder = Path(name)
        path = folder / "products.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            generator.write(stream, count)
        environment = {**os.environ, "PARLEY_STATE": str(folder), "DATABASE_URL": ""}
        call = [sys.executable, "-c", COMMAND]
        subprocess.run([*call, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        waits: list[float] = []
        stop = threading.Event()
        writer = threading.Thread(target=_keep_writing, args=(folder / "parley.db", stop, waits))
        writer.start()
        began = time.monotonic()
        try:
            subprocess.run([*call, "catalogue", "import", str(path)], env=environment, check=True)
        finally:
            stop.set()
            writer.join()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {
            "products": count,
            "file_mib": round(path.stat().st_size / 2**20, 1),
            "seconds": round(time.monotonic() - began, 1),
            "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
            "peak_mib": round(used.ru_maxrss / 1024, 1),
            "longest_wait": round(max(waits), 2),
        }


def _keep_writing(path: Path, stop: threading.Event, waits: list[float]) -> None:
    """Take the write lock ten times a second, as a busy shop does."""
    with sqlite3.connect(path, isolation_level=None, timeout=600) as connection:
        while not stop.wait(0.1):
            began = time.monotonic()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            waits.append(time.monotonic() - began)
    connection.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1])), indent=1) + "\n")
