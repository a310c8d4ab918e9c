"""From a row to a checked product, with every problem of the row named by column and fix."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from crm.catalogue_import import values
from crm.catalogue_import.categories import Categories
from crm.catalogue_import.errors import Problem
from crm.catalogue_import.mapping import Columns, FileMapping
from crm.catalogue_import.reading import Row
from crm.catalogue_import.texts import plain
from crm.catalogue_import.values import AttributeKind
from crm.catalogue_records import ProductRecord
from crm.views import AttributeValue

FIXES: Mapping[str, str] = {
    "sku": "write letters, digits and . _ / - only, at most 64, beginning with a letter or digit",
    "name": "write 1 to 200 characters",
    "brand": "write 1 to 100 characters, or a default for all in a mapping file",
    "category": "write a category's name, at most 64 characters",
    "price": "write an amount of 0 or more with two decimals at most, such as 1299.00",
    "currency": "write three capital letters, such as EUR",
    "stock": "write a whole number of pieces from 0 on",
    "description": "write at most 10,000 characters",
    "image": "write an address of at most 500 characters",
}


@dataclass(frozen=True)
class _Kind:
    kind: str
    many: bool = False
    unit: str | None = None
    units: Mapping[str, float] = field(default_factory=dict)


class Checker:
    """Turns rows into records. `unknown_attributes` are those that attributes.yml lacks."""

    def __init__(
        self,
        columns: Columns,
        mapping: FileMapping,
        *,
        categories: Categories,
        attributes: Mapping[str, AttributeKind],
        currency: str,
    ) -> None:
        self._columns = columns
        self._mapping = mapping
        self._categories = categories
        self._attributes = attributes
        self._currency = currency
        self.unknown_attributes: set[str] = set()

    def check(self, row: Row) -> ProductRecord | list[Problem]:
        """The product, or what must be put right, all of it at once."""
        problems: list[Problem] = []
        fields: dict[str, Any] = {
            "sku": self._text(row, "sku"),
            "name": self._text(row, "name"),
            "brand": self._text(row, "brand"),
            "currency": self._text(row, "currency") or self._currency,
            "image": self._text(row, "image") or None,
        }
        fields["description"] = self._text(row, "description") or fields["name"]
        for name, read in (("category", self._category), ("price", self._price), ("stock", values.count)):
            given = self._cell(row, name)
            try:
                fields[name] = read(given)
            except ValueError as exc:
                problems.append(Problem(row.line, self._heading(name), given, str(exc)))
        if fields["currency"] != self._currency:
            fix = f"prices are in {self._currency}, as shop.toml says"
            problems.append(Problem(row.line, self._heading("currency"), fields["currency"], fix))
        fields["attributes"] = self._read_attributes(row, problems)
        return self._record(row, fields, problems)

    def _record(
        self, row: Row, fields: dict[str, Any], problems: list[Problem]
    ) -> ProductRecord | list[Problem]:
        try:
            record = ProductRecord.model_validate(fields)
        except ValidationError as exc:
            named = {problem.column for problem in problems}
            for error in exc.errors(include_url=False, include_context=False):
                name = str(error["loc"][0])
                heading = self._heading(name)
                if name == "attributes" and len(error["loc"]) > 1:
                    heading = f"attributes.{error['loc'][1]}"
                if heading not in named:
                    named.add(heading)
                    problems.append(Problem(row.line, heading, error["input"], FIXES.get(name, error["msg"])))
            return problems
        return problems or record

    def _cell(self, row: Row, name: str) -> Any:
        heading = self._columns.fields.get(name)
        value = row.cells.get(heading) if heading else None
        blank = value is None or (isinstance(value, str) and not value.strip())
        return self._mapping.defaults.get(name, "") if blank else value

    def _text(self, row: Row, name: str) -> str:
        return plain(str(self._cell(row, name)))

    def _heading(self, name: str) -> str:
        return self._columns.fields.get(name, name)

    def _category(self, given: Any) -> str:
        if not isinstance(given, str) or not given.strip():
            raise ValueError(FIXES["category"])
        return self._categories.slug(plain(given))

    def _price(self, given: Any) -> Any:
        price = values.amount(given, decimal=self._mapping.decimal, currency=self._currency)
        if price == 0 and not self._mapping.free:
            raise ValueError(
                "it would be sold for nothing; write its price, or say free: true in a mapping file"
            )
        return price

    def _read_attributes(self, row: Row, problems: list[Problem]) -> dict[str, AttributeValue]:
        found: dict[str, AttributeValue] = {}
        nested = row.cells.get("attributes")
        if isinstance(nested, str) and nested.strip():
            nested = _object(nested)
        if nested not in (None, "") and not isinstance(nested, dict):
            problems.append(Problem(row.line, "attributes", nested, "write an object of names and values"))
            nested = None
        given = {
            name: (column.column, row.cells.get(column.column), column.kind, column.many)
            for name, column in self._columns.attributes.items()
        }
        given |= {name: (f"attributes.{name}", value, None, None) for name, value in (nested or {}).items()}
        for name, (heading, value, kind, many) in given.items():
            if value is None or value == "" or (isinstance(value, str) and not value.strip()):
                continue
            try:
                found[name] = self._attribute(name, value, kind, many)
            except ValueError as exc:
                problems.append(Problem(row.line, heading, value, str(exc)))
        return found

    def _attribute(self, name: str, value: Any, kind: str | None, many: bool | None) -> AttributeValue:
        known = self._attributes.get(name)
        if known is None:
            self.unknown_attributes.add(name)
            if kind is None and not isinstance(value, str):
                return _as_it_is(value)
            many = self._mapping.separator in str(value) if many is None else many
            known = _Kind(kind or "word", many)
        return values.attribute(
            value, known, separator=self._mapping.separator, decimal=self._mapping.decimal
        )


def _as_it_is(value: Any) -> AttributeValue:
    """A JSON value of an attribute that nothing is known of."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return values.bounded(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [values.short(item) for item in value if item.strip()]
    raise ValueError("write text, a number, true or false, or a list of texts")


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
