"""What the benchmark's customers say: endless different greetings and product searches from a seed.

They measure time, not understanding, so a pattern with varying words is right here, and nowhere else.
"""

from __future__ import annotations

import random

OPENINGS = (
    "hi",
    "hello",
    "hey",
    "good morning",
    "good evening",
    "hiya",
    "hello there",
    "hey there",
    "good day",
)
NAMES = (
    "Anna", "Ben", "Chloe", "David", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kofi", "Lena", "Marek", "Nora",
    "Oskar", "Petra", "Quentin", "Rosa", "Samir", "Tilda", "Uwe", "Vera", "Wim", "Xenia", "Yusuf", "Zoe",
)  # fmt: skip
CLOSINGS = (
    "",
    "!",
    " :)",
    ", nice to be here",
    ", how are you",
    " again",
    ", it's me",
    " and good to see you",
)

THINGS = (
    "laptop", "phone", "tablet", "pair of headphones", "bluetooth speaker", "camera", "monitor", "television",
    "smartwatch", "keyboard", "printer", "wifi router",
)  # fmt: skip
USES = (
    "travel",
    "work",
    "my daughter",
    "gaming",
    "the kitchen",
    "video calls",
    "studying",
    "music",
    "photos",
    "running",
)
BUDGETS = tuple(range(150, 1850, 50))


def greetings(count: int, *, seed: int) -> list[str]:
    """`count` different greetings. The greeting's number makes those different that chance made alike."""
    choose = random.Random(seed)  # noqa: S311 - not for secrets
    seen: dict[str, None] = {}
    while len(seen) < count:
        text = f"{choose.choice(OPENINGS)} {choose.choice(('I am ', 'this is ', ''))}{choose.choice(NAMES)}"
        seen.setdefault(text + choose.choice(CLOSINGS))
    return list(seen)


def searches(count: int, *, seed: int) -> list[str]:
    """`count` different wishes that name a product, a use and a budget, so that cards are the answer."""
    choose = random.Random(seed)  # noqa: S311 - not for secrets
    seen: dict[str, None] = {}
    while len(seen) < count:
        wish = choose.choice(("I need a {}", "looking for a {}", "show me a {}", "I want to buy a {}"))
        thing = wish.format(choose.choice(THINGS))
        seen.setdefault(f"{thing} for {choose.choice(USES)}, up to {choose.choice(BUDGETS)} euros")
    return list(seen)
