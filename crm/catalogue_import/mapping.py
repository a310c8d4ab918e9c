"""How an operator's columns become a product's fields: by their usual names, or by a small YAML file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from crm.catalogue_import.errors import CatalogueUnreadable

FIELDS = (
    "sku",
    "name",
    "brand",
    "category",
    "price",
    "currency",
    "stock",
    "description",
    "image",
)
NEEDED = ("sku", "name", "brand", "category", "price", "stock")
NAMES: Mapping[str, tuple[str, ...]] = {
    "sku": ("id", "product id", "article", "article number", "item number", "item no", "part number", "code"),
    "name": ("title", "product name", "product title", "product"),
    "brand": ("manufacturer", "vendor", "make", "brand name"),
    "category": ("product type", "product category", "categories", "google product category"),
    "price": ("unit price", "retail price", "sale price", "price incl vat", "gross price"),
    "currency": ("currency code", "price currency"),
    "stock": ("quantity", "qty", "inventory", "stock quantity", "available", "on hand"),
    "description": ("body", "text", "long description", "product description"),
    "image": ("image link", "image url", "picture", "photo", "image src"),
}
"""Headings that shops and feeds usually give a field; the field's own name always counts."""

PREFIX = re.compile(r"^(?:attributes?|attr)[.:]\s*", re.IGNORECASE)


def _one_or_more(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AttributeColumn(_Strict):
    """Where an attribute stands. `kind` matters for one that attributes.yml doesn't know."""

    column: str = Field(min_length=1)
    kind: Literal["number", "word", "flag"] | None = None
    many: bool | None = None


class FileMapping(_Strict):
    """An operator's mapping file; everything in it is optional."""

    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str = "utf-8-sig"
    decimal: Literal[".", ","] | None = None
    separator: str = Field(default="|", min_length=1)
    free: bool = False
    columns: dict[Literal[FIELDS], str] = Field(default_factory=dict)  # type: ignore[valid-type]  # a tuple of names
    attributes: dict[
        Annotated[str, Field(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")],
        Annotated[AttributeColumn, BeforeValidator(_one_or_more)],
    ] = Field(default_factory=dict)
    defaults: dict[Literal[FIELDS], str | int | float] = Field(default_factory=dict)  # type: ignore[valid-type]  # as above
    categories: dict[str, Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]] = Field(
        default_factory=dict
    )

    @classmethod
    def read(cls, path: Path) -> Self:
        """The file's mapping. Raises CatalogueUnreadable naming file, key and fix."""
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as exc:
            raise CatalogueUnreadable(f"{path}: the mapping can't be read: {exc}") from exc
        except yaml.YAMLError as exc:
            raise CatalogueUnreadable(f"{path}: write valid YAML: {exc}") from exc
        try:
            return cls.model_validate(content or {})
        except ValidationError as exc:
            first = exc.errors(include_url=False)[0]
            key = ".".join(str(step) for step in first["loc"] if step != "[key]") or "the whole file"
            raise CatalogueUnreadable(
                f"{path}: {key}: {first['msg']} (found {first['input']!r}); "
                "docs/how-to/own-catalogue.md shows a mapping"
            ) from exc


@dataclass(frozen=True)
class Columns:
    """A file's headings, resolved. `unused` are those that nothing is read from."""

    fields: Mapping[str, str]
    attributes: Mapping[str, AttributeColumn] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def resolve(
    name: str, headings: Iterable[str], mapping: FileMapping, known_attributes: Iterable[str]
) -> Columns:
    """Which heading gives which field. Raises CatalogueUnreadable naming the column and the fix."""
    present = list(headings)
    twice = sorted({heading for heading in present if present.count(heading) > 1})
    if twice:
        raise CatalogueUnreadable(f"{name}: the column {twice[0]!r} stands twice; rename or remove one.")
    _mapped_exist(name, present, mapping)
    attributes = dict(mapping.attributes)
    taken = {*mapping.columns.values(), *(column.column for column in attributes.values())}
    known = {_folded(attribute): attribute for attribute in known_attributes}
    found: dict[str, list[str]] = {}
    unused = []
    for heading in present:
        if heading in taken:
            continue
        if prefixed := PREFIX.match(heading):
            attributes.setdefault(_slug(heading[prefixed.end() :]), AttributeColumn(column=heading))
        elif (named := _field_named(heading)) and named not in mapping.columns:
            found.setdefault(named, []).append(heading)
        elif attribute := known.get(_folded(heading)):
            attributes.setdefault(attribute, AttributeColumn(column=heading))
        elif heading not in ("attributes", "active"):
            unused.append(heading)
    fields = dict(mapping.columns)
    for named, candidates in found.items():
        # A column that has the field's very name is meant, whatever else could be.
        exact = [heading for heading in candidates if _folded(heading) == named]
        fields[named] = _only(name, named, exact or candidates)
        unused += [heading for heading in candidates if heading != fields[named]]
    _needed_exist(name, fields, mapping)
    return Columns(fields, attributes, tuple(unused))


def _only(name: str, wanted: str, candidates: list[str]) -> str:
    if len(candidates) > 1:
        shown = " and ".join(map(repr, candidates))
        raise CatalogueUnreadable(
            f"{name}: the columns {shown} could both be the {wanted}; "
            f"choose one in a mapping file: columns: {{{wanted}: {candidates[0]}}}"
        )
    return candidates[0]


def _mapped_exist(name: str, present: list[str], mapping: FileMapping) -> None:
    wanted: dict[str, Any] = dict(mapping.columns)
    wanted |= {f"attributes.{key}": column.column for key, column in mapping.attributes.items()}
    for key, heading in wanted.items():
        if heading not in present:
            raise CatalogueUnreadable(
                f"{name}: the mapping names a column {heading!r} for {key}, which the file lacks; "
                f"it has {', '.join(present)}."
            )


def _needed_exist(name: str, fields: Mapping[str, str], mapping: FileMapping) -> None:
    missing = [field for field in NEEDED if field not in fields and field not in mapping.defaults]
    if missing:
        raise CatalogueUnreadable(
            f"{name}: no column for {', '.join(missing)}. Name the column so, "
            f"or write a mapping file: columns: {{{missing[0]}: <your column>}}"
            + (
                f", or defaults: {{{missing[-1]}: <value>}} for all products."
                if missing[-1] != "sku"
                else "."
            )
        )


def _field_named(heading: str) -> str | None:
    folded = _folded(heading)
    return next((field for field in FIELDS if folded == field or folded in NAMES[field]), None)


def _folded(text: str) -> str:
    """Compares headings: "Product_Name " and "product name" are the same."""
    return " ".join(re.split(r"[\W_]+", text.casefold())).strip()


def _slug(text: str) -> str:
    return "_".join(part for part in re.split(r"[^a-z0-9]+", text.casefold()) if part) or "attribute"
