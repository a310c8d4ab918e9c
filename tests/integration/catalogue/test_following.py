"""Search and gazetteer follow the catalogue, whoever changes it; a restart encodes nothing again."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crm.database import Database
from crm.model.product import CatalogueState
from crm.services import catalogue, stock
from models import catalogue_files
from models.search import ProductIndex, Query
from parley import preparation
from parley.bootstrap import ActionsContext, build_actions_context
from parley.catalogue.following import CatalogueFollower
from parley.catalogue.importing import import_file
from parley.settings import ROOT, Settings
from parley_encoder import Encoder
from tests.integration.catalogue.conftest import DESK, LAMP, Writer

WITHIN = 5.0


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder.load(ROOT / "models" / "artifacts" / "encoder")


@dataclass
class Counting:
    """The real encoder, counting the texts that it is given."""

    real: Encoder
    fingerprint: str
    texts: int = 0

    @property
    def dimension(self) -> int:
        return self.real.dimension

    def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> Any:
        self.texts += len(texts)
        return self.real.encode(texts, batch_size=batch_size)


@pytest.fixture
def counting(encoder: Encoder) -> Counting:
    return Counting(encoder, encoder.fingerprint)


@pytest.fixture(scope="session")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop's search index by kind of database, as an action server that ran before has left it."""
    return tmp_path_factory.mktemp("encoded")


@pytest.fixture
async def running(settings: Settings, encoded: Path) -> AsyncIterator[ActionsContext]:
    """The demo shop with a context that follows it, as the action server has it."""
    await preparation.prepare(settings)
    index = encoded / settings.database_url.partition(":")[0]
    if index.exists():
        shutil.copytree(index, settings.search_index)
    context = build_actions_context(settings)
    await context.start()
    if not index.exists():
        shutil.copytree(settings.search_index, index)
    yield context
    await context.stop()


def follower(shop: Database, settings: Settings, encoder: Counting) -> CatalogueFollower:
    return CatalogueFollower(
        shop,
        catalogue_files.read(settings.shop),
        encoder,
        index_folder=settings.search_index,
        gazetteer=settings.gazetteer,
    )


def words(settings: Settings) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(settings.gazetteer.read_text(encoding="utf-8"))
    return content


