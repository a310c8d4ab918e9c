"""Checks each piece of evidence against the products' fields and the raw orders, not against what made it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from crm.views import Product
from models.recommend import Evidence, Recommendation
from models.search.query import Query
from models.vocabulary import Vocabulary, money_text


class Truth:
    """What can be known of a shop: its products, its vocabulary, its orders."""

    def __init__(
        self, products: Mapping[str, Product], vocabulary: Vocabulary, orders: Sequence[Sequence[str]]
    ) -> None:
        self.products = products
        self.vocabulary = vocabulary
        self.orders = [set(order) for order in orders]
        self.kind = ""  # the category that evidence without another product is about

    def check(self, made: Recommendation, query: Query | None = None) -> None:
        """Fail when anything that is said of the product isn't so, or isn't what ranked it."""
        assert abs(made.score - sum(found.weight for found in made.evidence)) < 1e-9
        assert made.why
        assert made.why[0] == made.why[0].upper()
        for found in made.evidence:
            self._check_one(self.products[made.sku], found, query)
        left = made.why.lower()
        for text in sorted((e.text.lower() for e in made.evidence if e.text), key=len, reverse=True):
            left = left.replace(text, "")
        assert not re.sub(r"\bbut\b|\band\b|[,\s]", "", left), (
            f"{made.why!r} says more than its evidence: {left!r}"
        )

    def _check_one(self, product: Product, found: Evidence, query: Query | None) -> None:
        if not found.text:
            return
        other = self.products[found.sku] if found.sku else None
        if found.field == "price":
            assert found.value == product.price
        elif found.field is not None:
            value = product.attributes[found.field]
            assert found.value == value or (isinstance(value, list) and found.value in value)
        getattr(self, f"_{found.kind}")(product, other, found, query)

    def _stated(self, name: str, product: Product) -> str:
        text = self.vocabulary[name].describe(product.attributes[name])
        assert text is not None
        return text

    def _like(self, _: Product, other: Product, found: Evidence, __: object) -> None:
        assert found.text == f"much like the {other.name}"
        assert found.weight > 0

    def _same(self, product: Product, other: Product, found: Evidence, _: object) -> None:
        assert found.field is not None
        assert (
            found.text
            == f"also {self._stated(found.field, product)}"
            == f"also {self._stated(found.field, other)}"
        )

    def _cheaper(self, product: Product, other: Product, found: Evidence, _: object) -> None:
        assert product.price < other.price
        assert found.text == f"{money_text(other.price - product.price, product.currency)} cheaper"

    def _dearer(self, product: Product, other: Product, found: Evidence, _: object) -> None:
        assert product.price > other.price
        assert found.text == f"for {money_text(product.price - other.price, product.currency)} more"

    def _compared(self, product: Product, other: Product, found: Evidence, _: object) -> None:
        assert self._gain(product, other, found) > 0

    def _worse(self, product: Product, other: Product, found: Evidence, _: object) -> None:
        assert self._gain(product, other, found) < 0

    def _gain(self, product: Product, other: Product, found: Evidence) -> float:
        assert found.field is not None
        assert (
            found.text
            == f"{self._stated(found.field, product)} instead of {self._stated(found.field, other)}"
        )
        now, then = product.attributes[found.field], other.attributes[found.field]
        assert isinstance(now, int | float)
        assert isinstance(then, int | float)
        return (now - then) * (1 if self.vocabulary[found.field].better == "higher" else -1)

    def _bought_with(self, product: Product, other: Product, found: Evidence, _: object) -> None:
        assert found.count == sum({product.sku, other.sku} <= order for order in self.orders) > 0
        often = "often bought with" if found.count >= 3 else "bought before with"
        assert found.text == f"{often} the {other.name}"

    def _category_pair(self, product: Product, other: Product | None, found: Evidence, _: object) -> None:
        kinds = [{self.products[sku].category for sku in order} for order in self.orders]
        theirs = other.category if other else self.kind
        assert found.count == sum({product.category, theirs} <= kind for kind in kinds)
        mine, its = (self.vocabulary.singular(slug) for slug in (product.category, theirs))
        assert found.text == f"{found.count} orders had a {mine} with a {its}"

    def _made_for(self, product: Product, other: Product | None, found: Evidence, _: object) -> None:
        category = self.vocabulary.categories[other.category if other else self.kind]
        assert found.text == f"good for a {category.singular}"
        names = {name.lower() for name in (category.singular, category.name, *category.synonyms)}
        assert isinstance(found.value, str)
        assert {found.value.lower(), f"{found.value.lower()}s", found.value.lower().removesuffix("s")} & names

    def _connects(self, product: Product, other: Product, found: Evidence, _: object) -> None:
        assert found.field is not None
        assert str(found.value) in found.text
        theirs = [other.attributes.get(name) for name in ("ports", "connection", "works_with", "os")]
        assert any(found.value in (value if isinstance(value, list) else [value]) for value in theirs)
        assert product.category != other.category

    def _same_use(self, product: Product, other: Product, found: Evidence, _: object) -> None:
        uses = other.attributes["uses"]
        assert isinstance(uses, list)
        assert found.value in uses
        assert found.text == f"for {found.value}, like the {other.name}"

    def _popular(self, product: Product, _: object, found: Evidence, __: object) -> None:
        assert found.count == sum(product.sku in order for order in self.orders)
        assert found.text == f"bought in {found.count} orders"

    def _budget(self, product: Product, _: object, found: Evidence, query: Query | None) -> None:
        assert query is not None
        assert query.price_max is not None
        assert product.price <= query.price_max
        assert found.text == f"within your {money_text(query.price_max, product.currency)} budget"

    def _use(self, product: Product, _: object, found: Evidence, __: object) -> None:
        assert found.text == f"good for {found.value}"

    def _described(self, product: Product, _: object, found: Evidence, __: object) -> None:
        assert found.field is not None
        assert found.text == self._stated(found.field, product)

    _wish = _liked = _named = _fact = _described
