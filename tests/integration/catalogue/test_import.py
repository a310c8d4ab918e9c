"""`parley catalogue import` on a real database: all or nothing, by SKU, and orders stay as they are."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

import parley.cli
from crm.catalogue_import import (
    CatalogueRefused,
    CatalogueUnreadable,
    FileMapping,
    Spool,
    check_file,
    export,
    write,
)
from crm.database import Database
from crm.errors import StorageUnavailable
from crm.services import carts, catalogue, orders, stock
from crm.services.catalogue import Counts, ImportReport
from crm.services.orders import CheckoutDetails
from parley import preparation
from parley.catalogue import record
from parley.catalogue.importing import import_file
from parley.settings import Settings
from parley_encoder import Encoder
from tests.integration.catalogue import generator
from tests.integration.catalogue.conftest import DESK, HEADER, LAMP, Writer
from tests.integration.crm.conftest import conversation

DANA = CheckoutDetails("Dana Fischer", "Dana@Example.com", None, "14 rue du Pluvier\n67000 Strasbourg")


async def counts(shop: Database) -> tuple[int, Counts]:
    async with shop.read() as uow:
        return await catalogue.version(uow), await catalogue.counts(uow)


async def test_a_file_is_imported_and_a_second_updates_by_sku(
    settings: Settings, shop: Database, file: Writer
) -> None:
    first = await import_file(settings, file(LAMP, DESK))
    assert first.report == ImportReport(2, 0, 0, 0)
    second = await import_file(settings, file(LAMP.replace("12.50", "11.00"), DESK))
    assert second.report == ImportReport(0, 1, 0, 1)
    async with shop.read() as uow:
        lamp = await catalogue.get(uow, "LMP-1")
    assert lamp is not None
    assert (lamp.price, lamp.category, lamp.active) == (Decimal("11.00"), "lamps", True)
    kept = record.read(settings.state)
    assert kept is not None
    assert (kept.file, kept.products, kept.changed) == ("shop.csv", 2, 1)


async def test_the_same_file_again_changes_nothing_not_even_the_version(
    settings: Settings, shop: Database, file: Writer
) -> None:
    path = file(LAMP, DESK)
    await import_file(settings, path)
    before = await counts(shop)
    assert (await import_file(settings, path)).report == ImportReport(0, 0, 0, 2)
    assert await counts(shop) == before


async def test_what_is_missing_stays_unless_it_is_to_be_withdrawn(
    settings: Settings, shop: Database, file: Writer
) -> None:
    await import_file(settings, file(LAMP, DESK))
    assert (await import_file(settings, file(LAMP))).report == ImportReport(0, 0, 0, 1)
    assert (await import_file(settings, file(LAMP), withdraw_missing=True)).report == ImportReport(0, 0, 1, 1)
    assert (await counts(shop))[1] == Counts(for_sale=1, sold_out=0, withdrawn=1)
    assert (await import_file(settings, file(LAMP, DESK))).report == ImportReport(0, 1, 0, 1)
    assert (await counts(shop))[1] == Counts(for_sale=2, sold_out=0, withdrawn=0)


async def test_one_bad_row_imports_nothing(settings: Settings, shop: Database, file: Writer) -> None:
    await import_file(settings, file(LAMP))
    before = await counts(shop)
    many = [LAMP.replace("LMP-1", f"LMP-{n}") for n in range(2, 1200)]
    with pytest.raises(CatalogueRefused, match="row 1200, price"):
        await import_file(settings, file(*many, DESK.replace("199.00", "dear")), withdraw_missing=True)
    assert await counts(shop) == before
    kept = record.read(settings.state)
    assert kept is not None
    assert kept.products == 1


async def test_an_order_keeps_its_lines_when_its_product_changes_and_goes(
    settings: Settings, shop: Database, file: Writer
) -> None:
    await import_file(settings, file(LAMP, DESK))
    talk = await conversation(shop)
    async with shop.write() as uow:
        await carts.add(uow, talk, "LMP-1", 2)
        placed = await orders.place(uow, talk, DANA, cause="message-1")
        await uow.commit()
    await import_file(settings, file(LAMP.replace("Lumo Arc", "Lumo Bow").replace("12.50", "99.00")))
    await import_file(settings, file(DESK), withdraw_missing=True)
    async with shop.read() as uow:
        found = await orders.track(uow, placed.number, "dana@example.com", conversation_id=talk, client=None)
    assert found is not None
    assert found.lines == placed.lines
    assert found.lines[0].name == "Lumo Arc"
    assert found.total == placed.total


async def test_stock_is_the_file_s_or_kept_on_request(
    settings: Settings, shop: Database, file: Writer
) -> None:
    await import_file(settings, file(LAMP))
    changed = file(LAMP.replace(",3,", ",9,").replace("12.50", "13.00"))
    await import_file(settings, changed, keep_stock=True)
    async with shop.read() as uow:
        lamp = await catalogue.get(uow, "LMP-1")
    assert lamp is not None
    assert (lamp.stock, lamp.price) == (3, Decimal("13.00"))
    assert (await import_file(settings, changed)).report.changed == 1


async def test_a_sale_while_the_file_is_compared_is_not_lost(
    settings: Settings, shop: Database, file: Writer
) -> None:
    await import_file(settings, file(LAMP, DESK))
    with Spool() as spool:
        check_file(
            file(LAMP.replace("12.50", "13.00"), DESK.replace("199.00", "198.00")),
            spool,
            mapping=FileMapping(),
            currency="EUR",
            categories=(),
            attributes={},
        )
        sold = asyncio.Event()

        async def sell() -> None:
            async with shop.write() as uow:
                await stock.take(uow, {"LMP-1": 1})
                await uow.commit()
            sold.set()

        sales: list[asyncio.Future[None]] = []
        report = await write(
            shop,
            spool,
            keep_stock=True,
            progress=lambda _: sales.append(asyncio.ensure_future(sell())) if not sales else None,
        )
        await sold.wait()
    assert report.changed == 2
    async with shop.read() as uow:
        lamp = await catalogue.get(uow, "LMP-1")
    assert lamp is not None
    assert (lamp.stock, lamp.price) == (2, Decimal("13.00"))


async def test_a_writer_that_breaks_off_leaves_nothing(
    settings: Settings, shop: Database, file: Writer
) -> None:
    """As a full disk or a killed process does: in the middle of the writing."""
    await import_file(settings, file(LAMP))
    before = await counts(shop)
    path = file(*(LAMP.replace("LMP-1", f"LMP-{n}") for n in range(2, 1300)))

    def break_off(step: str, done: int, total: int) -> None:
        if step == "Writing" and done > 600:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        await import_file(settings, path, advance=break_off)
    assert await counts(shop) == before


async def test_a_database_that_is_away_is_told(tmp_path: Path, settings: Settings, file: Writer) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    with pytest.raises(StorageUnavailable):
        await import_file(away, file(LAMP))


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
async def test_what_is_exported_comes_back_unchanged(
    settings: Settings, shop: Database, tmp_path: Path, name: str
) -> None:
    await preparation.prepare(settings)
    before = await counts(shop)
    target = tmp_path / name
    assert await export(shop, target) == before[1].for_sale
    again = await import_file(settings, target, withdraw_missing=True)
    assert again.report == ImportReport(0, 0, 0, before[1].for_sale)
    assert again.notes.unused_columns == ()
    assert await counts(shop) == before


async def test_an_export_that_can_t_be_written_leaves_nothing(shop: Database, tmp_path: Path) -> None:
    with pytest.raises(CatalogueUnreadable, match="can't be written"):
        await export(shop, tmp_path / "none" / "out.csv")
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(CatalogueUnreadable, match="can't be written"):
        await export(shop, tmp_path / "taken.csv")
    assert [name for name in os.listdir(tmp_path) if name.startswith(".")] == []  # noqa: PTH208 - not in a coroutine


async def test_an_imported_catalogue_stays_when_the_shop_s_folder_changes(
    settings: Settings, shop: Database, file: Writer
) -> None:
    await import_file(settings, file(LAMP))
    await preparation.prepare(settings)
    assert (await counts(shop))[1].for_sale == 1
    await preparation.prepare(settings, force=True)
    assert (await counts(shop))[1].for_sale > 100
    assert record.read(settings.state) is None


def test_the_command_line_tells_what_it_did_and_what_is_wrong(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PARLEY_STATE", str(tmp_path / "state"))
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(f"{HEADER},note\n{LAMP},x\n", encoding="utf-8")
    bad.write_text(f"{HEADER}\n{LAMP.replace('12.50', 'dear')}\n", encoding="utf-8")
    runner = CliRunner()
    done = runner.invoke(parley.cli.app, ["catalogue", "import", str(good)])
    assert done.exit_code == 0, done.output
    assert "1 added" in done.output
    assert "Columns not used: note" in done.output
    assert "search index: 1 products" in done.output
    told = runner.invoke(parley.cli.app, ["catalogue", "status"]).output
    assert "1 for sale" in told
    assert "texts as of version 1" in told
    out = tmp_path / "out.jsonl"
    assert runner.invoke(parley.cli.app, ["catalogue", "export", str(out)]).exit_code == 0
    assert '"LMP-1"' in out.read_text(encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["parley", "catalogue", "import", str(bad)])
    with pytest.raises(SystemExit) as stopped:
        parley.cli.main()
    assert stopped.value.code == 1
    assert "row 2, price: 'dear' is refused" in capsys.readouterr().err


def test_an_interrupt_while_indexing_leaves_the_products_and_says_so(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PARLEY_STATE", str(tmp_path / "state"))
    good = tmp_path / "good.csv"
    good.write_text(f"{HEADER}\n{LAMP}\n{DESK}\n", encoding="utf-8")

    def interrupted(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    monkeypatch.setattr(Encoder, "encode", interrupted)
    runner = CliRunner()
    stopped = runner.invoke(parley.cli.app, ["catalogue", "import", str(good)])
    assert stopped.exit_code == 130
    assert "The products are imported" in stopped.output
    told = runner.invoke(parley.cli.app, ["catalogue", "status"]).output
    assert "2 for sale" in told
    assert not (tmp_path / "state" / "search" / "manifest.json").exists()


async def test_a_large_file_is_streamed(settings: Settings, shop: Database, tmp_path: Path) -> None:
    """The measure at 100,000 is `python -m tests.integration.catalogue.measure`; this keeps the way there working."""
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        generator.write(stream, 3_000)
    steps: dict[str, int] = {}
    imported = await import_file(
        settings, path, advance=lambda step, done, total: steps.update({step: steps.get(step, 0) + 1})
    )
    assert imported.report.added == 3_000
    assert set(steps) == {"Checking", "Comparing", "Writing"}
    assert set(imported.notes.unknown_categories) >= {"garden-hose", "shelf-brackets"}