async def soon(holds: Callable[[], bool]) -> float:
    """Seconds until it holds; fails after WITHIN."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < WITHIN, "it didn't follow in time"
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def test_a_product_imported_by_the_command_is_found_and_stands_in_the_gazetteer(
    running: ActionsContext, settings: Settings, file: Writer
) -> None:
    header = "sku,name,brand,category,price,stock,description,attributes.finish"
    path = file(f"{LAMP},brushed steel", header=header)
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from parley.cli import main; main()", "catalogue", "import", str(path)),
        cwd=ROOT,
        env={"DATABASE_URL": settings.database_url, "PARLEY_STATE": str(settings.state), "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await command.communicate()
    assert command.returncode == 0, output.decode()
    await soon(lambda: [hit.sku for hit in running.index.search(Query("bright desk lamp"), 1)] == ["LMP-1"])
    await soon(lambda: "Lumo" in words(settings)["brands"])
    told = words(settings)
    assert {"sku": "LMP-1", "name": "Lumo Arc", "brand": "Lumo", "category": "lamps"} in told["products"]
    assert [one["name"] for one in told["categories"] if one["slug"] == "lamps"] == ["Lamps"]
    assert told["attributes"]["finish"]["values"] == ["brushed steel"]
    assert running.vocabulary.singular("lamps") == "lamp"
    assert [hit.sku for hit in running.index.search(Query("lamp", category="lamps"), 3)] == ["LMP-1"]


async def test_a_refused_import_changes_neither_search_nor_gazetteer(
    running: ActionsContext, settings: Settings, file: Writer
) -> None:
    before, index = words(settings), running.index
    with pytest.raises(Exception, match="row 3, price"):
        await import_file(settings, file(LAMP, DESK.replace("199.00", "dear")))
    assert await running.refresh() is False
    assert words(settings) == before
    assert running.index is index


async def test_stock_price_and_withdrawal_follow(
    running: ActionsContext, settings: Settings, shop: Database, file: Writer
) -> None:
    await import_file(settings, file(LAMP, DESK))
    lamps = Query("lamp", category="lamps")
    await soon(lambda: running.index.count(lamps) == 1)
    async with shop.write() as uow:
        await stock.take(uow, {"LMP-1": 3})
        await uow.commit()
    await soon(lambda: running.index.count(lamps) == 0)
    await import_file(settings, file(LAMP.replace("12.50", "950.00")))
    dear = Query("lamp", category="lamps", price_min=Decimal(900))
    await soon(lambda: running.index.count(dear) == 1)
    await import_file(settings, file(DESK), withdraw_missing=True)
    await soon(lambda: len(running.index) == 1)
    await soon(lambda: words(settings)["brands"] == ["Oakley"])


async def test_a_sale_leaves_gazetteer_and_stored_texts_alone(
    settings: Settings, shop: Database, file: Writer, counting: Counting
) -> None:
    await import_file(settings, file(LAMP, DESK))
    following = follower(shop, settings, counting)
    assert await following.refresh()
    assert counting.texts == 2
    files = (settings.gazetteer, settings.search_index / "manifest.json")
    before = [path.stat().st_mtime_ns for path in files]
    async with shop.write() as uow:
        await stock.take(uow, {"LMP-1": 3})
        await uow.commit()
    assert await following.refresh()
    assert following.shelf is not None
    assert [hit.sku for hit in following.shelf.index.search(Query("lamp"), 5)] == ["DSK-1"]
    assert counting.texts == 2 + 1  # the query's own
    assert [path.stat().st_mtime_ns for path in files] == before
    assert not await following.refresh()


async def test_a_restart_and_another_process_encode_nothing_again(
    settings: Settings, shop: Database, file: Writer, counting: Counting
) -> None:
    await import_file(settings, file(LAMP, DESK))
    await follower(shop, settings, counting).refresh()
    await import_file(
        settings, file(LAMP.replace("12.50", "14.00"), "CHR-1,Oakley Chair,Oakley,chairs,80,1,Oak")
    )
    restarted = follower(shop, settings, counting)
    await restarted.refresh()
    assert counting.texts == 2 + 1
    other = follower(shop, settings, counting)
    await other.refresh()
    assert counting.texts == 2 + 1
    assert restarted.shelf is not None
    assert other.shelf is not None
    np.testing.assert_array_equal(other.shelf.index.vectors, restarted.shelf.index.vectors)


async def test_another_encoder_makes_the_index_anew(
    settings: Settings, shop: Database, file: Writer, counting: Counting, encoder: Encoder
) -> None:
    await import_file(settings, file(LAMP, DESK))
    await follower(shop, settings, counting).refresh()
    other = Counting(encoder, "another encoder")
    await follower(shop, settings, other).refresh()
    assert other.texts == 2
    manifest = json.loads((settings.search_index / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["encoder"] == "another encoder"


async def test_a_damaged_index_is_built_anew(
    settings: Settings, shop: Database, file: Writer, counting: Counting
) -> None:
    await import_file(settings, file(LAMP, DESK))
    await follower(shop, settings, counting).refresh()
    (settings.search_index / "vectors.npy").write_bytes(b"torn")
    following = follower(shop, settings, counting)
    await following.refresh()
    assert counting.texts == 4
    ProductIndex.load(settings.search_index, counting, catalogue_files.read(settings.shop))


async def test_a_gazetteer_that_another_hand_changed_is_put_right(
    settings: Settings, shop: Database, file: Writer, counting: Counting
) -> None:
    await import_file(settings, file(LAMP, DESK))
    following = follower(shop, settings, counting)
    await following.refresh()
    right = words(settings)
    for spoil in (
        lambda: settings.gazetteer.unlink(),
        lambda: settings.gazetteer.write_text('{"brands": ["Nobody"]}', encoding="utf-8"),
        lambda: settings.gazetteer.write_text("torn", encoding="utf-8"),
    ):
        spoil()
        assert not await following.refresh()
        assert words(settings) == right


async def test_a_state_folder_that_refuses_costs_no_search_and_is_tried_again(
    settings: Settings, shop: Database, file: Writer, counting: Counting
) -> None:
    """A file stands where the folders belong: that refuses even the superuser, whom permissions don't stop."""
    await import_file(settings, file(LAMP, DESK))
    blocked = settings.state / "blocked"
    blocked.write_text("no folder", encoding="utf-8")
    refused = settings.model_copy(update={"state": blocked})
    following = follower(shop, refused, counting)
    assert await following.refresh()
    assert following.shelf is not None
    assert following.shelf.index.search(Query("lamp"), 1)[0].sku == "LMP-1"
    blocked.unlink()
    await following.refresh()
    assert words(refused)["brands"] == ["Lumo", "Oakley"]


async def test_a_catalogue_of_an_older_database_is_read_whole(
    settings: Settings, shop: Database, file: Writer, counting: Counting
) -> None:
    """As after a backup was played back: the version falls."""
    await import_file(settings, file(LAMP))
    await import_file(settings, file(LAMP, DESK))
    following = follower(shop, settings, counting)
    await following.refresh()
    async with shop.write() as uow:
        await catalogue.import_products(uow, (), withdraw_missing=True)
        state = await uow.session.get_one(CatalogueState, 1)
        state.version = 1
        await uow.commit()
    assert await following.refresh()
    assert following.shelf is not None
    assert len(following.shelf.index) == 0
