"""The recommender: similar, upgrade, goes with, for you. One answer, one set of evidence.

Nothing that was just bought, lies in the cart or was refused is recommended (``avoid``), what is in stock comes first,
and what a customer's conditions exclude isn't shown at all. Every score is the sum of the evidence that the sentence is
made of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from models.recommend import differences
from models.recommend.complements import ACCESSORY, TOGETHER, bought_with, category_pair, fits, for_kind
from models.recommend.cross_sell import CrossSell
from models.recommend.diversity import varied
from models.recommend.evidence import Evidence, Recommendation, Strategy
from models.recommend.history import History
from models.recommend.shelf import Shelf
from models.search.conditions import fulfils
from models.search.query import Hit, Query
from models.vocabulary import Product, Vocabulary

POOL = 60
"""Candidates that are looked at closely."""

LIMIT = 3
ALIKE = 0.75
"""Cosine from which a product is called much like another."""

FEWEST_SAID = 2
DEAREST_STEP = Decimal(2)
"""An upgrade costs at most this many times as much, unless a budget says otherwise."""

ORDERS, VIEWS, NEEDS, POPULAR = 0.6, 0.5, 1.0, 0.2
"""For you: weights of what goes with former orders, what is like the products looked at, what answers the stated need,
and what others bought, when no more is known."""


class Recommender:
    """Recommends from one state of the catalogue. Immutable; a changed catalogue gets a new one."""

    def __init__(self, shelf: Shelf, vocabulary: Vocabulary, history: History, cross_sell: CrossSell) -> None:
        self._shelf = shelf
        self._vocabulary = vocabulary
        self._history = history
        self._ranker = cross_sell.over([product.sku for product in shelf.products], shelf.vectors)

    @classmethod
    def build(
        cls,
        products: Sequence[Product],
        vectors: npt.NDArray[np.floating],
        vocabulary: Vocabulary,
        *,
        orders: Sequence[Collection[str]] = (),
        cross_sell: CrossSell | None = None,
    ) -> Recommender:
        """A recommender of ``products`` with the unit vectors of their texts, in the same order.

        ``orders`` are the SKUs of each order; ``cross_sell`` is the model learned from them, learned here without it.
        """
        category_of = {product.sku: product.category for product in products}
        history = History.of(orders, category_of)
        return cls(Shelf(products, vectors), vocabulary, history, cross_sell or CrossSell.learn(orders))

    def product(self, sku: str) -> Product | None:
        """The product as it was when this recommender was built; None when it wasn't for sale then."""
        return self._shelf.get(sku)

    def similar(
        self,
        sku: str,
        query: Query | None = None,
        *,
        cheaper: bool = False,
        avoid: Iterable[str] = (),
        limit: int = LIMIT,
    ) -> list[Recommendation]:
        """Products like this one that fulfil ``query``; with ``cheaper`` only those that cost less.

        Raises KeyError when ``sku`` isn't for sale.
        """
        looked_at = self._shelf[sku]
        query = self._without(query, [*avoid, sku])
        found = []
        for product in self._shelf.nearest(sku, query, limit=POOL):
            if cheaper and product.price >= looked_at.price:
                continue
            evidence = [
                *self._like(product, looked_at),
                *differences.shared(product, looked_at, self._vocabulary),
                *differences.better(product, looked_at, self._vocabulary),
                *differences.worse(product, looked_at, self._vocabulary),
                *differences.priced(product, looked_at),
                *self._answers(product, query),
            ]
            found.append(self._recommended(product, "similar", evidence))
        return self._chosen(found, limit)

    def upgrade(
        self, sku: str, query: Query | None = None, *, avoid: Iterable[str] = (), limit: int = LIMIT
    ) -> list[Recommendation]:
        """Better products of the same kind, dearer ones among them. A budget in ``query`` doesn't hold here.

        Each is better in something and in more than it is worse. Raises KeyError when ``sku`` isn't for sale.
        """
        looked_at = self._shelf[sku]
        query = replace(self._without(query, [*avoid, sku]), price_max=looked_at.price * DEAREST_STEP)
        wishes = replace(query, price_max=None)  # the step's bound is ours: no budget to speak of
        found = []
        for product in self._shelf.nearest(sku, query, limit=POOL):
            gains = list(differences.better(product, looked_at, self._vocabulary))
            losses = list(differences.worse(product, looked_at, self._vocabulary))
            if not gains or sum(e.weight for e in [*gains, *losses]) <= 0:
                continue
            evidence = [
                *self._like(product, looked_at, said=False),
                *gains,
                *losses,
                *differences.priced(product, looked_at),
                *self._answers(product, wishes),
            ]
            found.append(self._recommended(product, "upgrade", evidence))
        return self._chosen(found, limit)

    def goes_with(
        self,
        cart: Sequence[str],
        query: Query | None = None,
        *,
        avoid: Iterable[str] = (),
        limit: int = LIMIT,
    ) -> list[Recommendation]:
        """What others ordered with the cart's products, or what fits them; empty for an empty cart."""
        query = self._without(query, [*avoid, *cart])
        found = [
            self._recommended(product, "goes_with", evidence)
            for product, evidence in self._complements(cart, query)
        ]
        return self._chosen(found, limit)

    def goes_with_kind(
        self, slug: str, query: Query | None = None, *, avoid: Iterable[str] = (), limit: int = LIMIT
    ) -> list[Recommendation]:
        """For something of this category that the customer has from elsewhere, what belongs to its kind.

        It costs at most half of the category's middle price; among those that fit alike, the more ordered come first.
        """
        query = self._without(query, avoid)
        prices = sorted(self._shelf.products[row].price for row in self._shelf.of_category(slug))
        if not prices:
            return []
        dearest = prices[len(prices) // 2] * ACCESSORY
        names = self._history.most_ordered(1)
        most = max(self._history.orders_of(names[0]), 1) if names else 1
        found = []
        for product in self._shelf.products:
            if product.price > dearest or not fulfils(product, query):
                continue
            evidence = list(for_kind(product, slug, self._history, self._vocabulary))
            if evidence:
                share = self._history.orders_of(product.sku) / most
                evidence.append(Evidence("popular", "", POPULAR * share, count=0))
                found.append(self._recommended(product, "goes_with", evidence))
        return self._chosen(found, limit)

    def for_you(
        self,
        *,
        orders: Sequence[str] = (),
        views: Sequence[str] = (),
        needs: Query | None = None,
        hits: Sequence[Hit] = (),
        avoid: Iterable[str] = (),
        limit: int = LIMIT,
    ) -> list[Recommendation]:
        """For a contact: ``orders`` and ``views`` are SKUs, ``hits`` what the search found for the stated ``needs``.

        Nothing known about them: what most orders hold.
        """
        query = self._without(needs, [*avoid, *orders])
        evidence: dict[str, list[Evidence]] = {}
        for product, found in self._complements(orders, query):
            evidence.setdefault(product.sku, []).extend(
                replace(one, weight=ORDERS * one.weight) for one in found
            )
        for viewed in self._shelf.known(views):
            for product in self._shelf.nearest(viewed.sku, query, limit=POOL // 3):
                found = list(self._like(product, viewed, weight=VIEWS / len(set(views))))
                evidence.setdefault(product.sku, []).extend(found)
        for place, hit in enumerate(hits):
            if hit.sku in self._shelf and fulfils(self._shelf[hit.sku], query):
                answered = list(self._answers(self._shelf[hit.sku], query))
                ranked = Evidence("wish", "", NEEDS / (2 + place))
                evidence.setdefault(hit.sku, []).extend([ranked, *answered])
        if not evidence:
            evidence = self._popular(query)
        made = [self._recommended(self._shelf[sku], "for_you", found) for sku, found in evidence.items()]
        return self._chosen(made, limit)

    def _complements(self, basket: Sequence[str], query: Query) -> list[tuple[Product, list[Evidence]]]:
        """Products with something that speaks for them beside the basket, the learned score first."""
        others = self._shelf.known(basket)
        if not others:
            return []
        learned = self._ranker.scores(basket)
        found = []
        for row in self._candidates(basket, learned):
            product = self._shelf.products[row]
            if not fulfils(product, query):
                continue
            evidence = [
                *bought_with(product, others, self._history),
                *category_pair(product, others, self._history, self._vocabulary),
                *fits(product, others, self._vocabulary),
            ]
            if evidence:
                # The learned score ranks among products that orders speak for; it is no claim of its own.
                evidence.append(Evidence("like", "", TOGETHER * max(float(learned[row]), 0.0)))
                found.append((product, evidence))
        return found

    def _candidates(self, basket: Sequence[str], learned: npt.NDArray[np.float32]) -> list[int]:
        """Rows worth a close look: best by the model, ordered with the basket, and of categories ordered with it."""
        best = np.argsort(-learned, kind="stable")[: POOL * 2]
        rows = dict.fromkeys(int(row) for row in best if np.isfinite(learned[row]))
        together = (sku for sku in basket for sku in self._history.bought_with(sku))
        rows.update(dict.fromkeys(self._shelf.row[sku] for sku in together if sku in self._shelf))
        for slug in self._vocabulary.categories:
            mine = self._shelf.of_category(slug)
            near = mine[np.argsort(-learned[mine], kind="stable")[: POOL // 3]]
            rows.update(dict.fromkeys(int(row) for row in near if np.isfinite(learned[row])))
        return list(rows)

    def _popular(self, query: Query) -> dict[str, list[Evidence]]:
        found: dict[str, list[Evidence]] = {}
        names = self._history.most_ordered(POOL)
        most = self._history.orders_of(names[0]) if names else 1
        for sku in names:
            if sku in self._shelf and fulfils(self._shelf[sku], query):
                count = self._history.orders_of(sku)
                text = f"bought in {count} orders" if count > 1 else ""
                found[sku] = [Evidence("popular", text, POPULAR * count / most, count=count)]
        return found

    def _like(
        self, product: Product, other: Product, *, weight: float = 1.0, said: bool = True
    ) -> Iterable[Evidence]:
        cosine = max(self._shelf.cosine(product.sku, other.sku), 0.0)
        yield Evidence(
            "like",
            f"much like the {other.name}" if said and cosine >= ALIKE else "",
            weight * cosine,
            sku=other.sku,
        )

    def _answers(self, product: Product, query: Query) -> Iterable[Evidence]:
        asked = query.text.strip() or query.attributes or query.prefer or query.price_max is not None
        return differences.answers(product, query, self._vocabulary) if asked else ()

    def _recommended(self, product: Product, strategy: Strategy, evidence: list[Evidence]) -> Recommendation:
        named = [one.field for one in evidence if one.field and one.text]
        said = sum(1 for one in evidence if one.text and one.weight > 0)
        if said < FEWEST_SAID:
            facts = differences.told(product, self._vocabulary, named, limit=FEWEST_SAID - said)
            evidence = [*evidence, *facts]
        return Recommendation(product.sku, strategy, tuple(evidence))

    def _chosen(self, found: Sequence[Recommendation], limit: int) -> list[Recommendation]:
        """The best of the found that differ from one another, what is in stock before what isn't."""
        if limit < 1:
            raise ValueError(f"limit must be 1 or more, not {limit}")
        chosen: list[Recommendation] = []
        for in_stock in (True, False):
            ranked = sorted(
                (r for r in found if (self._shelf[r.sku].stock > 0) == in_stock),
                key=lambda r: (-r.score, r.sku),
            )[:POOL]
            vectors = self._shelf.vectors[[self._shelf.row[r.sku] for r in ranked]]
            picked = varied([r.score for r in ranked], vectors, limit - len(chosen))
            chosen += [ranked[position] for position in picked]
        return chosen

    @staticmethod
    def _without(query: Query | None, avoid: Iterable[str]) -> Query:
        query = query or Query()
        return replace(query, exclude=tuple(dict.fromkeys([*query.exclude, *avoid])))
