"""Needs in customers' own words, said to the shop: the first three cards hold what a good seller would show."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from parley.stack import Stack
from tests.scenarios.customer import Customer

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CARDS = 3
JUST_SHOW = "Just show me"


def needs(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((FIXTURES / name).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, trust_env=False) as opened:
        yield opened


def shown(client: httpx.Client, url: str, need: str) -> list[dict[str, Any]]:
    """The cards after the need was said; who is asked about use and money wants to see products first."""
    customer = Customer(client, url)
    customer.say(need)
    if not customer.cards and JUST_SHOW in customer.choices:
        customer.press(JUST_SHOW)
    return customer.cards[:CARDS]


@pytest.mark.parametrize("name", ["needs.yml", "needs_blind.yml"])
def test_nine_needs_in_ten_are_answered_by_the_first_three_cards(
    name: str, client: httpx.Client, sqlite_stack: Stack
) -> None:
    asked = needs(name)
    missed, broken = [], []
    for one in asked:
        cards = shown(client, sqlite_stack.url, one["need"])
        if not {card["sku"] for card in cards} & set(one["any_of"]):
            missed.append(one["need"])
        limit = one.get("where", {}).get("price_max")
        if limit is not None and any(Decimal(card["price"]) > limit for card in cards):
            broken.append(one["need"])
    assert not broken
    assert len(missed) <= len(asked) // 10, missed
