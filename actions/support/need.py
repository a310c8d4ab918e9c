"""What a customer is looking for, as far as they have said.

One frozen value in the slot `need`, changed only by merging a turn into it. It is what the search filters
by, what the cards' reasons refer to, and what a colleague reads who calls the customer back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from actions.support.turn import Entity, Turn
from models.search.query import OPS

KEPT_SENTENCES = 4
ABOUT = (Decimal("0.75"), Decimal("1.15"))
NO_LIMIT = re.compile(
    r"\b(no (price )?limit|any price|price (does ?n.?o?t|isn.?t|is not) (matter|important)|money is no object"
    r"|whatever it costs|no budget)\b",
    re.IGNORECASE,
)
# "a bag for my laptop": what follows belongs to the customer already.
# "With a backlit keyboard" is about what is looked for already.
HAVING = re.compile(
    r"\b(with|has|having|including|incl\.?|without) (a |an |the )?([\w-]+ ){0,2}$", re.IGNORECASE
)
# "That also charges the laptop": what is looked for does something with it.
DOES_WITH = re.compile(
    r"\b(charg(es?|ing)|power(s|ing)?|fits?|(connects?|plugs?|hooks?|goes?|attach(es)?)( up)? (in)?to"
    r"|(works?|pairs?|compatible) with|(use|used|run|runs) (it )?with|supports?)"
    r"( both)? (my|the|a|an|his|her|our|their|any|your)? ?$",
    re.IGNORECASE,
)
MORE_OF = re.compile(r"\b(more|less|extra|enough|bigger|larger|additional) $", re.IGNORECASE)
MUST_BE = re.compile(
    r"\s*(size |diagonal )?((has|have|needs?|ought) to|must|should|shall|can|may)( not| only)? be\b"
    r"|\s*(size|diagonal)\b",
    re.IGNORECASE,
)
OWNED = re.compile(
    r"\b(for|with|fits|fit|to go with|connect to|into|my old) (my|his|her|our|their|the)?\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish about one attribute: at least, at most, above, below or exactly `value`, in the vocabulary's unit."""

    name: str
    op: str
    value: str | int | float | bool

    @classmethod
    def of(cls, raw: Any) -> Wish | None:
        """Read an `attribute` entity; None when it isn't one."""
        if not isinstance(raw, Mapping) or "name" not in raw or raw.get("value") is None:
            return None
        op = raw.get("op", "is")
        return cls(str(raw["name"]), op if op in OPS else "is", raw["value"])


