"""Two to four products side by side, the differences that matter first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from models.vocabulary import AttributeValue, Better, Product, Vocabulary, money_text

FEWEST, MOST = 2, 4
PRICE = "price"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a cell for each product (None where it isn't stated), ``best`` the columns that win."""

    field: str
    label: str
    cells: tuple[str | None, ...]
    best: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """``differences`` in the order in which they matter; ``alike`` what is the same for all."""

    skus: tuple[str, ...]
    names: tuple[str, ...]
    differences: tuple[Row, ...]
    alike: tuple[Row, ...]

    def strengths(self, column: int) -> tuple[str, ...]:
        """Cells in which this product alone is the best, the most important first."""
        return tuple(
            cell
            for row in self.differences
            if row.best == (column,) and (cell := row.cells[column]) is not None
        )

    @property
    def summary(self) -> str:
        """A sentence for each product that is best at something; empty when none is."""
        sentences = [
            f"The {name} is ahead with {_listed(strengths[:3])}."
            for column, name in enumerate(self.names)
            if (strengths := self.strengths(column))
        ]
        return " ".join(sentences)


def compare(
    products: Sequence[Product], vocabulary: Vocabulary, *, matters: Collection[str] = ()
) -> Comparison:
    """The products' fields as a table.

    The price comes first, then what is in ``matters``, the attributes that the customer spoke of, then differences in
    which one is better (the category's highlights before others, larger differences before smaller), then matters of
    taste. Raises ValueError unless there are two to four, each once.
    """
    if not FEWEST <= len(products) <= MOST or len({product.sku for product in products}) != len(products):
        raise ValueError(f"products: give {FEWEST} to {MOST} different ones, not {[p.sku for p in products]}")
    names = dict.fromkeys(name for product in products for name in product.attributes if name in vocabulary)
    highlights = [
        name
        for slug in dict.fromkeys(product.category for product in products)
        if (category := vocabulary.categories.get(slug))
        for name in category.highlights
    ]

    def importance(name: str) -> tuple[bool, bool, bool, int, float]:
        place = highlights.index(name) if name in highlights else len(highlights)
        taste, minor = not _is_ranked(name, vocabulary), place == len(highlights)
        return name not in matters, taste, minor, place, -_spread(name, products)

    rows = [(name, _row(name, products, vocabulary)) for name in sorted(names, key=importance)]
    shown = [(name, row) for name, row in rows if any(row.cells)]
    differs = [row for name, row in shown if len({repr(_value(p, name)) for p in products}) > 1]
    alike = [row for name, row in shown if row not in differs]
    price = _price_row(products)
    (differs if len({p.price for p in products}) > 1 else alike).insert(0, price)
    return Comparison(
        tuple(p.sku for p in products), tuple(p.name for p in products), tuple(differs), tuple(alike)
    )


def _price_row(products: Sequence[Product]) -> Row:
    lowest = min(product.price for product in products)
    best = tuple(column for column, product in enumerate(products) if product.price == lowest)
    cells = tuple(money_text(product.price, product.currency) for product in products)
    return Row(PRICE, PRICE, cells, best if len(best) < len(products) else ())


def _row(name: str, products: Sequence[Product], vocabulary: Vocabulary) -> Row:
    attribute = vocabulary[name]
    values = [_value(product, name) for product in products]
    cells = tuple(None if value is None else attribute.describe(value) for value in values)
    label = attribute.words[0] if attribute.words else name.replace("_", " ")
    return Row(name, label, cells, _best(values, attribute.better))


def _best(values: Sequence[AttributeValue | None], better: Better | None) -> tuple[int, ...]:
    """Columns with the best number (or the flag that is set); none when all are the same or it is a matter of taste."""
    if better is None or any(value is None or isinstance(value, str | list) for value in values):
        return ()
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    target = max(numbers) if better == "higher" else min(numbers)
    best = tuple(column for column, number in enumerate(numbers) if number == target)
    return best if len(best) < len(numbers) else ()


def _is_ranked(name: str, vocabulary: Vocabulary) -> bool:
    return vocabulary[name].better is not None


def _spread(name: str, products: Sequence[Product]) -> float:
    """How far numbers lie apart, as a share of the largest; 0 for what isn't a number everywhere."""
    values = [_value(product, name) for product in products]
    numbers = [abs(float(v)) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) < len(products) or not max(numbers):
        return 0.0
    return (max(numbers) - min(numbers)) / max(numbers)


def _value(product: Product, name: str) -> AttributeValue | None:
    return product.attributes.get(name)


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
