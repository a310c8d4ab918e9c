"""Secrets that nobody set: made once, agreed on by all processes, readable by their owner alone."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from parley.errors import SettingsError
from parley.secrets import FILE_NAME, stored_secrets

NAMES = ("secret", "bot_token")


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    made = stored_secrets(tmp_path, NAMES)
    assert set(made) == set(NAMES)
    assert len(set(made.values())) == 2
    assert stored_secrets(tmp_path, NAMES) == made


def test_only_the_owner_reads_them_whatever_the_umask(tmp_path: Path) -> None:
    program = (
        "import os; os.umask(0); from pathlib import Path; from parley.secrets import stored_secrets; "
        f"stored_secrets(Path({str(tmp_path)!r}), {NAMES!r})"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_a_new_secret_joins_the_old_ones(tmp_path: Path) -> None:
    old = stored_secrets(tmp_path, ("secret",))
    both = stored_secrets(tmp_path, NAMES)
    assert both["secret"] == old["secret"]
    assert both["bot_token"]
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    program = (
        "import json, sys; from pathlib import Path; from parley.secrets import stored_secrets; sys.stdin.read(); "
        f"print(json.dumps(stored_secrets(Path({str(tmp_path)!r}), {NAMES!r})))"
    )
    racing = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(6)
    ]
    for process in racing:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    told = [json.loads(process.communicate(timeout=60)[0]) for process in racing]
    assert all(one == told[0] for one in told)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"secret": 5}'])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(SettingsError, match=r"secrets\.json"):
        stored_secrets(tmp_path, NAMES)
    assert (tmp_path / FILE_NAME).read_text() == content


def test_a_file_left_by_a_process_that_died_is_in_nobodys_way(tmp_path: Path) -> None:
    program = (
        "import os; from pathlib import Path; from parley.secrets import stored_secrets; "
        f"folder = Path({str(tmp_path)!r}); (folder / f'secrets.{{os.getpid()}}').write_text('half'); "
        f"stored_secrets(folder, {NAMES!r})"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert set(stored_secrets(tmp_path, NAMES)) == set(NAMES)