@dataclass(frozen=True, slots=True)
class Need:
    """`words` are the customer's own sentences, latest last; prices are inclusive and include VAT.

    `prefer` names attributes of which more ("higher") or less ("lower") is liked better, without a bound.
    `exclude` are SKUs that were shown and not wanted. `asked` is true once the customer was asked what they
    want to spend; `relative_price` when the price's bound is what was on the screen ("cheaper": a cent below), and
    `about` is the sum around which the bounds lie ("around 1000"). `turn` is the id of the
    message merged last: a message counts once.
    """

    category: str | None = None
    words: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    not_brands: tuple[str, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    attributes: tuple[Wish, ...] = ()
    prefer: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    sort: str | None = None
    asked: bool = False
    relative_price: bool = False
    about: Decimal | None = None
    turn: str = ""

    @property
    def text(self) -> str:
        """The customer's words as one query, without the bounds in them, which are conditions: the "100" of "100 W at
        least" would lift what has exactly so much, or just that number in its name.
        """
        said = " ".join(self.words)
        for wish in self.attributes:
            if wish.op != "is" and isinstance(wish.value, int | float) and not isinstance(wish.value, bool):
                said = re.sub(
                    rf"(?<![\w.,-]){re.escape(f'{wish.value:g}')}(?![\d.,]\d)[ -]?[^\W\d]{{0,5}}", " ", said
                )
        return " ".join(said.split())

    @property
    def is_empty(self) -> bool:
        """True when nothing was said that a search could use."""
        return self == Need(asked=self.asked, turn=self.turn)

    @property
    def constrained(self) -> bool:
        """True when price, brand or an attribute narrows the search already."""
        return bool(self.price_max or self.price_min or self.brands or self.attributes)

    def as_slot(self) -> dict[str, Any]:
        return {
            "category": self.category,
            "words": list(self.words),
            "brands": list(self.brands),
            "not_brands": list(self.not_brands),
            "price_min": None if self.price_min is None else str(self.price_min),
            "price_max": None if self.price_max is None else str(self.price_max),
            "attributes": [{"name": w.name, "op": w.op, "value": w.value} for w in self.attributes],
            "prefer": [list(pair) for pair in self.prefer],
            "exclude": list(self.exclude),
            "sort": self.sort,
            "asked": self.asked,
            "relative_price": self.relative_price,
            "about": None if self.about is None else str(self.about),
            "turn": self.turn,
        }

    @classmethod
    def from_slot(cls, kept: Any) -> Self:
        """Read the slot back; anything else than what `as_slot` wrote is an empty need."""
        if not isinstance(kept, Mapping):
            return cls()
        return cls(
            category=kept.get("category"),
            words=tuple(kept.get("words") or ()),
            brands=tuple(kept.get("brands") or ()),
            not_brands=tuple(kept.get("not_brands") or ()),
            price_min=_decimal(kept.get("price_min")),
            price_max=_decimal(kept.get("price_max")),
            attributes=tuple(wish for raw in kept.get("attributes") or () if (wish := Wish.of(raw))),
            prefer=tuple((str(a), str(b)) for a, b in kept.get("prefer") or ()),
            exclude=tuple(kept.get("exclude") or ()),
            sort=kept.get("sort"),
            asked=bool(kept.get("asked")),
            relative_price=bool(kept.get("relative_price")),
            about=_decimal(kept.get("about")),
            turn=str(kept.get("turn") or ""),
        )

    def with_wish(self, wish: Wish) -> Self:
        """Add a wish; it replaces an earlier one about the same attribute and the same side."""
        kept = tuple(
            other
            for other in self.attributes
            if other.name != wish.name or (_side(other.op) not in ("is", _side(wish.op)) and wish.op != "is")
        )
        return replace(self, attributes=(*kept, wish))

    def without_wish(self, name: str) -> Self:
        return replace(self, attributes=tuple(wish for wish in self.attributes if wish.name != name))

    def merged(self, turn: Turn, *, keep_words: bool = True) -> Self:
        """This need with what the message adds or takes back.

        Another category starts a fresh search. Merging the same message again changes nothing.
        """
        if self.turn and self.turn == turn.message_id:
            return self
        need = self._with_category(turn)
        need = need._with_brands(turn)._with_prices(turn)
        for entity in turn.each("attribute"):
            if wish := Wish.of(entity.value):
                need = need.with_wish(wish)
        words = turn.words
        if keep_words and words and not _only_a_number(words):
            need = replace(need, words=(*need.words, words)[-KEPT_SENTENCES:])
        return replace(need, turn=turn.message_id)

    def _with_category(self, turn: Turn) -> Self:
        category = wanted_category(turn, searching=self.category is not None)
        if category is None or category == self.category:
            return self
        if self.category is None:
            return replace(self, category=category)
        return replace(
            type(self)(),
            category=category,
            price_max=self.price_max,
            price_min=self.price_min,
            relative_price=self.relative_price,
            about=self.about,
        )

    def _with_brands(self, turn: Turn) -> Self:
        wanted = _values(turn.each("brand"))
        unwanted = _values(turn.each("brand", role="exclude"))
        need = self
        if wanted:
            need = replace(need, brands=wanted, not_brands=_without(need.not_brands, wanted))
        if unwanted:
            need = replace(
                need,
                brands=_without(need.brands, unwanted),
                not_brands=tuple(dict.fromkeys((*need.not_brands, *unwanted))),
            )
        return need

    def _with_prices(self, turn: Turn) -> Self:
        if turn.choice == "no_limit" or NO_LIMIT.search(turn.wording):
            return replace(self, price_min=None, price_max=None, asked=True, relative_price=False, about=None)
        stated = {entity.role: amount for entity in turn.entities if (amount := _amount(entity)) is not None}
        if not stated:
            return self
        low, high = stated.get("min"), stated.get("max")
        about = stated.get("about")
        bare = stated.get("exact") or stated.get(None)
        if about is not None:
            low, high = about * ABOUT[0], about * ABOUT[1]
        elif bare is not None:
            high = high or bare
        if high is None:
            high = self.price_max if low is None or (self.price_max or low) > low else None
        return replace(
            self,
            price_min=_cents(low),
            price_max=_cents(high),
            asked=True,
            relative_price=False,
            about=_cents(about),
        )


def _side(op: str) -> str:
    return {"above": "min", "below": "max"}.get(op, op)


def wanted_category(turn: Turn, *, searching: bool = False) -> str | None:
    """The category that is looked for, not the one that the customer owns ("a mouse for my laptop").

    While a search goes on, more of something is a property of what is looked for: "more storage", "the screen has to be
    at least 15 inch".
    """
    said = [entity for entity in turn.each("category") if isinstance(entity.value, str)]
    if searching:
        said = [
            one
            for one in said
            if one.start < 0
            or not (
                MORE_OF.search(turn.text[: one.start])
                or HAVING.search(turn.text[: one.start])
                or DOES_WITH.search(turn.text[: one.start])
                or MUST_BE.match(turn.text[one.end :])
            )
        ]
    for entity in said:
        if entity.start < 0 or not OWNED.search(turn.text[: entity.start]):
            return str(entity.value)
    return str(said[0].value) if said else None


def _amount(entity: Entity) -> Decimal | None:
    return _decimal(entity.value) if entity.name == "price" else None


def _decimal(raw: Any) -> Decimal | None:
    if raw is None or raw == "":
        return None
    try:
        amount = Decimal(str(raw))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def _cents(amount: Decimal | None) -> Decimal | None:
    if amount is None:
        return None
    return (
        amount.quantize(Decimal("0.01"))
        if amount != amount.to_integral_value()
        else amount.quantize(Decimal(1))
    )


def _values(entities: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(entity.value) for entity in entities))


def _without(items: Sequence[str], unwanted: Sequence[str]) -> tuple[str, ...]:
    return tuple(item for item in items if item not in unwanted)


def _only_a_number(words: str) -> bool:
    return re.sub(r"[\s€$£.,]|euros?|eur|max|up to|under|about|around", "", words.lower()).isdigit()
