"""`parley staff`: the list as it is, changed at once, and each slip is one line that says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.model import AuditEvent
from crm.services import users

ADA = "Ada.Roth@plover.example.com"


def staff(url: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": url, "PARLEY_STATE": str(folder), "COLUMNS": "200"}
    program = [sys.executable, "-c", "from parley.cli import main; main()", "staff", *words]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False)


async def test_somebody_comes_changes_role_leaves_and_comes_back(sqlite_url: str, tmp_path: Path) -> None:
    database = Database.connect(sqlite_url)
    try:
        assert staff(sqlite_url, tmp_path, "add", ADA, "--name", "Ada Roth", "--role", "rep").returncode == 0
        assert "ada.roth@plover.example.com" in staff(sqlite_url, tmp_path, "list").stdout
        assert staff(sqlite_url, tmp_path, "role", ADA, "manager").stdout.strip().endswith(": manager")
        assert staff(sqlite_url, tmp_path, "leave", ADA).returncode == 0
        assert "ada.roth" not in staff(sqlite_url, tmp_path, "list").stdout
        async with database.read() as uow:
            gone = await users.by_email(uow, ADA)
        assert gone is not None
        assert (gone.active, gone.role) == (False, "manager")
        staff(sqlite_url, tmp_path, "add", ADA, "--name", "Ada Roth", "--role", "admin")
        async with database.read() as uow:
            back = await users.by_email(uow, ADA)
            audited = list(await uow.session.scalars(select(AuditEvent.action)))
        assert back is not None
        assert (back.active, back.role) == (True, "admin")
        assert audited == ["user.changed"] * 3
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("role", "nobody@plover.example.com", "rep"), "no member of staff"),
        (("add", ADA, "--name", "Ada", "--role", "boss"), "agent, rep, manager, admin"),
        (("add", "ada", "--name", "Ada", "--role", "rep"), "write an address"),
    ],
)
def test_a_slip_is_one_line_that_says_what_to_do(
    sqlite_url: str, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = staff(sqlite_url, tmp_path, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("✗ ")
    assert told in done.stderr
    assert done.stderr.strip().count("\n") == 0
