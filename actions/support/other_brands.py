"""Brands that customers ask for and the shop doesn't sell (`other_brands` in `shop.toml`): they are told so."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from actions.support.reply import Message, Reply, listed
from actions.support.turn import Turn
from crm.policy import ShopPolicy

# "For my iPhone", "as good as Bose", "not Sony": what the customer has, compares with or doesn't want.
_NO_WISH = re.compile(
    r"\b(for|with|fits?|to|into|my|his|her|our|your|their|this|than|as|like|not|no|except|without|but|old"
    r"|(i|we|he|she|they)( already)?('ve|'s| have| had| has| owns?)( got)?|compatible)( (a|an|the|my|any|all))?\s*$",
    re.IGNORECASE,
)


def not_sold(turn: Turn, shop: ShopPolicy) -> str:
    """ "We don't sell Sony or Bose.", when a message asks for them; else ""."""
    pattern = _pattern(shop.other_brands)
    if pattern is None or turn.pressed or turn.any_of("brand"):
        return ""
    spelled = {name.lower(): name for name in shop.other_brands}
    words = turn.words
    asked = [
        spelled[found[1].lower()]
        for found in pattern.finditer(words)
        if not _NO_WISH.search(words[: found.start()])
    ]
    return f"We don't sell {listed(dict.fromkeys(asked), last='or')}." if asked else ""


def told_first(reply: Reply, sentence: str) -> Reply:
    """The reply with the sentence before what it says."""
    if not sentence:
        return reply
    if not reply.messages:
        return replace(reply, messages=(Message(sentence),))
    first, *rest = reply.messages
    return replace(reply, messages=(replace(first, text=f"{sentence} {first.text}"), *rest))


@lru_cache(maxsize=8)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    if not names:
        return None
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(
        rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})(?:'s|s)?(?![\w-])", re.IGNORECASE
    )
