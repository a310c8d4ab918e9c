"""A customer on Telegram: sees what Telegram shows, presses what is under it, and pages through carousels."""

from __future__ import annotations

import re
import time
from functools import partial
from html import unescape
from typing import Any

from connectors.telegram.render import OUT_OF_STOCK
from tests.fakes.telegram.api import BOT_ID, Sent
from tests.fakes.telegram.person import Person
from tests.fakes.telegram.served import ServedBotApi
from tests.scenarios.customer import EXAMPLE, ORDER_NUMBER
from tests.scenarios.observer import Observer

WITHIN = 30.0
# A card in a caption: which of how many, title, price and, if there is one, the reason.
CARD = re.compile(r"(?:(\d+)/(\d+) )?<b>([^<]+)</b>\n([^\n]+)(?:\n(?!<i>)([^\n]+))?")
# A table in plain words: the columns' names by number, then a line for each row.
COLUMN = re.compile(r"^\d+\. (.+)$", re.MULTILINE)
ROW = re.compile(r"^• (.+?): (1\. .+)$", re.MULTILINE)
PAGE = re.compile(r"\d+ / \d+|[◀▶]")


class TelegramCustomer:
    """`Talking` over the Bot API. Prices and stock are read from what the cards say."""

    def __init__(self, served: ServedBotApi, observer: Observer) -> None:
        self._served = served
        self._observer = observer
        self._person = Person(served.api)
        self.conversation = observer.begin("telegram", str(self._person.id))
        self.status = "bot"
        self.messages: list[dict[str, Any]] = []
        self.cards: list[dict[str, Any]] = []
        self.order: str | None = None
        self._seen = 0
        self._last = 0

    def say(self, text: str) -> None:
        self._step(lambda: self._person.says(text))

    def press(self, title: str, *, card: int | None = None) -> None:
        for sent in reversed(self._person.received):
            if card is not None and any("▶" in button["text"] for button in sent.buttons):
                self._page_to(sent, card)
            for button in sent.buttons:
                if button["text"].casefold() == title.casefold():
                    data = button["callback_data"]
                    self._step(partial(self._person.taps, sent, data))
                    return
            if any(key["text"].casefold() == title.casefold() for key in sent.keys):
                self.say(title)
                return
        offered = sorted({button["text"] for sent in self._person.received for button in sent.buttons})
        raise AssertionError(f"no button {title!r} was offered; there are {offered}")

    def repeat(self) -> None:
        before = len(self._person.received)
        self._served.do(lambda: self._served.api.push_again(self._last))
        time.sleep(0.5)
        self._settle(None)
        assert len(self._person.received) == before, "a repeated update was answered again"

    @property
    def text(self) -> str:
        return "\n".join(message["text"] for message in self.messages)

    @property
    def choices(self) -> list[str]:
        return [choice["title"] for message in self.messages for choice in message["choices"]]

    def _step(self, act: Any) -> None:
        self._settle(None)
        self._seen = len(self._person.received)
        self._last = self._served.do(act)
        self._settle(self._last)
        self.status = self._observer.status(self.conversation)
        self.messages = [self._read(sent) for sent in self._person.received[self._seen :]]
        for message in self.messages:
            if message["cards"]:
                self.cards = message["cards"]
            if found := ORDER_NUMBER.search(message["text"].replace(EXAMPLE, "")):
                self.order = found.group()

    def _settle(self, update: int | None) -> None:
        delivery = f"{BOT_ID}:{update}" if update is not None else None
        deadline = time.monotonic() + WITHIN
        while not self._observer.is_settled("telegram", delivery, self.conversation):
            assert time.monotonic() < deadline, f"update {update} isn't dealt with after {WITHIN:.0f} s"
            time.sleep(0.03)

    def _read(self, sent: Sent) -> dict[str, Any]:
        """A message as the runner looks at it; a carousel is paged through to its end and back."""
        found = CARD.search(sent.html)
        if sent.photo is None or found is None:
            return _message(unescape(re.sub(r"</?[bi]>", "", sent.html)), [], sent)
        lead = unescape(sent.html[: found.start()]).strip()
        cards = [self._card(found)]
        for page in range(2, int(found[2] or 1) + 1):
            self._page_to(sent, page)
            turned = CARD.search(sent.html)
            assert turned is not None, sent.html
            cards.append(self._card(turned))
        if len(cards) > 1:
            self._page_to(sent, 1)
        return _message(lead, cards, sent)

    def _page_to(self, sent: Sent, page: int) -> None:
        for _ in range(30):
            shown = CARD.search(sent.html)
            if shown is None or int(shown[1] or 1) == page:
                return
            turn = next(one["callback_data"] for one in sent.buttons if one["text"] == "▶")
            update = self._served.do(partial(self._person.taps, sent, turn))
            self._settle(update)
        raise AssertionError(f"the carousel doesn't come to card {page}")

    def _card(self, found: re.Match[str]) -> dict[str, Any]:
        title, price = unescape(found[3]), unescape(found[4])
        return {
            "sku": self._observer.sku_of(title),
            "title": title,
            "price": re.sub(r"[^\d.]", "", price.partition(" · ")[0]),
            "in_stock": OUT_OF_STOCK not in price,
            "reason": unescape(found[5] or ""),
        }


def _message(text: str, cards: list[dict[str, Any]], sent: Sent) -> dict[str, Any]:
    titles = [button["text"] for button in sent.buttons if not PAGE.fullmatch(button["text"])]
    titles += [key["text"] for key in sent.keys]
    return {
        "author": "bot", "text": text, "cards": cards, "choices": [{"title": title} for title in titles],
        "table": _table(text),
    }  # fmt: skip


def _table(text: str) -> dict[str, Any] | None:
    rows = [{"label": label, "cells": cells.split(" | ")} for label, cells in ROW.findall(text)]
    return {"header": COLUMN.findall(text), "rows": rows} if rows else None
