"""What the last `parley catalogue import` was, kept in the state folder.

It also tells the start that the shop's catalogue is an imported one, so that the products of `PARLEY_SHOP` don't come
back when that folder changes.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from models.files import write_atomically

NAME = "catalogue.json"


class ImportRecord(BaseModel):
    """The file that the catalogue came from, and what the import did."""

    model_config = ConfigDict(frozen=True)

    file: str
    at: datetime
    products: int
    added: int
    changed: int
    withdrawn: int
    unchanged: int


def write(state: Path, record: ImportRecord) -> None:
    """Keep the record. Raises OSError when the state folder can't be written to."""
    write_atomically(state / NAME, record.model_dump_json(indent=1) + "\n")


def read(state: Path) -> ImportRecord | None:
    """The last import's record; None when there was none."""
    try:
        return ImportRecord.model_validate_json((state / NAME).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def forget(state: Path) -> None:
    """The catalogue is that of the shop's folder again."""
    (state / NAME).unlink(missing_ok=True)
