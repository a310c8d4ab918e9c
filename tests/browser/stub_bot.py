"""What the stub server answers: enough conversation to show everything the widget can show."""

from typing import Any

LAPTOPS: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "LAP-0002",
        "Norrvik Fjell 14 Studio",
        "1449.00",
        "32 GB of memory and 1.29 kg, within your 1500 budget",
        ("1.29 kg", "32 GB memory", "13 h battery"),
    ),
    (
        "LAP-0001",
        "Norrvik Fjell 13",
        "1199.00",
        "The lightest of them, with 15 hours of battery",
        ("1.04 kg", "16 GB memory", "15 h battery"),
    ),
    (
        "LAP-0004",
        "Norrvik Skerry 15",
        "749.00",
        "Half your budget and still made for editing photos",
        ("1.71 kg", "16 GB memory"),
    ),
)
LONG_TEXT = "It depends on what you film. " * 60
MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> <b>bold</b>'
LINKS = "See https://shop.example/returns, or javascript:alert(1) and http://user:pw@evil.example/."

Answer = dict[str, Any]


def answer(text: str) -> list[Answer]:
    """Replies to what a customer wrote or pressed, as the content of messages."""
    words = text.lower()
    if "laptop" in words:
        return [laptops()]
    if words == "add to cart":
        added = "The Norrvik Fjell 14 Studio is in your cart: 1 × €1,449.00, delivery is free."
        return [message(added, choices=("Check out", "Keep looking"))]
    if "compare" in words:
        return [compared()]
    if "markup" in words:
        return [message(MARKUP)]
    if "links" in words:
        return [message(LINKS)]
    if "long" in words:
        return [message(LONG_TEXT)]
    if "no picture" in words:
        return [message("One without a picture:", cards=[card(0, image=None), card(1, image="/missing.png")])]
    if "human" in words:
        return [notice("I have asked a colleague to join. You can go on writing meanwhile.")]
    return [message(f"You said: {text}")]


def laptops() -> Answer:
    """Three cards and two quick replies."""
    cards = [card(index) for index in range(len(LAPTOPS))]
    return message(
        "These three are light, fast enough for video and within 1500. The Studio is what I would take for 4K.",
        cards=cards,
        choices=("Cheaper", "From another brand", "With more memory"),
    )


def compared() -> Answer:
    """A table of three, wider than the window."""
    content = message("Here they are side by side.", choices=("Take the Norrvik Fjell 13",))
    content["table"] = {
        "caption": "Three laptops side by side",
        "header": [title for _, title, *_ in LAPTOPS],
        "rows": [
            {"label": "price", "cells": ["€1,449", "€1,199", "€749"], "best": [2]},
            {"label": "weight", "cells": ["1.29 kg", "1.04 kg", "1.71 kg"], "best": [1]},
            {"label": "memory", "cells": ["32 GB memory", "16 GB memory", "16 GB memory"], "best": [0]},
            {"label": "colour", "cells": ["slate grey", "–", MARKUP], "best": []},
        ],
    }
    return content


def card(index: int, **changes: Any) -> Answer:
    """A product card with its buttons."""
    sku, title, price, reason, facts = LAPTOPS[index]
    content = {
        "sku": sku,
        "title": title,
        "price": price,
        "currency": "EUR",
        "price_text": f"€{float(price):,.2f}",
        "image": f"/shop/images/{sku}.svg",
        "reason": reason,
        "facts": list(facts),
        "in_stock": index != 2,
        "choices": ["Add to cart", "Details"],
    }
    return {**content, **changes}


def message(text: str, *, cards: list[Answer] | None = None, choices: tuple[str, ...] = ()) -> Answer:
    """A bot's message."""
    return {"author": "bot", "kind": "message", "text": text, "cards": cards or [], "choices": list(choices)}


def notice(text: str) -> Answer:
    """A line about the conversation itself."""
    return {"author": "system", "kind": "notice", "text": text, "cards": [], "choices": []}
