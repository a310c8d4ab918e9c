"""A shop small enough to know by heart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crm.catalogue_records import ProductRecord


def _product(
    sku: str, name: str, category: str, price: str, stock: int, words: str, **attributes: Any
) -> ProductRecord:
    return ProductRecord(
        sku=sku,
        name=name,
        brand=name.split()[0],
        category=category,
        price=Decimal(price),
        currency="EUR",
        stock=stock,
        description=words,
        attributes=attributes,
    )


PRODUCTS = (
    _product(
        "LAP-0001",
        "Norrvik Fjell 13",
        "laptops",
        "1199.00",
        14,
        "A light laptop for travel and study.",
        memory_gb=16,
        weight_kg=1.04,
    ),
    _product(
        "LAP-0002",
        "Norrvik Fjell Studio",
        "laptops",
        "1449.00",
        9,
        "A laptop for video editing on the road.",
        memory_gb=32,
        weight_kg=1.29,
    ),
    _product(
        "LAP-0003",
        "Okaru Hana 13",
        "laptops",
        "999.00",
        12,
        "The lightest laptop for writing.",
        memory_gb=16,
        weight_kg=0.98,
    ),
    _product(
        "LAP-0004",
        "Okaru Creator",
        "laptops",
        "1399.00",
        8,
        "Colours and speed for video editing.",
        memory_gb=32,
        weight_kg=1.19,
    ),
    _product(
        "LAP-0005",
        "Tamarill Pip 11",
        "laptops",
        "249.00",
        22,
        "A small laptop for children.",
        memory_gb=4,
        weight_kg=1.12,
    ),
    _product(
        "LAP-0006",
        "Vexmoor Reactor",
        "laptops",
        "2999.00",
        2,
        "A heavy laptop for games and 3D work.",
        memory_gb=64,
        weight_kg=3.3,
    ),
    _product(
        "LAP-0007",
        "Haldric Ledger",
        "laptops",
        "1349.00",
        0,
        "A quiet laptop for the office.",
        memory_gb=32,
        weight_kg=1.79,
    ),
    _product(
        "HEA-0001",
        "Mistralto Hush One",
        "headphones",
        "299.00",
        12,
        "Silence on every train.",
        weight_g=248,
        battery_h=38,
    ),
    _product(
        "HEA-0002",
        "Fennimore Solo",
        "headphones",
        "59.00",
        13,
        "A plain pair for music and study.",
        weight_g=14,
    ),
    _product(
        "HEA-0003",
        "Ottavine Tempo",
        "headphones",
        "89.00",
        1,
        "Made for running in the rain.",
        weight_g=6,
        battery_h=9,
    ),
)
