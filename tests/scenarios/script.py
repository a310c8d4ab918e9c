"""The scenario files' format, checked strictly: a misspelt key is an error, not an expectation that never fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

FOLDER = Path(__file__).parent


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CardsAll(_Strict):
    """What must be true of every card shown, by the product's row in the database."""

    category: str | None = None
    brand: str | None = None
    not_brand: str | None = None
    min_price: str | None = None
    max_price: str | None = None
    in_stock: bool | None = None
    attribute_min: dict[str, float] = Field(default_factory=dict)


class Expect(_Strict):
    """What the replies to one step must be. `text` and `not_text` are regular expressions, case ignored.

    `table_columns` counts the products of a comparison, `table_rows` are the labels of its first rows.
    """

    text: str | list[str] | None = None
    not_text: str | list[str] | None = None
    cards: int | None = None
    min_cards: int | None = None
    cards_all: CardsAll | None = None
    choices: list[str] = Field(default_factory=list)
    table_columns: int | None = None
    table_rows: list[str] = Field(default_factory=list)
    status: Literal["bot", "queued", "human", "resolved"] | None = None
    replies: int | None = None


class EarlierOrder(_Strict):
    """An order that dana@example.com placed before the conversation began; `{{order}}` is its number from then on.

    It takes stock like any other. A delivered one arrived `delivered_days_ago` days ago.
    """

    lines: dict[str, int]
    status: Literal["placed", "paid", "shipped", "delivered"] = "placed"
    delivered_days_ago: int = 2


class Change(_Strict):
    """A change from outside: another customer buys, the shop changes a price, an agent acts, with or without a note;
    somebody of the name `lead` has asked on the web to be called back.

    `order` is one that was placed before; `becomes` is what the shop does with it meanwhile, and `parcel` what becomes
    of its return or its money.
    """

    order: EarlierOrder | None = None
    becomes: Literal["paid", "shipped", "delivered"] | None = None
    parcel: Literal["back", "refunded"] | None = None

    set_stock: dict[str, int] = Field(default_factory=dict)
    set_price: dict[str, str] = Field(default_factory=dict)
    agent: Literal["claim", "return", "resolve"] | None = None
    agent_says: str | None = None
    agent_notes: str | None = None
    lead: str | None = None


class Step(_Strict):
    """One of: the customer says or presses something, something happens, the database is looked at."""

    say: str | None = None
    press: str | None = None
    card: int | None = None
    repeat: bool = False
    then: Change | None = None
    db: dict[str, dict[str, Any]] | None = None
    expect: Expect | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        given = [name for name in ("say", "press", "then", "db") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a step is one of say, press, then, db; this one has {given or 'none'}")
        if self.expect is not None and given[0] in {"then", "db"}:
            raise ValueError("expect belongs to say or press")
        return self


class Scenario(_Strict):
    """A conversation. `covers` names the actions without which it must fail.

    With `staff` it is not a customer's: whoever has this e-mail address on the staff list talks, in role rep.
    """

    name: str
    staff: str | None = None
    covers: list[str] = Field(default_factory=list)
    setup: Change | None = None
    steps: list[Step]


def scenarios() -> list[tuple[str, Scenario]]:
    """Every scenario of every file with an id for the test report. Raises ValueError naming file and key."""
    found = []
    for path in sorted(FOLDER.glob("*.yml")):
        for number, document in enumerate(yaml.safe_load_all(path.read_text())):
            try:
                found.append((f"{path.stem}-{number + 1}", Scenario.model_validate(document)))
            except ValueError as exc:
                raise ValueError(f"{path.name}, document {number + 1}: {exc}") from exc
    return found
