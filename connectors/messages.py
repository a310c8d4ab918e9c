"""What every channel speaks: messages that come in, replies that go out.

All are frozen and survive JSON exactly: `T.model_validate_json(x.model_dump_json()) == x`. A `Reply` is stored as
that JSON and rendered by each channel; a choice's `payload` never leaves the gateway: outside, a choice is
named by `choice_id`.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

# Money crosses JSON as text, so that no reader makes a float of it.
Amount = Annotated[
    Decimal, Field(ge=0, decimal_places=2, max_digits=12), PlainSerializer(str, return_type=str)
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class InboundMessage(_Frozen):
    """What a sender wrote, pressed or commanded: one of `text`, `choice` and `command`.

    `delivery_id` is what the channel calls this delivery, unique on the channel, so that a repeated one is
    answered once. `choice` is the id of an offered choice; `command` a name of `connectors.gateway.commands`,
    which a command of staff's may follow with words in `text`.
    `client` is a keyed hash of the sender's address.
    """

    channel: str
    conversation_id: str
    delivery_id: str = Field(max_length=120)
    text: str | None = None
    choice: str | None = None
    command: str | None = None
    client: str | None = None


class Choice(_Frozen):
    """Something to press. `payload` is what the bot is told then; None outside the gateway."""

    title: str = Field(min_length=1)
    payload: str = Field(min_length=1)


class Card(_Frozen):
    """A product as shown: `reason` says why it fits, `facts` are at most a few short true statements."""

    sku: str
    title: str
    price: Amount
    currency: str
    price_text: str
    image: str | None = None
    reason: str = ""
    facts: tuple[str, ...] = ()
    in_stock: bool = True
    choices: tuple[Choice, ...] = ()


class TableRow(_Frozen):
    """A label and a cell for each column; `best` are the columns (from 0) whose cells are the best of the row."""

    label: str = Field(min_length=1)
    cells: tuple[str, ...]
    best: tuple[int, ...] = ()


class Table(_Frozen):
    """Things side by side: `header` names the columns after the labels' own. A channel without tables shows
    `as_text`.
    """

    caption: str = Field(min_length=1)
    header: tuple[str, ...] = Field(min_length=1)
    rows: tuple[TableRow, ...]

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        for row in self.rows:
            if len(row.cells) != len(self.header):
                raise ValueError(f"{row.label!r}: {len(row.cells)} cells for {len(self.header)} columns")
            if any(not 0 <= column < len(self.header) for column in row.best):
                raise ValueError(f"{row.label!r}: best: there are columns 0 to {len(self.header) - 1}")
        return self

    def as_text(self) -> str:
        """The table in plain lines that read well in any width: the columns' names by number, then a line for each
        row, with a tick at what is best.
        """
        names = [f"{number}. {name}" for number, name in enumerate(self.header, start=1)]
        return "\n".join([*names, *(_line(row) for row in self.rows)])


def _line(row: TableRow) -> str:
    cells = [
        f"{number}. {cell}{' ✓' if number - 1 in row.best else ''}"
        for number, cell in enumerate(row.cells, start=1)
    ]
    return f"• {row.label}: {' | '.join(cells)}"


class Reply(_Frozen):
    """One message to a person. A `notice` is about the conversation (who answers, what is delayed).

    `asks` says that it asks for the customer's phone number or address: some channels can share those by a tap.
    """

    text: str = ""
    kind: Literal["message", "notice"] = "message"
    choices: tuple[Choice, ...] = ()
    cards: tuple[Card, ...] = ()
    asks: Literal["phone", "address"] | None = None
    table: Table | None = None

    def as_text(self) -> str:
        """Text and table in plain words, for channels and transcripts without tables. Cards aren't in it: every
        channel has a shape of its own for these.
        """
        return "\n\n".join(filter(None, (self.text, self.table.as_text() if self.table else "")))

    def to_content(self) -> dict[str, Any]:
        """As the JSON object that is stored."""
        return self.model_dump(mode="json")

    @classmethod
    def from_content(cls, content: dict[str, Any] | None, *, text: str, kind: str) -> "Reply":
        """From the stored JSON; a row without any (an agent's words) is its text."""
        if content is None:
            return cls(text=text, kind="notice" if kind == "notice" else "message")
        return cls.model_validate(content)


def offers(reply: Reply) -> list[Choice]:
    """Everything that can be pressed, in the order in which it is numbered: choices, then the cards'."""
    return [*reply.choices, *(choice for card in reply.cards for choice in card.choices)]


def choice_id(seq: int, number: int) -> str:
    """Outside name of the choice `number` (from 0) of the reply stored as `seq`."""
    return f"{seq}.{number}"


def parse_choice_id(text: str) -> tuple[int, int] | None:
    """`seq` and number of a choice's outside name, or None when it has another shape."""
    seq, dot, number = text.partition(".")
    plain = text.isascii() and seq.isdigit() and number.isdigit() and len(text) <= 16
    return (int(seq), int(number)) if dot and plain else None
