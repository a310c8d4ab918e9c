"""A stored message as a terminal shows it: text, cards as a table, choices with the numbers that press them. Pure."""

import unicodedata
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

from connectors.messages import Card, Choice, Reply, choice_id
from connectors.messages import Table as Comparison
from crm.services.conversation_views import MessageView
from crm.services.inbox import first_name

NAMES = {"bot": "Assistant", "customer": "You", "system": ""}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to press: the number to type, what it says, and its id."""

    number: int
    title: str
    choice: str


def to_terminal(message: MessageView, *, after: int = 0) -> tuple[list[RenderableType], list[Offer]]:
    """What to print, and what can be pressed then; numbers go on after `after`."""
    kind = "notice" if message.author == "system" else "message"
    stored = message.content if message.direction == "out" else None
    reply = Reply.from_content(stored, text=message.text, kind=kind)
    offers: list[Offer] = []

    def offer(choices: tuple[Choice, ...]) -> list[Offer]:
        new = [
            Offer(
                after + len(offers) + index + 1, safe(one.title), choice_id(message.seq, len(offers) + index)
            )
            for index, one in enumerate(choices)
        ]
        offers.extend(new)
        return new

    general = offer(reply.choices)
    shown: list[RenderableType] = []
    if reply.text:
        shown.append(_line(_who(message), safe(reply.text), quiet=reply.kind == "notice"))
    if reply.table:
        shown.append(_side_by_side(reply.table))
    if reply.cards:
        shown.append(_cards([(card, offer(card.choices)) for card in reply.cards]))
    if general:
        shown.append(_choices(general))
    return shown, offers


def safe(text: str) -> str:
    """Without control characters: a terminal would obey them."""
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter)[0] != "C")


def _who(message: MessageView) -> str:
    if message.author == "agent":
        return first_name(message.user_name or "")
    return NAMES.get(message.author, "Assistant")


def _line(who: str, text: str, *, quiet: bool) -> Text:
    line = Text()
    if who:
        line.append(f"{safe(who)}: ", style="bold")
    return line.append(text, style="italic dim" if quiet else "")


def _side_by_side(table: Comparison) -> Table:
    columns = [Column(header=Text(safe(name))) for name in table.header]
    shown = Table("", *columns, title=Text(safe(table.caption)))
    for row in table.rows:
        cells = [Text(safe(cell), style="bold" if n in row.best else "") for n, cell in enumerate(row.cells)]
        shown.add_row(Text(safe(row.label), style="dim"), *cells)
    return shown


def _cards(cards: list[tuple[Card, list[Offer]]]) -> Table:
    table = Table("product", "price", "why", "press", show_lines=len(cards) > 1)
    for card, offers in cards:
        price = card.price_text if card.in_stock else f"{card.price_text}\nout of stock"
        why = "\n".join(part for part in (card.reason, " · ".join(card.facts)) if part)
        press = "\n".join(f"{one.number} {one.title}" for one in offers)
        table.add_row(Text(safe(card.title), style="bold"), Text(safe(price)), Text(safe(why)), Text(press))
    return table


def _choices(offers: list[Offer]) -> Text:
    line = Text("  ")
    for one in offers:
        line.append(f"{one.number} ", style="bold cyan").append(f"{one.title}   ")
    return line
