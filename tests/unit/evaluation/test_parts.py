"""One command measures all that a folder has data for."""

import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.__main__ import measure
from parley.settings import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evaluation", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)


def test_every_part_runs_though_one_before_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "measurements"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "bad.py").write_text("raise SystemExit(3)")
    (package / "good.py").write_text("import sys; print('measured', *sys.argv[1:])")
    monkeypatch.chdir(tmp_path)
    assert measure(["bad", "good"], Path("sets"), ["--fast"], package="measurements") == 3
    assert capfd.readouterr().out == "measured sets --fast\n"
    assert measure(["good"], Path("sets"), [], package="measurements") == 0


def test_a_folder_without_benchmarks_is_named(tmp_path: Path) -> None:
    refused = run(str(tmp_path))
    assert refused.returncode == 2
    assert "holds none of the folders intent, sentiment, search, recommendation" in refused.stderr


def test_an_option_needs_the_part_that_it_belongs_to(tmp_path: Path) -> None:
    refused = run(str(tmp_path), "--stock")
    assert refused.returncode == 2
    assert "--part understanding --stock" in refused.stderr
