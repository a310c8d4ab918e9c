"""A catalogue file is checked whole: columns by name or mapping, problems with row, column and fix."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from crm.catalogue_import import CatalogueRefused, CatalogueUnreadable, FileMapping, Notes, Spool, check_file
from crm.catalogue_records import ProductRecord
from models import catalogue_files
from models.vocabulary import Vocabulary

SHOP = Path(__file__).parents[3] / "data" / "shop"
HEADER = "sku,name,brand,category,price,stock,description"
ROW = "A-1,Lamp,Lumo,lighting,12.50,3,Bright"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return catalogue_files.read(SHOP)


def check(
    path: Path, vocabulary: Vocabulary, *, mapping: FileMapping | None = None, problems_shown: int = 20
) -> tuple[list[ProductRecord], Notes]:
    with Spool() as spool:
        notes = check_file(
            path,
            spool,
            mapping=mapping or FileMapping(),
            currency="EUR",
            categories=vocabulary.categories.values(),
            attributes=dict(vocabulary.attributes),
            problems_shown=problems_shown,
        )
        return [record for batch in spool.batches(2) for record in batch], notes


def written(folder: Path, *lines: str, name: str = "shop.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_delimiter_is_found_and_a_byte_order_mark_ignored(
    vocabulary: Vocabulary, tmp_path: Path, delimiter: str, encoding: str
) -> None:
    lines = [line.replace(",", delimiter) for line in (HEADER, ROW)]
    [record], _ = check(written(tmp_path, *lines, encoding=encoding), vocabulary)
    assert (record.sku, record.brand, str(record.price), record.stock) == ("A-1", "Lumo", "12.50", 3)


def test_usual_headings_and_attribute_columns_are_recognised(vocabulary: Vocabulary, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "ID,Title,Manufacturer,Product_Type,Unit price,Qty,memory_gb,attributes.Inner Lining,Internal note",
        '7,"Norrvik, small",Norrvik,notebooks,"1,299.00",2,16 GB,wool|cotton,secret',
    )
    [record], notes = check(path, vocabulary)
    assert (record.sku, record.name, record.category) == ("7", "Norrvik, small", "laptops")
    assert record.description == record.name
    assert record.attributes == {"memory_gb": 16, "inner_lining": ["wool", "cotton"]}
    assert notes == Notes(("Internal note",), {}, ("inner_lining",))


def test_a_mapping_file_names_columns_defaults_and_categories(vocabulary: Vocabulary, tmp_path: Path) -> None:
    mapping = written(
        tmp_path,
        'decimal: ","',
        "encoding: cp1252",
        "columns: {sku: Artikelnummer, name: Bezeichnung, category: Gruppe, price: Preis}",
        "attributes:",
        "  weight_kg: Gewicht",
        "  shade: {column: Farbton, kind: word, many: true}",
        "defaults: {brand: Eigenmarke, stock: 4}",
        "categories: {Klapprechner: laptops}",
        name="mapping.yml",
    )
    path = written(
        tmp_path,
        "Artikelnummer;Bezeichnung;Gruppe;Preis;Gewicht;Farbton",
        "A1;Größe L;Klapprechner;1.299;1,2 kg;rot",
        encoding="cp1252",
    )
    [record], _ = check(path, vocabulary, mapping=FileMapping.read(mapping))
    assert (record.name, record.brand, record.stock) == ("Größe L", "Eigenmarke", 4)
    assert record.price == Decimal(1299)
    assert record.attributes == {"weight_kg": 1.2, "shade": ["rot"]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("colums: {}", "colums"),
        ("columns: {colour: Farbe}", "columns.colour"),
        ("decimal: '·'", "decimal"),
        ("columns: [", "valid YAML"),
        ("attributes: {weight_kg: {kind: word}}", "attributes.weight_kg.column"),
    ],
)
def test_a_mistake_in_the_mapping_names_the_key(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(CatalogueUnreadable, match=says):
        FileMapping.read(written(tmp_path, content, name="mapping.yml"))


def test_json_lines_keep_their_types(vocabulary: Vocabulary, tmp_path: Path) -> None:
    line = (
        '{"sku": 12, "name": "Lamp", "brand": "Lumo", "category": "Garden lamps", "price": 12.5, "stock": 3, '
        '"attributes": {"lumen": 800, "dimmable": true, "weight_kg": "300 g", "old": null}}'
    )
    [record], notes = check(written(tmp_path, line, name="shop.jsonl"), vocabulary)
    assert (record.sku, str(record.price), record.currency) == ("12", "12.5", "EUR")
    assert record.attributes == {"lumen": 800, "dimmable": True, "weight_kg": 0.3}
    assert notes.unknown_categories == {"garden-lamps": 1}


def test_every_problem_of_every_row_is_told_with_row_column_and_fix(
    vocabulary: Vocabulary, tmp_path: Path
) -> None:
    path = written(
        tmp_path,
        HEADER + ",memory_gb",
        ROW + ",16",
        'A-2,"two',
        'lines",Lumo,lighting,cheap,-1,x,',
        "A-1,Twice,Lumo,lighting,1,1,x,",
        "A 4,,Lumo,,1.00,1.5,x,lots",
        "A-5,Lamp,Lumo",
    )
    with pytest.raises(CatalogueRefused) as refused:
        check(path, vocabulary)
    assert [(p.row, p.column) for p in refused.value.problems] == [
        (3, "price"),
        (3, "stock"),
        (5, "sku"),
        (6, "category"),
        (6, "stock"),
        (6, "memory_gb"),
        (6, "sku"),
        (6, "name"),
        (7, "the row"),
    ]
    text = str(refused.value)
    assert "9 problems; nothing was imported" in text
    assert "row 3, price: 'cheap' is refused; write an amount" in text
    assert "row 2 has it already" in text


def test_only_the_first_problems_are_told_and_that_there_may_be_more(
    vocabulary: Vocabulary, tmp_path: Path
) -> None:
    path = written(tmp_path, HEADER, *(f"A-{n},Lamp,Lumo,lighting,?,1,x" for n in range(50)))
    with pytest.raises(CatalogueRefused, match="the first 3 problems") as refused:
        check(path, vocabulary, problems_shown=3)
    assert len(refused.value.problems) == 3
    assert not refused.value.complete


@pytest.mark.parametrize(
    ("lines", "name", "says"),
    [
        (["sku,name", "1,2"], "shop.csv", "no column for brand, category, price, stock"),
        ([HEADER + ",title", ROW + ",x"], "shop.csv", ""),
        ([HEADER.replace("name", "title") + ",product", ROW + ",x"], "shop.csv", "both be the name"),
        ([HEADER + ",sku", ROW + ",x"], "shop.csv", "stands twice"),
        ([HEADER + ",", ROW + ","], "shop.csv", "no heading"),
        ([HEADER], "shop.csv", "no products"),
        (["[1]"], "shop.jsonl", "one JSON object a line"),
        ([HEADER, ROW], "shop.xlsx", "name it .csv or .jsonl"),
    ],
)
def test_a_file_that_is_no_catalogue_says_what_to_change(
    vocabulary: Vocabulary, tmp_path: Path, lines: list[str], name: str, says: str
) -> None:
    path = written(tmp_path, *lines, name=name)
    if not says:
        assert len(check(path, vocabulary)[0]) == 1
        return
    with pytest.raises(CatalogueUnreadable, match=says):
        check(path, vocabulary)


def test_a_missing_file_and_other_encodings_are_told(vocabulary: Vocabulary, tmp_path: Path) -> None:
    with pytest.raises(CatalogueUnreadable, match="there is no such file"):
        check(tmp_path / "none.csv", vocabulary)
    path = written(tmp_path, HEADER, ROW.replace("Lamp", "Größe"), encoding="cp1252")
    with pytest.raises(CatalogueUnreadable, match="encoding: cp1252"):
        check(path, vocabulary)


def test_an_unclosed_quote_is_a_problem_of_its_row(vocabulary: Vocabulary, tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, ROW, 'A-2,"Lamp,Lumo,lighting,1,1,x')
    with pytest.raises(CatalogueRefused, match="row 3, the row"):
        check(path, vocabulary)
