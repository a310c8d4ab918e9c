"""A product as a catalogue file gives it: read, checked, and refused with row, field and fix."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from pydantic import ValidationError as PydanticError

from crm.errors import InvalidInput

# 12.5 in JSON is a float; its shortest text is what the file says.
Amount = Annotated[
    Decimal,
    BeforeValidator(lambda value: str(value) if isinstance(value, float) else value),
    Field(ge=0, max_digits=12, decimal_places=2),
]
Value = (
    StrictBool
    | StrictInt
    | Annotated[float, Field(strict=True, allow_inf_nan=False)]
    | StrictStr
    | list[StrictStr]
)


class ProductRecord(BaseModel):
    """A product to import. `category` is a slug; `price` includes VAT; `image` a URL or path, if any."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    sku: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")
    name: str = Field(min_length=1, max_length=200)
    brand: str = Field(min_length=1, max_length=100)
    category: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    price: Amount
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    stock: StrictInt = Field(ge=0, le=2**31 - 1)
    description: str = Field(min_length=1, max_length=10_000)
    attributes: dict[str, Value] = Field(default_factory=dict)
    image: str | None = Field(default=None, max_length=500)


def parse_record(fields: Mapping[str, Any], *, where: str) -> ProductRecord:
    """A checked record. `where` ("catalogue.jsonl line 12") begins the error's fix."""
    try:
        return ProductRecord.model_validate(dict(fields))
    except PydanticError as exc:
        first = exc.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(field, first["input"], f"{where}: {first['msg']}") from exc


def read_jsonl(path: Path) -> Iterator[ProductRecord]:
    """The records of a JSON Lines file, one by one. Raises InvalidInput naming line, field and fix."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            where = f"{path.name} line {number}"
            try:
                fields = json.loads(line)
            except json.JSONDecodeError as exc:
                raise InvalidInput("line", line[:40], f"{where}: not JSON: {exc}") from exc
            if not isinstance(fields, dict):
                raise InvalidInput("line", line[:40], f"{where}: write one JSON object a line")
            yield parse_record(fields, where=where)
