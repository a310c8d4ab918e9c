"""Settings of a shop of one's own on each database, and files to import into it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from crm.database import Database
from parley.settings import Settings
from parley.stack import settings_for

HEADER = "sku,name,brand,category,price,stock,description"
LAMP = "LMP-1,Lumo Arc,Lumo,lamps,12.50,3,A bright lamp for a desk"
DESK = "DSK-1,Oakley Desk,Oakley,desks,199.00,2,A desk of oak"

Writer = Callable[..., Path]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "state", database_url=database_url)


@pytest.fixture
async def shop(settings: Settings) -> AsyncIterator[Database]:
    """The database that `settings` name."""
    opened = Database.connect(settings.database_url)
    yield opened
    await opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Writer:
    """Writes a catalogue with these rows below the usual header."""

    def write(*rows: str, header: str = HEADER, name: str = "shop.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return path

    return write
