"""Which product a customer means: by name, by its place in the list, by "it", or by what sets it apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from actions.support.need import Wish
from actions.support.refine import Step, comparative, steps
from actions.support.reply import Reply, button, say
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.services import catalogue
from crm.views import Product
from models.search.conditions import satisfies

CHEAPEST = re.compile(r"\b(cheapest|least expensive)\b", re.IGNORECASE)
DEAREST = re.compile(r"\b(most expensive|dearest|priciest)\b", re.IGNORECASE)
# "The cheaper one" is one of those on the screen; "a cheaper one" would be another.
THE_CHEAPER = re.compile(r"\bthe (cheaper|less expensive)( \w+)?\b(?! than)", re.IGNORECASE)
THE_DEARER = re.compile(r"\bthe (dearer|pricier|more expensive)( \w+)?\b(?! than)", re.IGNORECASE)
THE_MORE = re.compile(
    r"\b(?:the|that|this) (?:[\w-]+ ){1,3}(?:one|model|version)\b|\bthe [\w-]+ of (?:them|these|those)\b"
    r"|\b(?:the|that) one (?:with|that has) the [\w -]+",
    re.IGNORECASE,
)
THE_OTHER = re.compile(r"\bthe other(s| ones?)?\b(?! \w*(brand|day|thing|hand|way))", re.IGNORECASE)
MOST_ASKED = 4


class Listed(Protocol):
    """Anything with a SKU and a name: a product, a line of the cart."""

    @property
    def sku(self) -> str: ...
    @property
    def name(self) -> str: ...


T = TypeVar("T")
ListedT = TypeVar("ListedT", bound=Listed)


@dataclass(frozen=True, slots=True)
class Reference:
    """One product, or several of which the customer must name one; `missing` when nothing was named."""

    product: Product | None = None
    candidates: tuple[Product, ...] = ()

    @property
    def missing(self) -> bool:
        return self.product is None and not self.candidates


async def shown_products(turn: Turn, uow: UnitOfWork) -> tuple[Product, ...]:
    """The products on the screen, in their order; withdrawn ones are left out."""
    skus = [str(sku) for sku in turn.slot("shown") or ()]
    found = await catalogue.get_many(uow, skus)
    return tuple(found[sku] for sku in skus if sku in found)


def compared_first(turn: Turn, shown: tuple[Product, ...]) -> tuple[Product, ...]:
    """Those on the screen that were compared last, as long as they stand first; else all of them."""
    compared = [str(sku) for sku in turn.slot("compared") or ()]
    first = shown[: len(compared)]
    return first if len(compared) > 1 and [product.sku for product in first] == compared else shown


async def resolve(turn: Turn, uow: UnitOfWork, *, vocabulary: Mapping[str, Any] | None = None) -> Reference:
    """The product that the message is about, if it is about one. With the attributes' `vocabulary` "the lighter one" is
    understood, too.
    """
    shown = await shown_products(turn, uow)
    if named := await _named(turn, uow, shown):
        return named
    place = turn.value("ordinal")
    if isinstance(place, int) and shown:
        picked = pick(shown, place)
        return Reference(picked) if picked else Reference(candidates=shown)
    shown = compared_first(turn, shown)
    if told := _told_apart(turn, shown, vocabulary or {}):
        return Reference(told)
    focus = turn.slot("focus")
    if focus and THE_OTHER.search(turn.wording):
        others = tuple(product for product in shown if product.sku != focus)
        return Reference(others[0]) if len(others) == 1 else Reference(candidates=others or shown)
    if isinstance(focus, str):
        product = await catalogue.get(uow, focus)
        if product is not None:
            return Reference(product)
    if len(shown) == 1:
        return Reference(shown[0])
    return Reference(candidates=shown)


async def _named(turn: Turn, uow: UnitOfWork, shown: Sequence[Product]) -> Reference | None:
    entity = turn.any_of("product")
    if entity is None or not isinstance(entity.value, str):
        return None
    skus = list(dict.fromkeys((entity.value, *entity.candidates)))
    found = await catalogue.get_many(uow, skus)
    if len(skus) > 1:
        seen = [product for product in shown if product.sku in skus]
        if len(seen) == 1:
            return Reference(seen[0])
        return Reference(candidates=tuple(found[sku] for sku in skus if sku in found)[:MOST_ASKED])
    return Reference(found.get(entity.value)) if entity.value in found else None


def pick(items: Sequence[T], place: int) -> T | None:
    """The item at a 1-based place; -1 is the last. None beyond the list."""
    index = place - 1 if place > 0 else len(items) + place
    return items[index] if 0 <= index < len(items) else None


def _told_apart(turn: Turn, shown: Sequence[Product], vocabulary: Mapping[str, Any]) -> Product | None:
    """ "the Dell one", "the cheapest", "the lighter one": a product on the screen that alone is so."""
    if not shown:
        return None
    text = turn.wording
    if CHEAPEST.search(text) or (THE_CHEAPER.search(text) and len(shown) > 1):
        return min(shown, key=lambda product: product.price)
    if DEAREST.search(text) or (THE_DEARER.search(text) and len(shown) > 1):
        return max(shown, key=lambda product: product.price)
    if more := most_so(text, shown, vocabulary):
        return more
    if THE_MORE.search(text) and (like := _as_described(turn, shown)):
        return like
    brands = {entity.value for entity in turn.each("brand")}
    return only(shown, lambda product: product.brand in brands) or by_words(turn.words, shown)


def _as_described(turn: Turn, shown: Sequence[Product]) -> Product | None:
    """ "The white one", "the one with a touchscreen": the product on the screen that alone is so."""
    wishes = [wish for entity in turn.each("attribute") if (wish := Wish.of(entity.value))]
    if not wishes:
        return None
    return only(shown, lambda product: all(satisfies(product.attributes.get(w.name), w) for w in wishes))


def most_so(text: str, shown: Sequence[Product], vocabulary: Mapping[str, Any]) -> Product | None:
    """ "The lighter one", "the biggest one": the product on the screen of which that is truest."""
    said = THE_MORE.search(text)
    if said is None or len(shown) < 2:
        return None
    for step in steps(comparative(said[0]), vocabulary, shown):
        if (best := extreme(shown, step)) is not None:
            return best
    return None


def extreme(products: Sequence[Product], step: Step) -> Product | None:
    """The product with most of it, or least; None when two share that place or only one tells."""
    told = [
        (float(value), product)
        for product in products
        if isinstance(value := product.attributes.get(step.name), int | float)
    ]
    ranked = sorted(told, key=lambda pair: pair[0], reverse=step.higher)
    if len(ranked) < 2 or ranked[0][0] == ranked[1][0]:
        return None
    return ranked[0][1]


def only(items: Sequence[T], fits: Callable[[T], bool]) -> T | None:
    """The one item that fits; None when none or several do."""
    fitting = [item for item in items if fits(item)]
    return fitting[0] if len(fitting) == 1 else None


def by_words(text: str, items: Sequence[ListedT]) -> ListedT | None:
    """The one item whose name shares a word with the text that no other item's name has."""
    said = {
        word for word in re.findall(r"[^\W_]{3,}", text.lower()) if word not in {"the", "and", "one", "for"}
    }
    scores = [(len(said & set(re.findall(r"[^\W_]{3,}", item.name.lower()))), item) for item in items]
    best = max((score for score, _ in scores), default=0)
    leaders = [item for score, item in scores if score == best]
    return leaders[0] if best > 0 and len(leaders) == 1 else None


def ask_which(
    candidates: Sequence[Product], intent: str, *, question: str = "Which one do you mean?", said: str = ""
) -> Reply:
    """Ask, with a button for each candidate that says the same about it; `said` are words that it stands for, too."""
    words = {"said": said} if said else {}
    if not candidates:
        return say(
            "Which product do you mean? Tell me its name, or what you are looking for.",
            button("Find a product", "find_product"),
        )
    return say(
        question,
        *(button(product.name, intent, product=product.sku, **words) for product in candidates[:MOST_ASKED]),
    )
