"""The set-up: steps are left out when nothing changed, and what goes wrong is one clear line."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from tools import environments, setup
from tools.steps import Runner, SetupError, Step, files

Usage = namedtuple("Usage", "total used free")


class Counting:
    """Something to set up that remembers how often it was done."""

    def __init__(self, folder: Path) -> None:
        self.source, self.built = folder / "source.txt", folder / "built.txt"
        self.source.write_text("one")
        self.times = 0

    def step(self, *keys: str) -> Step:
        return Step("Build it", self._build, inputs=(self.source,), outputs=(self.built,), keys=keys)

    def _build(self, run: Runner) -> None:
        self.times += 1
        self.built.write_text(self.source.read_text())


def test_a_step_is_left_out_until_an_input_an_output_or_a_key_changes(tmp_path: Path) -> None:
    work = Counting(tmp_path)
    for expected, change in (
        (1, lambda: None),
        (1, lambda: None),
        (2, lambda: work.source.write_text("two")),
        (3, work.built.unlink),
    ):
        change()
        Runner(tmp_path).run(work.step())
        assert work.times == expected
    Runner(tmp_path).run(work.step("another version"))
    assert work.times == 4


def test_a_step_that_failed_is_tried_again(tmp_path: Path) -> None:
    times = []

    def breaks(run: Runner) -> None:
        times.append(1)
        program = "print('the reason\\n\\nhint: try something'); raise SystemExit(3)"
        run.call([sys.executable, "-c", program], why="Building failed")

    for _ in range(2):
        with pytest.raises(SetupError, match=r"^Building failed: the reason  \(all of it: .*setup\.log\)$"):
            Runner(tmp_path).run(Step("Break", breaks))
    assert len(times) == 2


def test_a_draft_is_the_bot_without_its_tower(tmp_path: Path) -> None:
    full = [step.name for step in environments.models_plan(tmp_path)]
    draft = [step.name for step in environments.models_plan(tmp_path, draft=True)]
    assert [name for name in full if name not in draft] == ["Encoder adapted to the bot's sentences"]
    assert full[-1] == draft[-1] == "Bot"


def test_the_share_that_is_done_is_shown_and_not_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = "print('begun')\nfor share in range(0, 101, 5): print(share)"
    Runner(tmp_path).run(Step("Learn", lambda run: run.call([sys.executable, "-c", program])))
    assert "▸ Learn … 20 % 40 % 60 % 80 % 100 % " in capsys.readouterr().out
    logged = (tmp_path / "var" / "log" / "setup.log").read_text()
    assert "begun" in logged
    assert "\n45\n" not in logged


@pytest.mark.parametrize("how", ["in the program", "in the step"])
def test_a_disk_that_fills_up_is_one_line(tmp_path: Path, how: str) -> None:
    def fills(run: Runner) -> None:
        if how == "in the step":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        program = "import errno, os; raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))"
        run.call([sys.executable, "-c", program])

    with pytest.raises(SetupError, match=r"^The disk is full\. Free some room, then run it again\.$"):
        Runner(tmp_path).run(Step("Fill", fills))


def test_a_real_full_device_is_one_line(tmp_path: Path) -> None:
    def fills(run: Runner) -> None:
        Path("/dev/full").write_text("no room")

    with pytest.raises(SetupError, match="The disk is full"):
        Runner(tmp_path).run(Step("Fill", fills))


@pytest.mark.parametrize(("free", "said"), [(3 * 2**30, "3.0 GiB free"), (50 * 2**20, "GiB free")])
def test_a_first_set_up_refuses_before_it_begins_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, said: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free, 0, free))
    with pytest.raises(SetupError, match=said):
        setup._check_disk(Runner(tmp_path))


def test_a_later_set_up_needs_little_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner(tmp_path)
    runner.run(Step("Parley's environment", lambda run: None))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**31, 0, 2**31))
    setup._check_disk(runner)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**31, 0, 2**20))
    with pytest.raises(SetupError, match="The disk is full"):
        setup._check_disk(runner)


def _program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_missing_python_3_10_is_one_line_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    _program(tmp_path, "python3.10", "echo 'pyenv: python3.10: command not found' >&2; exit 127")
    _program(tmp_path, "pyenv", "exit 1")
    uv = _program(tmp_path, "uv", "echo 'error: could not download' >&2; exit 2")
    with pytest.raises(SetupError) as refused:
        environments._python_310(uv)
    said = str(refused.value)
    assert said.startswith("Python 3.10 is needed")
    assert "pyenv install 3.10" in said
    assert "\n" not in said


def test_python_3_10_is_taken_from_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    uv = _program(tmp_path, "uv", "exit 2")
    prefix = tmp_path / "versions"
    (prefix / "bin").mkdir(parents=True)
    from_pyenv = _program(prefix / "bin", "python3.10", "echo '(3, 10)'")
    _program(tmp_path, "pyenv", f"echo {prefix}")
    assert environments._python_310(uv) == str(from_pyenv)
    on_path = _program(tmp_path, "python3.10", "echo '(3, 10)'")
    assert environments._python_310(uv) == str(on_path)


def test_a_state_folder_that_cant_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a folder should be")
    with pytest.raises(SetupError, match=r"^Can't write to .*var: "):
        Runner(tmp_path)


def test_ctrl_c_while_setting_up_says_that_nothing_is_lost() -> None:
    program = (
        "import sys; from tools import setup\n"
        "def interrupted(run): raise KeyboardInterrupt\n"
        "setup._check_disk = interrupted; sys.argv = ['setup.py']; sys.exit(setup.main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert "what was finished is kept" in done.stderr
    assert "Traceback" not in done.stderr


def test_caches_are_no_inputs(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "b.py").write_text("")
    assert files(tmp_path, "**/*.py") == [tmp_path / "a.py"]
