"""Plays a scenario against the running stack and fails with the transcript so far."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import httpx

from tests.scenarios.customer import Customer, Talking
from tests.scenarios.observer import Observer
from tests.scenarios.script import CardsAll, Change, Expect, Scenario, Step


class ScenarioFailed(AssertionError):
    """A step's expectation doesn't hold; the text is the transcript, then what was wrong."""


def play(scenario: Scenario, *, client: httpx.Client, url: str, observer: Observer) -> None:
    """Run every step in order on the web. Raises ScenarioFailed at the first that doesn't hold."""
    play_on(Customer(client, url), scenario, observer=observer)


def play_on(customer: Talking, scenario: Scenario, *, observer: Observer) -> None:
    """Run every step in order on any channel. Raises ScenarioFailed at the first that doesn't hold."""
    with observer.scenario():
        transcript: list[str] = []
        if scenario.staff is not None:
            observer.make_staff(scenario.staff, conversation=customer.conversation)
        if scenario.setup is not None:
            _change(scenario.setup, customer, observer)
        for number, step in enumerate(scenario.steps, start=1):
            try:
                _take(step, customer, observer, transcript)
            except (AssertionError, httpx.HTTPError, KeyError) as exc:
                told = "\n".join(transcript)
                raise ScenarioFailed(f"{scenario.name}\n{told}\nstep {number}: {exc!r}") from exc


def _take(step: Step, customer: Talking, observer: Observer, transcript: list[str]) -> None:
    if step.then is not None:
        change = Change.model_validate(_filled(step.then.model_dump(), customer))
        transcript.append(f"   ({change.model_dump(exclude_defaults=True)})")
        _change(change, customer, observer)
        return
    if step.db is not None:
        for table, wanted in _filled(step.db, customer).items():
            observer.check(table, wanted, conversation=customer.conversation)
        return
    # Filled in before the step: "cheaper" is measured against what was on the screen.
    expect = Expect.model_validate(_filled(step.expect.model_dump(), customer)) if step.expect else None
    if step.say is not None:
        transcript.append(f"> {step.say}")
        customer.say(_filled(step.say, customer))
    elif step.press is not None:
        transcript.append(f"> [{step.press}]")
        customer.press(step.press, card=step.card)
    if step.repeat:
        customer.repeat()
    transcript += [_line(message) for message in customer.messages]
    if expect is not None:
        _check(expect, customer, observer)


def _change(change: Change, customer: Talking, observer: Observer) -> None:
    """Make the change; an order that it places is the one that `{{order}}` means."""
    placed = observer.change(change, conversation=customer.conversation, order=customer.order)
    customer.order = placed or customer.order


def _check(expect: Expect, customer: Talking, observer: Observer) -> None:
    for pattern in _listed(expect.text):
        assert re.search(pattern, customer.text, re.IGNORECASE | re.DOTALL), (
            f"no {pattern!r} in {customer.text!r}"
        )
    for pattern in _listed(expect.not_text):
        assert not re.search(pattern, customer.text, re.IGNORECASE | re.DOTALL), (
            f"{pattern!r} in {customer.text!r}"
        )
    shown = [card for message in customer.messages for card in message["cards"]]
    if expect.cards is not None:
        assert len(shown) == expect.cards, f"{len(shown)} cards, not {expect.cards}"
    if expect.min_cards is not None:
        assert len(shown) >= expect.min_cards, f"{len(shown)} cards, fewer than {expect.min_cards}"
    if expect.cards_all is not None:
        assert shown, "no cards"
    for card in shown:
        _check_card(card, expect.cards_all, observer)
    _check_table(expect, customer)
    for title in expect.choices:
        assert title in customer.choices, f"no choice {title!r} in {customer.choices}"
    if expect.status is not None:
        assert customer.status == expect.status, f"status is {customer.status!r}, not {expect.status!r}"
    if expect.replies is not None:
        assert len(customer.messages) == expect.replies, (
            f"{len(customer.messages)} replies, not {expect.replies}"
        )


def _check_table(expect: Expect, customer: Talking) -> None:
    if expect.table_columns is None and not expect.table_rows:
        return
    tables = [message["table"] for message in customer.messages if message.get("table")]
    assert len(tables) == 1, f"{len(tables)} tables"
    labels = [row["label"] for row in tables[0]["rows"]]
    if expect.table_columns is not None:
        assert len(tables[0]["header"]) == expect.table_columns, f"columns {tables[0]['header']}"
    assert labels[: len(expect.table_rows)] == expect.table_rows, f"rows {labels}"


def _check_card(card: dict[str, Any], wanted: CardsAll | None, observer: Observer) -> None:
    """Every card must be true of its product, whether or not the scenario says so."""
    product = observer.product(card["sku"])
    assert card["title"] == product.name, f"the card says {card['title']!r}, the product is {product.name!r}"
    assert Decimal(card["price"]) == product.price, (
        f"{product.sku} costs {product.price}, the card says {card['price']}"
    )
    assert card["in_stock"] == (product.stock > 0), (
        f"{product.sku}: stock {product.stock}, card {card['in_stock']}"
    )
    if wanted is None:
        return
    if wanted.category is not None:
        assert product.category == wanted.category, f"{product.sku} is of {product.category}"
    if wanted.brand is not None:
        assert product.brand == wanted.brand, f"{product.sku} is by {product.brand}"
    if wanted.not_brand is not None:
        assert product.brand != wanted.not_brand, f"{product.sku} is by {product.brand}"
    if wanted.min_price is not None:
        assert product.price >= Decimal(wanted.min_price), f"{product.sku} costs {product.price}"
    if wanted.max_price is not None:
        assert product.price <= Decimal(wanted.max_price), f"{product.sku} costs {product.price}"
    if wanted.in_stock is not None:
        assert (product.stock > 0) == wanted.in_stock, f"{product.sku}: stock {product.stock}"
    for name, least in wanted.attribute_min.items():
        assert product.attributes.get(name, 0) >= least, (
            f"{product.sku}.{name} is {product.attributes.get(name)}"
        )


def _filled(value: Any, customer: Talking) -> Any:
    """Put what was seen so far in the place of {{card2}}, {{price2}}, {{cheapest}} and {{order}}."""
    text = json.dumps(value)
    names = {f"card{number}": card["sku"] for number, card in enumerate(customer.cards, start=1)}
    names |= {f"price{number}": card["price"] for number, card in enumerate(customer.cards, start=1)}
    if customer.cards:
        names["cheapest"] = min((card["price"] for card in customer.cards), key=Decimal)
    names |= {"order": customer.order} if customer.order else {}
    return json.loads(re.sub(r"\{\{(\w+)\}\}", lambda found: names[found.group(1)], text))


def _listed(patterns: str | list[str] | None) -> list[str]:
    if patterns is None:
        return []
    return [patterns] if isinstance(patterns, str) else patterns


def _line(message: dict[str, Any]) -> str:
    cards = "".join(
        f"\n    [{card['title']} · {card['price']} · {card['reason']}]" for card in message["cards"]
    )
    if table := message.get("table"):
        rows = "".join(f"\n    {row['label']}: {' | '.join(row['cells'])}" for row in table["rows"])
        cards += f"\n    {' | '.join(table['header'])}{rows}"
    choices = "".join(f" <{choice['title']}>" for choice in message["choices"])
    return f"  {message['author']}: {message['text']}{cards}{choices}"
