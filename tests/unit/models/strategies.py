"""Queries as hypothesis makes them: conditions from the catalogue's own values, near them, and beside them."""

from __future__ import annotations

from hypothesis import strategies as st

from crm.views import Product
from models.search import AttributeConstraint, Query

WORDS = (
    "light", "laptop", "for", "gaming", "waterproof", "black", "cheap", "headfones", "32 gb", "27 inch", "kids",
    "wireless", "not", "quiet", "video editing", "phone", "???", "16GB", "power bank", "zzzz",
)  # fmt: skip


def queries(products: list[Product]) -> st.SearchStrategy[Query]:
    """Queries over the values that ``products`` have."""
    prices = sorted({product.price for product in products})
    amount = st.one_of(st.sampled_from(prices), st.decimals("0", "4000", places=2))
    return st.builds(
        Query,
        text=st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join),
        category=st.none() | st.sampled_from(sorted({product.category for product in products})),
        brands=st.lists(st.sampled_from(sorted({p.brand for p in products})), max_size=2),
        not_brands=st.lists(st.sampled_from(sorted({p.brand.upper() for p in products})), max_size=2),
        price_min=st.none() | amount,
        price_max=st.none() | amount,
        attributes=st.lists(_constraints(products), max_size=2),
        exclude=st.lists(st.sampled_from([product.sku for product in products]), max_size=3),
        in_stock=st.booleans(),
        sort=st.sampled_from([None, None, "price", "-price"]),
        prefer=st.lists(st.tuples(st.just("weight_kg"), st.sampled_from(["higher", "lower"])), max_size=1),
    )


def _constraints(products: list[Product]) -> st.SearchStrategy[AttributeConstraint]:
    values = {
        (name, item)
        for product in products
        for name, value in product.attributes.items()
        for item in (value if isinstance(value, list) else [value])
    }
    numbers = sorted((n, v) for n, v in values if isinstance(v, int | float) and not isinstance(v, bool))
    flags = sorted((n, v) for n, v in values if isinstance(v, bool))
    words = sorted((n, v) for n, v in values if isinstance(v, str))
    return st.one_of(
        st.builds(
            lambda pair, op: AttributeConstraint(pair[0], op, pair[1]),
            st.sampled_from(numbers),
            st.sampled_from(["min", "max", "above", "below", "is"]),
        ),
        st.builds(lambda pair: AttributeConstraint(pair[0], "is", pair[1]), st.sampled_from(flags)),
        st.builds(lambda pair: AttributeConstraint(pair[0], "is", pair[1]), st.sampled_from(words)),
        st.builds(lambda pair: AttributeConstraint(pair[0], "is", str(pair[1])), st.sampled_from(numbers)),
    )
