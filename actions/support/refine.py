"""Wishes about what was just shown: "cheaper", "another brand", "with more memory", "something else".

They mean nothing by themselves; each is measured against the products on the screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from actions.support.need import Need, Wish, wanted_category
from actions.support.turn import Turn
from crm.views import Product

CENT = Decimal("0.01")
CHEAPER = re.compile(
    r"\b(ch[ae]{1,3}p+[ea]{0,2}r|less (expensiv\w*|pricey|money)|lower (the )?price|lower with the price"
    r"|(too|to|so|2) (expensiv\w*|pric(e?y|ie)|dear|much( money)?)|go (a bit |a little )?lower|more affordable"
    r"|over my budget"
    r"|can.?t afford|costs? less)\b",
    re.IGNORECASE,
)
DEARER = re.compile(
    r"\b(more expensive|higher[- ]end|premium|spend (a (little|bit) )?more|pricier)\b", re.IGNORECASE
)
OTHER_BRAND = re.compile(
    r"\b((an)?other|different|some other|else than (this|that|these)) (brand|make|manufacturer|maker|company)s?\b",
    re.IGNORECASE,
)
ANY_BRAND = re.compile(
    r"\b(any|whatever|whichever) (brand|make)|(brand|make) (does ?n.?o?t|is ?n.?o?t) (matter|important)\b",
    re.IGNORECASE,
)
OTHERS = re.compile(
    r"\b(something else|anything else|some ?thing different|what else"
    r"|(show|see|any|the|some) (me )?(more|others?)\b(?! \w)|others\b|(more|other) options|next (page|ones?)"
    r"|none of (these|those|them)|do.?n.?t like (any|these|those|them)|not (these|those|them))"
    r"|^(more|next|other ones?)\W*(please|pls|plz)?\W*$",
    re.IGNORECASE,
)
CHEAPEST = re.compile(
    r"\b(cheapest|lowest price|sort(ed)? by price|as cheap as possible|least expensive)\b", re.IGNORECASE
)
DEAREST = re.compile(r"\b(most expensive|top of the (line|range)|highest price)\b", re.IGNORECASE)
COMPARATIVE = re.compile(r"\b(more|less|longer|\w{2,}er|too|another|bit)\b", re.IGNORECASE)

SUPERLATIVE = re.compile(
    r"\b(?!(?:b|w|n|t|r|gu|inter|inv|prot|requ|sugg|hon|latt?)est\b)(\w{2,}?)est\b", re.IGNORECASE
)
MOST = {"best": "better", "most": "more", "least": "less"}
BRIEF = 4  # words: "more storage please" is about what is shown, whatever the classifier makes of it

CHOICES = {"cheaper": CHEAPER, "other_brand": OTHER_BRAND, "more": OTHERS}


@dataclass(frozen=True, slots=True)
class Step:
    """A wish for more or less of an attribute, in the customer's words."""

    name: str
    higher: bool
    phrase: str


def comparative(text: str) -> str:
    """ "The biggest", "most memory" as the vocabulary has them: "the bigger", "more memory"."""
    text = re.sub(r"\b(best|most|least)\b", lambda said: MOST[said[0].lower()], text, flags=re.IGNORECASE)
    return SUPERLATIVE.sub(r"\1er", text)


def refined(need: Need, turn: Turn, shown: Sequence[Product], vocabulary: Mapping[str, Any]) -> Need:
    """The need after the message's relative wishes, measured against `shown` (may be empty)."""
    text, choice = turn.wording, turn.choice
    if ANY_BRAND.search(text):
        need = replace(need, brands=(), not_brands=())
    if shown and (choice == "cheaper" or CHEAPER.search(text)) and not turn.any_of("price"):
        limit = min(product.price for product in shown) - CENT
        need = replace(need, price_max=limit, price_min=None, asked=True, relative_price=True, about=None)
    elif shown and DEARER.search(text) and not turn.any_of("price"):
        need = replace(
            need,
            price_min=max(product.price for product in shown) + CENT,
            price_max=None,
            asked=True,
            relative_price=True,
            about=None,
        )
    if shown and (choice == "other_brand" or OTHER_BRAND.search(text)):
        seen = dict.fromkeys(product.brand for product in shown)
        need = replace(
            need,
            brands=tuple(brand for brand in need.brands if brand not in seen),
            not_brands=tuple(dict.fromkeys((*need.not_brands, *seen))),
        )
    if shown and (choice == "more" or OTHERS.search(text)) and not OTHER_BRAND.search(text):
        need = replace(need, exclude=tuple(dict.fromkeys((*need.exclude, *(p.sku for p in shown)))))
    if CHEAPEST.search(text):
        need = replace(need, sort="price")
    elif DEAREST.search(text):
        need = replace(need, sort="-price")
    for step in steps(text, vocabulary, shown):
        need = _stepped(need, step, turn, shown)
    return _at_its_extreme(need, text, vocabulary)


