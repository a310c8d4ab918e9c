"""What is sent to Telegram, before it is: values that a test can compare."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message, with what it carries back."""

    title: str
    data: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A product's picture: an address that Telegram can fetch, or else drawn from the product."""

    sku: str
    url: str | None


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message: HTML, a picture above it or none, buttons below it.

    `plain` says the same without a picture and markup, for when Telegram refuses either. `asks` puts a
    keyboard in the place of the buttons: `keys` are typed when pressed, and one shares what is asked for.
    """

    html: str
    plain: str
    picture: Picture | None = None
    rows: Rows = ()
    asks: Literal["phone", "address"] | None = None
    keys: tuple[str, ...] = field(default=())
