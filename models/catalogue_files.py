"""Reads the shop's vocabulary: attributes.yml, categories.yml, faq.yml and, where there is one, synonyms.yml.

``CatalogueFileError`` names the file, the key, the value and what would be right.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from models.vocabulary import Attribute, Category, FaqEntry, Vocabulary

__all__ = [
    "CatalogueFileError",
    "Vocabulary",
    "read",
    "read_attributes",
    "read_categories",
    "read_faq",
    "read_synonyms",
]


class CatalogueFileError(Exception):
    """A vocabulary file can't be used; the message says where and what to write instead."""


def _stripped(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text.strip()


Text = Annotated[str, AfterValidator(_stripped)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")]
Texts = tuple[Text, ...]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class _AttributeEntry(_Entry):
    kind: Literal["number", "word", "flag"]
    label: Text
    label_not: Text | None = None
    unit: Text | None = None
    units: dict[str, float] = Field(default_factory=dict)
    words: Texts = ()
    more: Texts = ()
    less: Texts = ()
    better: Literal["higher", "lower"] | None = None
    many: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> _AttributeEntry:
        if self.kind != "flag" and "{value}" not in self.label:
            raise ValueError("label: write {value} where the value belongs")
        if self.kind == "number" and not self.unit:
            raise ValueError("unit: a number needs one, for example GB")
        if any(factor <= 0 for factor in self.units.values()):
            raise ValueError("units: each factor must be above 0")
        return self


class _CategoryEntry(_Entry):
    slug: Slug
    name: Text
    singular: Text
    prefix: str = Field(default="", pattern=r"^([A-Z]{3})?$")
    synonyms: Texts = ()
    used_for: str = ""
    highlights: Texts = ()


class _FaqItem(_Entry):
    id: Slug
    question: Text
    answer: Text
    alternatives: Texts = ()
    tags: Texts = ()
    leads_to: str = ""


def read(folder: Path) -> Vocabulary:
    """Read the whole vocabulary of a shop's folder. Raises CatalogueFileError."""
    attributes = read_attributes(folder / "attributes.yml")
    categories = read_categories(folder / "categories.yml")
    for category in categories.values():
        for name in category.highlights:
            if name not in attributes:
                raise CatalogueFileError(
                    f"{folder / 'categories.yml'}: {category.slug}.highlights: {name!r} is not in attributes.yml;"
                    " add it there or correct the name."
                )
    return Vocabulary(
        attributes, categories, read_faq(folder / "faq.yml"), read_synonyms(folder / "synonyms.yml")
    )


def read_attributes(path: Path) -> dict[str, Attribute]:
    """Attributes by name, in the file's order."""
    entries = _validated(path, dict[Slug, _AttributeEntry], _loaded(path))
    return {name: Attribute(name=name, **entry.model_dump()) for name, entry in entries.items()}


def read_categories(path: Path) -> dict[str, Category]:
    """Categories by slug, in the file's order."""
    entries = _validated(path, list[_CategoryEntry], _loaded(path))
    _unique(path, "slug", [entry.slug for entry in entries])
    return {entry.slug: Category(**entry.model_dump()) for entry in entries}


def read_faq(path: Path) -> tuple[FaqEntry, ...]:
    """The shop's questions and answers; none when the file isn't there."""
    if not path.exists():
        return ()
    entries = _validated(path, list[_FaqItem], _loaded(path))
    _unique(path, "id", [entry.id for entry in entries])
    return tuple(FaqEntry(**entry.model_dump()) for entry in entries)


def read_synonyms(path: Path) -> tuple[tuple[str, ...], ...]:
    """Groups of words that mean the same to the shop's customers; none when the file isn't there."""
    if not path.exists():
        return ()
    groups = _validated(path, list[Texts], _loaded(path))
    for position, group in enumerate(groups, start=1):
        if len(group) < 2:
            raise CatalogueFileError(
                f"{path}: entry {position}: a group needs two words or more, found {list(group)}."
            )
    return tuple(groups)


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice, which YAML's own loader silently resolves to the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice; keep one", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _loaded(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise CatalogueFileError(
            f"{path} is missing; the demo shop's file shows what belongs in it."
        ) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise CatalogueFileError(f"{path} can't be read as UTF-8 text: {exc}") from exc
    try:
        return yaml.load(text, _StrictLoader)  # noqa: S506 - _StrictLoader is a SafeLoader
    except yaml.YAMLError as exc:
        raise CatalogueFileError(f"{path} is not valid YAML: {exc}") from exc


_T = TypeVar("_T")


def _validated(path: Path, shape: type[_T], raw: Any) -> _T:
    try:
        return TypeAdapter(shape).validate_python(raw)
    except ValidationError as exc:
        problem = exc.errors()[0]
        place = ".".join(_place(raw, problem["loc"]))
        value = problem["input"]
        found = "" if isinstance(value, Mapping | list) else f" (found {value!r})"
        message = problem["msg"].removeprefix("Value error, ")
        raise CatalogueFileError(f"{path}: {place or 'the whole file'}: {message}{found}.") from exc


def _place(raw: Any, location: tuple[int | str, ...]) -> list[str]:
    """Where an error is, with a list's entries named by their slug or id where they have one."""
    names = []
    for step in location:
        if isinstance(step, int) and isinstance(raw, list) and step < len(raw):
            raw = raw[step]
            label = raw.get("slug") or raw.get("id") if isinstance(raw, Mapping) else None
            names.append(str(label or f"entry {step + 1}"))
        else:
            names.append(str(step))
            raw = raw.get(step) if isinstance(raw, Mapping) else None
    return names


def _unique(path: Path, key: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise CatalogueFileError(
                f"{path}: {key} {value!r} stands more than once; give each entry its own."
            )
