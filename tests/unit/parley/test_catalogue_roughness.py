"""Catalogues as shops really export them: mark-up, odd signs, free products, cells of megabytes, hostile numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crm.catalogue_import import CatalogueRefused, FileMapping, Spool, check_file
from crm.catalogue_import.texts import plain
from crm.catalogue_records import ProductRecord

GOOD: dict[str, Any] = {
    "sku": "A-1",
    "name": "Lamp",
    "brand": "Lumo",
    "category": "lighting",
    "price": "12.50",
    "stock": 3,
}


def check(
    folder: Path, *rows: str | dict[str, Any], mapping: FileMapping | None = None
) -> list[ProductRecord]:
    path = folder / "shop.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return checked(path, mapping)


def checked(path: Path, mapping: FileMapping | None = None) -> list[ProductRecord]:
    with Spool() as spool:
        check_file(
            path, spool, mapping=mapping or FileMapping(), currency="EUR", categories=(), attributes={}
        )
        return [record for batch in spool.batches(10) for record in batch]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "<p>Warm <b>light</b>.</p><p>Two years&nbsp;of warranty.</p>",
            "Warm light.\nTwo years of warranty.",
        ),
        ("<ul><li>E27</li><li>8&nbsp;W</li></ul>", "E27\n8 W"),
        ("<style>p {color: red}</style>Bright<script>alert('x')</script>", "Bright"),
        ("&lt;p&gt;Escaped &lt;b&gt;twice&lt;/b&gt;&lt;/p&gt;", "Escaped twice"),
        ("Nuts &amp; bolts, 5 &lt; 6", "Nuts & bolts, 5 < 6"),
        ("screen < 5 in, weight <2 kg", "screen < 5 in, weight <2 kg"),
        ("Caf\u00e9\u200d \u0000table\u0007 \ufeffred", "Café\u200d table red"),
        ("half a pair \ud83d", "half a pair \ufffd"),
        ("Лампа 灯 💡", "Лампа 灯 💡"),
        ("<p>never closed <b>but read", "never closed but read"),
    ],
)
def test_texts_are_made_plain(written: str, shown: str) -> None:
    assert plain(written) == shown


def test_mark_up_and_odd_signs_reach_no_field(tmp_path: Path) -> None:
    [record] = check(
        tmp_path,
        GOOD
        | {
            "name": "<b>Lamp</b> &quot;Sol&quot;",
            "description": "<div>Bright</div><div>and <i>warm</i> \ud800</div>",
            "attributes": {"socket": "E27<br>", "fits": ["<b>desk</b>", " ", "wall\u0000"]},
        },
    )
    assert record.name == 'Lamp "Sol"'
    assert record.description == "Bright\nand warm \ufffd"
    assert record.attributes == {"socket": "E27", "fits": ["desk", "wall"]}


def test_a_missing_description_is_the_name_and_a_missing_brand_is_told(tmp_path: Path) -> None:
    [record] = check(tmp_path, GOOD | {"description": "<p> </p>"})
    assert record.description == "Lamp"
    with pytest.raises(
        CatalogueRefused, match="row 1, brand: '' is refused; write 1 to 100 characters, or a def"
    ):
        check(tmp_path, GOOD | {"brand": None})


def test_nothing_is_sold_for_nothing_unless_it_is_meant(tmp_path: Path) -> None:
    with pytest.raises(
        CatalogueRefused, match=r"row 1, price: '0.00' is refused; it would be sold for nothing"
    ):
        check(tmp_path, GOOD | {"price": "0.00"})
    [record] = check(tmp_path, GOOD | {"price": "0.00"}, mapping=FileMapping(free=True))
    assert record.price == 0


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (GOOD | {"stock": "1e999999999"}, "row 1, stock: '1e999999999' is refused; write a whole number"),
        (GOOD | {"attributes": {"lumen": 10**400}}, "row 1, attributes.lumen: 1000"),
        (GOOD | {"attributes": {"note": "x" * 5_000_000}}, "longer text belongs in the description"),
        (GOOD | {"description": "x" * 5_000_000}, "row 1, description: 'xxx"),
        ('{"sku": ' + "[" * 100_000, "row 1, the line: "),
        ('{"price": ' + "9" * 5000 + "}", "row 1, the line: "),
    ],
)
def test_a_hostile_or_enormous_row_is_a_short_problem(
    tmp_path: Path, row: str | dict[str, Any], says: str
) -> None:
    with pytest.raises(CatalogueRefused) as refused:
        check(tmp_path, row, GOOD | {"sku": "A-0"})
    assert says in str(refused.value)
    assert len(str(refused.value)) < 600


def test_a_cell_of_megabytes_in_csv_is_a_problem_of_its_row(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(f"sku,name,brand,category,price,stock\nA-1,{'x' * 5_000_000},Lumo,lighting,1,1\n")
    with pytest.raises(
        CatalogueRefused, match=r"row 2, the row: .* keep each cell under a million characters"
    ):
        checked(path)


def test_the_same_sku_twice_names_both_rows(tmp_path: Path) -> None:
    with pytest.raises(CatalogueRefused, match="row 3, sku: 'A-1' is refused; row 1 has it already"):
        check(tmp_path, GOOD, GOOD | {"sku": "A-2"}, GOOD | {"name": "Other"})
