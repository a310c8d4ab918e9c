"""The chat API's shapes, as its documentation shows them."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

UUID_PATTERN = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
ClientId = Annotated[
    str,
    Field(
        pattern=UUID_PATTERN,
        description="A UUID that the client makes, one per message. Sent again with the same one, a message is "
        "answered once.",
        examples=["5e7a2f8e-5d0b-4b0e-9e8c-6d5f0d1b7a11"],
    ),
]
Status = Literal["bot", "queued", "human", "resolved"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class StartRequest(_Strict):
    """Begin a conversation."""

    locale: Annotated[
        str | None, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", examples=["en"])
    ] = None


class MessageRequest(_Strict):
    """Say something (`text`) or press something that was offered (`choice`): exactly one of them."""

    client_id: ClientId
    text: Annotated[str | None, Field(examples=["I need a light laptop, up to 1500"])] = None
    choice: Annotated[
        str | None, Field(max_length=16, description="The `id` of an offered choice.", examples=["17.1"])
    ] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.choice is None):
            raise ValueError("send either text or choice")
        return self


class Limits(BaseModel):
    """What a client should know before typing."""

    max_characters: int


class StartResponse(BaseModel):
    """A new conversation. Keep the token: it is the only proof that the conversation is yours."""

    conversation: str
    token: str
    cursor: int = 0
    limits: Limits
    continue_on: list[str] = Field(
        [], description="Other channels that the conversation can be taken along to.", examples=[["telegram"]]
    )


class LinkRequest(_Strict):
    """Go on with the conversation on another channel."""

    channel: Annotated[str, Field(max_length=16, examples=["telegram"])]


class LinkOut(BaseModel):
    """Where to go on: the address works once, within `expires_in` seconds, and the conversation moves there."""

    channel: str
    url: str
    expires_in: int


class ChoiceOut(BaseModel):
    """Something to press."""

    id: str = Field(examples=["17.1"])
    title: str


class CardOut(BaseModel):
    """A product as shown."""

    sku: str
    title: str
    price: str = Field(description="A decimal number as text.", examples=["1299.00"])
    currency: str
    price_text: str = Field(examples=["€1,299.00"])
    image: str | None
    reason: str
    facts: list[str]
    in_stock: bool
    choices: list[ChoiceOut]


class TableRowOut(BaseModel):
    """A label and a cell for each column; `best` are the columns, from 0, that are the best of the row."""

    label: str = Field(examples=["battery"])
    cells: list[str] = Field(examples=[["13 h battery", "15 h battery"]])
    best: list[int] = Field(examples=[[1]])


class TableOut(BaseModel):
    """Things side by side; every row has a cell for each name in `header`."""

    caption: str
    header: list[str]
    rows: list[TableRowOut]


class MessageOut(BaseModel):
    """A line of the transcript. `seq` is the cursor; `client_id` is there on the client's own messages."""

    seq: int
    id: str
    author: Literal["customer", "bot", "agent", "system"]
    name: str | None = Field(None, description="An agent's first name.")
    text: str
    kind: Literal["message", "notice"]
    choices: list[ChoiceOut]
    cards: list[CardOut]
    table: TableOut | None = Field(None, description="A comparison, below the text.")
    at: str = Field(description="ISO 8601, UTC.")
    client_id: str | None = None


class MessagesOut(BaseModel):
    """Messages in order, and where to read on: `GET …/messages?after=<cursor>`."""

    cursor: int
    status: Status
    messages: list[MessageOut]


class DelayedOut(MessagesOut):
    """The message is kept and its answer follows. `messages` has the notice too, where it could be stored."""

    notice: str = Field(
        description="A sentence for people that says so.",
        examples=["This takes longer than usual. I'm still on it and will reply here."],
    )


class ErrorDetail(BaseModel):
    """`code` for programs, `message` for people, `field` where one is at fault."""

    code: str
    message: str
    field: str | None = None


class ErrorOut(BaseModel):
    """Every refusal has this shape."""

    error: ErrorDetail


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of these error responses."""
    told = {
        400: "The body isn't JSON.",
        401: "The token is missing, forged or expired.",
        403: "The token is another conversation's, or the site isn't allowed.",
        404: "There is no such conversation; it may have been ended.",
        409: "The choice was never offered in this conversation.",
        413: "The body is too large.",
        422: "A field is wrong; `field` says which.",
        429: "Too many; `Retry-After` says when to try again.",
        503: "The database can't be reached; nothing was taken. Repeat it with the same client_id.",
    }
    return {status: {"model": ErrorOut, "description": told[status]} for status in statuses}
