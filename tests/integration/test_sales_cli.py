"""`parley sales` as a rep types it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from crm.database import Database
from crm.model import AuditEvent
from crm.policy import ShopPolicy
from crm.services import appointments, catalogue, quotes, users
from crm.services.quotes import Wanted
from crm.shop import load_shop
from tests.integration.crm.conftest import conversation, record

ROOT = Path(__file__).parents[2]
REP = "odile@shop.example"


def sales(url: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": url, "PARLEY_STATE": str(folder), "COLUMNS": "220"}
    program = "from parley.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "sales", *words],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def shop_policy() -> ShopPolicy:
    return load_shop(ROOT / "data" / "shop").policy


async def test_reps_see_quotes_and_appointments_and_withdraw_a_quote(sqlite_url: str, tmp_path: Path) -> None:
    database = Database.connect(sqlite_url, policy=shop_policy())
    talk = await conversation(database)
    async with database.write() as uow:
        await catalogue.import_products(uow, [record("CAB-0001", "9.99", 50)])
        await users.ensure(uow, email=REP, name="Odile", role="rep")
        made = await quotes.make(
            uow, talk, [Wanted("CAB-0001", 11)], name="Dana", email="dana@example.com",
            company="Fischer [& Co]", cause="q",
        )  # fmt: skip
        start = (await appointments.next_free(uow, datetime.now(UTC) + timedelta(days=1)))[0]
        await appointments.book(
            uow, talk, start, name="Dana", email=None, phone="+33353012014", topic="a camera",
            consent="May we?", cause="b",
        )  # fmt: skip
        await uow.commit()
    shown = sales(sqlite_url, tmp_path, "quote", made.number.lower()).stdout
    assert all(part in shown for part in ("Fischer [& Co]", "11 × Product CAB-0001", "list 9.99", "open"))
    booked = sales(sqlite_url, tmp_path, "appointments").stdout
    assert "a camera" in booked
    assert "+33353012014" in booked
    refused = sales(sqlite_url, tmp_path, "withdraw", made.number, "--as", "nobody@shop.example")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "withdrawn" in sales(sqlite_url, tmp_path, "withdraw", made.number, "--as", REP).stdout
    assert made.number not in sales(sqlite_url, tmp_path, "quotes").stdout
    assert made.number in sales(sqlite_url, tmp_path, "quotes", "--all").stdout
    async with database.read() as uow:
        actors = await uow.session.scalars(
            select(AuditEvent.actor).where(AuditEvent.action == "quote.withdrawn")
        )
        assert [actor.startswith("user:") for actor in actors] == [True]
    await database.close()
