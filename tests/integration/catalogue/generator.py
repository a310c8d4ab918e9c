"""A catalogue of any size, the same at every run: invented products with the spread of text that shops have.

python -m tests.integration.catalogue.generator 100000 > products.csv
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator
from typing import TextIO

HEADINGS = (
    "SKU",
    "Title",
    "Manufacturer",
    "Product type",
    "Price",
    "Qty",
    "Description",
    "attributes.weight_kg",
    "attributes.color",
    "attributes.material",
)
MAKERS = tuple(
    f"{first}{last}" for first in ("Nor", "Vel", "Tam", "Quo", "Ard") for last in ("vik", "dane", "rix", "lo")
)
KINDS = ("laptops", "Phones", "Garden hose", "Shelf brackets", "Door handles", "Paint", "Extension cords")
COLORS = ("red", "sky blue", "navy blue", "slate grey", "ink black", "white", "olive")
MATERIALS = ("steel", "oak", "brass", "ABS plastic", "aluminium", "cotton")
TEXT = (
    "sturdy light quiet simple folding outdoor compact heavy duty weatherproof rust free easy to clean fits most "
    "walls with two screws and a cover that opens from the front made for daily use in kitchens garages and offices"
)
WORDS = TEXT.split()


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """`count` products, the header left out."""
    choose = random.Random(20)  # noqa: S311 - invented goods, no secret
    for number in range(count):
        kind = choose.choice(KINDS)
        yield (
            f"GEN-{number:06d}",
            f"{choose.choice(WORDS).title()} {kind.lower()} {number}",
            choose.choice(MAKERS),
            kind,
            f"{choose.randint(100, 200_000) / 100:.2f}",
            str(choose.randint(0, 500)),
            " ".join(choose.choices(WORDS, k=choose.randint(15, 90))).capitalize() + ".",
            f"{choose.randint(1, 400) / 10} kg",
            choose.choice(COLORS),
            choose.choice(MATERIALS),
        )


def write(stream: TextIO, count: int) -> None:
    table = csv.writer(stream)
    table.writerow(HEADINGS)
    table.writerows(rows(count))


if __name__ == "__main__":
    write(sys.stdout, int(sys.argv[1]))
