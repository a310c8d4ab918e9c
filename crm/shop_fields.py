"""What the parts of `shop.toml` share: the base of its tables, exact money and shares."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class FileTable(BaseModel):
    """A table of the file. What other parts of the program read from the same file is theirs to check."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def exact(value: object) -> object:
    """Refuse binary floats: 4.90 in TOML is already 4.9000000000000004 to a program."""
    if isinstance(value, float):
        raise ValueError(f'write it as text, "{value:.2f}"')  # noqa: TRY004 - pydantic wants ValueError
    return value


Money = Annotated[Decimal, BeforeValidator(exact), Field(ge=0, max_digits=12, decimal_places=2)]
Percent = Annotated[Decimal, BeforeValidator(exact), Field(gt=0, lt=100, decimal_places=2)]
