"""The outward half of the pair: what is stored, as messages of Telegram. Pure."""

from collections.abc import Iterable
from itertools import count

from connectors.messages import Card, Choice, Reply, choice_id
from connectors.telegram.callbacks import NOTHING, choice_data, page_data
from connectors.telegram.markup import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    bold,
    escape,
    italic,
    parts,
    shortened,
    width,
)
from connectors.telegram.outgoing import Button, Outgoing, Picture, Rows
from crm.services.conversation_views import MessageView
from crm.services.inbox import first_name

MAX_BUTTONS = 100
SHORT_TITLE = 18
OUT_OF_STOCK = "Out of stock"
NOTHING_TO_SHOW = "…"


def to_telegram(message: MessageView) -> list[Outgoing]:
    """A stored message as Telegram's: usually one, more where a text is too long for one.

    Several cards are one message, a carousel that `carousel_page` turns. Choices that belong to no card stand
    under the last text, or under the carousel where that is all there is.
    """
    kind = "notice" if message.author == "system" else "message"
    reply = Reply.from_content(message.content, text=message.text, kind=kind)
    texts = parts(_with_name(message, reply.as_text()), TEXT_LIMIT)
    if not reply.cards:
        return _texts(message, reply, texts or [NOTHING_TO_SHOW])
    first = carousel_page(message, reply, 0)
    above = [] if _in_caption(message, reply) else _texts(message, reply, texts)
    return [*above, *([first] if first else [])]


def carousel_page(message: MessageView, reply: Reply, page: int) -> Outgoing | None:
    """The message that shows card `page` (from 0) of a reply; None when it has no such card."""
    if not 0 <= page < len(reply.cards):
        return None
    card = reply.cards[page]
    together = _in_caption(message, reply)
    above = f"{_with_name(message, reply.as_text())}\n\n" if together and reply.as_text() else ""
    html, plain = _card_text(card, page, len(reply.cards))
    return Outgoing(
        html=escape(above) + html,
        plain=above + plain,
        picture=Picture(card.sku, card.image if _fetchable(card.image) else None),
        rows=_card_rows(message, reply, page, with_choices=together),
    )


def _in_caption(message: MessageView, reply: Reply) -> bool:
    """Whether a reply's text and any of its cards make one caption; then its choices stand below it too."""
    lead = _with_name(message, reply.as_text())
    return reply.asks is None and all(_fits_above(lead, card) for card in reply.cards)


def _texts(message: MessageView, reply: Reply, texts: list[str]) -> list[Outgoing]:
    if not texts:
        return []
    found = [Outgoing(html=_styled(reply, text), plain=text) for text in texts]
    last = texts[-1]
    numbered = [_button(message, number, choice) for number, choice in enumerate(reply.choices)]
    if reply.asks is not None:
        keys = tuple(choice.title for choice in reply.choices)
        found[-1] = Outgoing(html=_styled(reply, last), plain=last, asks=reply.asks, keys=keys)
    else:
        found[-1] = Outgoing(html=_styled(reply, last), plain=last, rows=_rows(numbered))
    return found


def _styled(reply: Reply, text: str) -> str:
    return italic(text) if reply.kind == "notice" else escape(text)


def _with_name(message: MessageView, text: str) -> str:
    """An agent's words begin with who says them: in a chat with a bot nothing else would tell."""
    if message.author == "agent" and message.user_name and text:
        return f"{first_name(message.user_name)}: {text}"
    return text


def _card_text(card: Card, page: int, pages: int) -> tuple[str, str]:
    """A card as HTML and as plain text, within a caption's limit."""
    rest = CAPTION_LIMIT - width(f"{card.title}\n{card.price_text} · {OUT_OF_STOCK}\n\n\n") - 8
    reason = shortened(card.reason, rest // 2)
    facts = shortened(" · ".join(card.facts), rest - width(reason))
    title = shortened(card.title, CAPTION_LIMIT // 4)
    price = card.price_text if card.in_stock else f"{card.price_text} · {OUT_OF_STOCK}"
    html = [
        bold(title),
        escape(price),
        *([escape(reason)] if reason else []),
        *([italic(facts)] if facts else []),
    ]
    plain = [title, price, *(part for part in (reason, facts) if part)]
    where = f"{page + 1}/{pages} " if pages > 1 else ""
    return where + "\n".join(html), where + "\n".join(plain)


def _fits_above(text: str, card: Card) -> bool:
    """Whether a reply's text and a card make one caption."""
    _, plain = _card_text(card, 98, 99)
    return width(f"{text}\n\n{plain}") <= CAPTION_LIMIT


def _card_rows(message: MessageView, reply: Reply, page: int, *, with_choices: bool) -> Rows:
    before = len(reply.choices) + sum(len(card.choices) for card in reply.cards[:page])
    of_card = [
        _button(message, number, choice)
        for number, choice in zip(count(before), reply.cards[page].choices, strict=False)
    ]
    turning: tuple[Button, ...] = ()
    if (pages := len(reply.cards)) > 1:
        turning = (
            Button("◀", page_data(message.conversation_id, message.seq, (page - 1) % pages)),
            Button(f"{page + 1} / {pages}", NOTHING),
            Button("▶", page_data(message.conversation_id, message.seq, (page + 1) % pages)),
        )
    room = MAX_BUTTONS - len(turning)
    general = [_button(message, n, choice) for n, choice in enumerate(reply.choices)] if with_choices else []
    rows = _rows(of_card[:room])
    return (*rows, *([turning] if turning else []), *_rows(general[: room - len(of_card)]))


def _button(message: MessageView, number: int, choice: Choice) -> Button:
    return Button(choice.title, choice_data(message.conversation_id, choice_id(message.seq, number)))


def _rows(buttons: Iterable[Button]) -> Rows:
    """Two short buttons beside each other, long ones alone; at most as many as Telegram takes."""
    rows: list[tuple[Button, ...]] = []
    for button in list(buttons)[:MAX_BUTTONS]:
        alone = len(button.title) > SHORT_TITLE
        if rows and not alone and len(rows[-1]) == 1 and len(rows[-1][0].title) <= SHORT_TITLE:
            rows[-1] = (*rows[-1], button)
        else:
            rows.append((button,))
    return tuple(rows)


def _fetchable(image: str | None) -> bool:
    """Whether Telegram can fetch a picture: it takes no drawings and knows no addresses within this shop."""
    return image is not None and image.startswith("https://") and not image.lower().endswith(".svg")
