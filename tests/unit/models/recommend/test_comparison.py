"""A comparison puts what matters first and states nothing that isn't in the products."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.views import Product
from models.recommend import compare
from models.vocabulary import Vocabulary, money_text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_every_cell_is_a_field_of_its_product(
    data: st.DataObject, products: list[Product], vocabulary: Vocabulary
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(products), min_size=2, max_size=4, unique_by=lambda p: p.sku))
    table = compare(chosen, vocabulary)
    assert table.skus == tuple(product.sku for product in chosen)
    for row in (*table.differences, *table.alike):
        for product, cell in zip(chosen, row.cells, strict=True):
            if row.field == "price":
                assert cell == money_text(product.price, product.currency)
            else:
                value = product.attributes.get(row.field)
                assert cell == (None if value is None else vocabulary[row.field].describe(value))
    for row in table.alike:
        assert len(set(row.cells)) == 1
    for row in table.differences:
        assert len(row.best) < len(chosen)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_the_best_is_the_best(data: st.DataObject, products: list[Product], vocabulary: Vocabulary) -> None:
    chosen = data.draw(st.lists(st.sampled_from(products), min_size=2, max_size=4, unique_by=lambda p: p.sku))
    for row in compare(chosen, vocabulary).differences:
        if row.field == "price":
            assert {chosen[c].price for c in row.best} <= {min(product.price for product in chosen)}
            continue
        better = vocabulary[row.field].better
        values = [product.attributes.get(row.field) for product in chosen]
        assert better is not None or not row.best
        for column in row.best:
            mine = values[column]
            assert isinstance(mine, int | float)
            for value in values:
                assert isinstance(value, int | float)
                assert mine >= value if better == "higher" else mine <= value


def test_price_then_what_can_be_better_then_taste(by_sku: dict[str, Product], vocabulary: Vocabulary) -> None:
    rows = compare([by_sku["LAP-0001"], by_sku["LAP-0002"], by_sku["LAP-0003"]], vocabulary).differences
    assert rows[0].field == "price"
    ranked = [vocabulary[row.field].better is not None for row in rows[1:]]
    assert all(not later or earlier for earlier, later in pairwise(ranked))
    assert rows[1].field in vocabulary.categories["laptops"].highlights


def test_what_the_customer_spoke_of_comes_before_other_differences(
    by_sku: dict[str, Product], vocabulary: Vocabulary
) -> None:
    pair = [by_sku["LAP-0001"], by_sku["LAP-0002"]]
    plain = [row.field for row in compare(pair, vocabulary).differences]
    last = plain[-1]
    asked = [row.field for row in compare(pair, vocabulary, matters=[last]).differences]
    assert asked[:2] == ["price", last]
    assert sorted(asked) == sorted(plain)


def test_the_summary_names_who_is_ahead_in_what(by_sku: dict[str, Product], vocabulary: Vocabulary) -> None:
    table = compare([by_sku["LAP-0001"], by_sku["LAP-0002"]], vocabulary)
    assert by_sku["LAP-0001"].name in table.summary
    assert all(text in table.summary for text in table.strengths(0)[:3])


@pytest.mark.parametrize("skus", [[], ["LAP-0001"], ["LAP-0001"] * 2, [f"LAP-000{n}" for n in range(1, 6)]])
def test_one_five_or_the_same_twice_are_refused(
    skus: list[str], by_sku: dict[str, Product], vocabulary: Vocabulary
) -> None:
    with pytest.raises(ValueError, match="2 to 4"):
        compare([by_sku[sku] for sku in skus], vocabulary)
