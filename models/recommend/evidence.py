"""A recommendation, and the evidence that ranked it and that its sentence is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from models.vocabulary import AttributeValue

Strategy = Literal["similar", "goes_with", "for_you", "upgrade"]
EvidenceKind = Literal[
    "like",  # its text's vector is near that of `sku`
    "same",  # attribute `field` is the same as that of `sku`
    "cheaper",  # it costs less than `sku`
    "dearer",  # it costs more than `sku`: told, never hidden
    "worse",  # attribute `field` is worse than that of `sku`: told, never hidden
    "compared",  # attribute `field` is better than that of `sku`
    "bought_with",  # `count` orders hold both it and `sku`
    "category_pair",  # `count` orders hold products of its category and of `sku`'s
    "made_for",  # one of its uses, `value`, is the category of `sku`
    "connects",  # `field` holds `value`, which `sku` has too
    "same_use",  # `value` is a use of both
    "popular",  # `count` orders hold it
    "use",
    "wish",
    "liked",
    "named",
    "budget",
    "fact",  # as in models.reasons
]
MOST_SAID = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """One true thing about a product, and what it adds to the score.

    ``sku`` is the other product that it is about, ``field`` the product's own field (an attribute or "price"),
    ``value`` that field's value, ``count`` a number of orders. An empty ``text`` counts but isn't said.
    """

    kind: EvidenceKind
    text: str
    weight: float
    sku: str | None = None
    field: str | None = None
    value: AttributeValue | Decimal | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A product with what speaks for it. ``score`` is the sum of the evidence's weights."""

    sku: str
    strategy: Strategy
    evidence: tuple[Evidence, ...]

    @property
    def score(self) -> float:
        return sum(found.weight for found in self.evidence)

    @property
    def why(self) -> str:
        """One sentence, without its full stop: the strongest evidence first; a higher price and a loss always."""
        told = sorted((e for e in self.evidence if e.text and e.weight > 0), key=lambda e: -e.weight)
        texts = [e.text for e in _each_field_once(told)][:MOST_SAID]
        price = [e.text for e in self.evidence if e.kind == "dearer"]
        worse = sorted((e for e in self.evidence if e.kind == "worse"), key=lambda e: e.weight)[:1]
        sentence = ", ".join(filter(None, [_listed(texts), *price, *(f"but {e.text}" for e in worse)]))
        return sentence[:1].upper() + sentence[1:]


def _each_field_once(found: Sequence[Evidence]) -> list[Evidence]:
    unique: dict[tuple[str | None, str], Evidence] = {}
    for one in found:
        unique.setdefault((one.field, "" if one.field else one.text), one)
    return list(unique.values())


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}" if texts else ""
