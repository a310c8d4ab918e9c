"""A customer at the chat API: says things, presses what was offered, remembers the cards last shown."""

from __future__ import annotations

import re
import uuid
from typing import Any, Protocol

import httpx

ORDER_NUMBER = re.compile(r"PL-\d{4}-\d{4}")
EXAMPLE = "PL-1234-5674"  # what the bot says an order number looks like


class Talking(Protocol):
    """Somebody in a conversation, on any channel: what a scenario's steps do and look at.

    `messages` are the replies to the last step, each with `author`, `text`, `choices` (`title`) and `cards` (`sku`,
    `title`, `price`, `in_stock`, `reason`); `cards` those that were shown last.
    """

    conversation: str
    status: str
    messages: list[dict[str, Any]]
    cards: list[dict[str, Any]]
    order: str | None

    def say(self, text: str) -> None:
        """Say something and wait for the answer."""

    def press(self, title: str, *, card: int | None = None) -> None:
        """Press the newest button with this title; `card` (1-based) picks one of the cards last shown."""

    def repeat(self) -> None:
        """Deliver the last message once more, as a bad connection does."""

    @property
    def text(self) -> str:
        """What the replies say."""

    @property
    def choices(self) -> list[str]:
        """What the replies offer."""


class Customer:
    """One conversation over HTTP. `messages` holds the replies to the last step."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        begun = client.post(f"{url}/api/conversations", json={}).raise_for_status().json()
        self.conversation: str = begun["conversation"]
        self.token: str = begun["token"]
        self._url = f"{url}/api/conversations/{self.conversation}/messages"
        self.cursor = 0
        self.status = "bot"
        self.messages: list[dict[str, Any]] = []
        self.cards: list[dict[str, Any]] = []
        self.order: str | None = None
        self._offers: list[tuple[str, int | None, str]] = []
        self._last: dict[str, str] = {}

    def say(self, text: str) -> None:
        self._send({"client_id": str(uuid.uuid4()), "text": text})

    def press(self, title: str, *, card: int | None = None) -> None:
        """Press the newest button with this title; `card` (1-based) picks one of the cards last shown."""
        for offered, of_card, choice in reversed(self._offers):
            if offered.casefold() == title.casefold() and (card is None or card == of_card):
                self._send({"client_id": str(uuid.uuid4()), "choice": choice})
                return
        offered_titles = sorted({offered for offered, _, _ in self._offers})
        raise AssertionError(f"no button {title!r} was offered; there are {offered_titles}")

    def repeat(self) -> None:
        """Deliver the last message once more under the same client id, as a bad connection does."""
        self._send(dict(self._last))

    @property
    def text(self) -> str:
        return "\n".join(message["text"] for message in self.messages)

    @property
    def choices(self) -> list[str]:
        return [choice["title"] for message in self.messages for choice in message["choices"]]

    def _send(self, body: dict[str, str]) -> None:
        self._last = body
        answer = self._client.post(self._url, json=body, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code in {200, 202}, f"{answer.status_code}: {answer.text}"
        content = answer.json()
        self.status, self.cursor = content["status"], content["cursor"]
        self.messages = [message for message in content["messages"] if message["author"] != "customer"]
        self._take_in()

    def _take_in(self) -> None:
        cards = [card for message in self.messages for card in message["cards"]]
        if cards:
            self.cards = cards
        for message in self.messages:
            self._offers += [(choice["title"], None, choice["id"]) for choice in message["choices"]]
            for number, card in enumerate(message["cards"], start=1):
                self._offers += [(choice["title"], number, choice["id"]) for choice in card["choices"]]
            if found := ORDER_NUMBER.search(message["text"].replace(EXAMPLE, "")):
                self.order = found.group()