def _at_its_extreme(need: Need, text: str, vocabulary: Mapping[str, Any]) -> Need:
    """ "The biggest you have" is sorted by what is said to be biggest."""
    if not SUPERLATIVE.search(text) and not re.search(r"\b(most|least)\b", text, re.IGNORECASE):
        return need
    said = {step.name for step in steps(text, vocabulary, ())}
    for step in steps(comparative(text), vocabulary, ()):
        if step.name not in said:
            return replace(need, sort=f"-{step.name}" if step.higher else step.name)
    return need


def is_only_relative(turn: Turn, vocabulary: Mapping[str, Any]) -> bool:
    """True when the message says nothing that a search could look for by itself ("cheaper", "show others")."""
    if wanted_category(turn, searching=True) or turn.any_of("attribute"):
        return False
    text = turn.wording
    relative = (CHEAPER, DEARER, OTHER_BRAND, ANY_BRAND, OTHERS, CHEAPEST, DEAREST)
    if any(pattern.search(text) for pattern in relative):
        return len(text.split()) <= 9
    return len(text.split()) <= 6 and any(True for _ in steps(comparative(text), vocabulary, ()))


def steps(text: str, vocabulary: Mapping[str, Any], shown: Sequence[Product]) -> Iterator[Step]:
    """Wishes for more or less, the longest phrase first; each part of the text is read once.

    With products on the screen only attributes that they have count: "lighter" is about kilograms for
    laptops and about grams for headphones.
    """
    left = f" {text.lower()} "
    phrases = [
        Step(name, higher, str(phrase).lower())
        for name, entry in vocabulary.items()
        for key, higher in (("more", True), ("less", False))
        for phrase in _field(entry, key)
        if not shown or any(_number(product, name) is not None for product in shown)
    ]
    taken: set[str] = set()
    near = [step for step in phrases if step.phrase in left]  # most aren't said at all: no pattern for those
    for step in sorted(near, key=lambda item: -len(item.phrase)):
        pattern = rf"(?<!\w)(?<!not ){re.escape(step.phrase)}(?!\w)"
        if step.name not in taken and re.search(pattern, left):
            too = re.search(rf"\b(too|not (so|that|too)) {re.escape(step.phrase)}", left)
            left = left if not shown else re.sub(pattern, " ", left)
            taken.add(step.name)
            yield replace(step, higher=not step.higher) if too else step


def _stepped(need: Need, step: Step, turn: Turn, shown: Sequence[Product]) -> Need:
    values = [value for product in shown if (value := _number(product, step.name)) is not None]
    stated = any(
        isinstance(entity.value, Mapping) and entity.value.get("name") == step.name
        for entity in turn.each("attribute")
    )
    if stated:
        return need
    searched_anew = turn.intent == "find_product" and len(turn.words.split()) > BRIEF
    if values and not searched_anew and COMPARATIVE.search(turn.wording):
        wish = Wish(step.name, "above", max(values)) if step.higher else Wish(step.name, "below", min(values))
        return need.with_wish(wish)
    kept = tuple(pair for pair in need.prefer if pair[0] != step.name)
    return replace(need, prefer=(*kept, (step.name, "higher" if step.higher else "lower")))


def _number(product: Product, name: str) -> float | None:
    value = product.attributes.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _field(entry: Any, key: str) -> Sequence[Any]:
    value = entry.get(key) if isinstance(entry, Mapping) else getattr(entry, key, None)
    return value or ()
