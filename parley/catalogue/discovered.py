"""What an imported catalogue has and the shop's files don't describe, described by itself.

So that a category or an attribute is understood and filtered by from the import on; a line in categories.yml or
attributes.yml, once written, takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from models.vocabulary import Attribute, AttributeValue, Category, Kind, Product, Vocabulary

MOST_VALUES: Final = 200
LONGEST_VALUE: Final = 40
"""More or longer values are text to search in, not words that customers choose from."""

UNITS: Final = (
    "kg",
    "g",
    "gb",
    "tb",
    "mm",
    "cm",
    "m",
    "inch",
    "w",
    "v",
    "h",
    "l",
    "ml",
    "mah",
    "hz",
    "mp",
    "kwh",
)
SHOWN: Final = {
    "gb": "GB",
    "tb": "TB",
    "w": "W",
    "v": "V",
    "mah": "mAh",
    "hz": "Hz",
    "mp": "MP",
    "kwh": "kWh",
}


def completed(vocabulary: Vocabulary, products: Sequence[Product]) -> Vocabulary:
    """The vocabulary with an entry for each category and attribute of ``products`` that it lacks."""
    slugs = sorted({product.category for product in products} - set(vocabulary.categories))
    categories = {slug: _category(slug) for slug in slugs}
    unknown = _unknown(products, vocabulary)
    attributes = {name: made for name, values in unknown.items() if (made := _attribute(name, values))}
    if not categories and not attributes:
        return vocabulary
    return replace(
        vocabulary,
        attributes={**vocabulary.attributes, **attributes},
        categories={**vocabulary.categories, **categories},
    )


def _category(slug: str) -> Category:
    words = slug.replace("-", " ").replace("_", " ").strip()
    return Category(slug, words.capitalize(), _singular(words))


def _singular(words: str) -> str:
    """Cautious: for a name inside a sentence, where a plural that stays is no mistake worth a wrong guess."""
    if words.endswith("ies") and len(words) > 4:
        return words[:-3] + "y"
    if words.endswith(("ses", "xes", "ches", "shes")):
        return words[:-2]
    return words[:-1] if words.endswith("s") and not words.endswith(("ss", "us", "is")) else words


def _unknown(products: Iterable[Product], known: Mapping[str, object]) -> dict[str, list[AttributeValue]]:
    values: dict[str, list[AttributeValue]] = {}
    for product in products:
        for name, value in product.attributes.items():
            if name not in known:
                values.setdefault(name, []).append(value)
    return dict(sorted(values.items()))


def _attribute(name: str, values: Sequence[AttributeValue]) -> Attribute | None:
    kind = _kind(values)
    words = name.replace("_", " ").replace("-", " ").strip()
    if kind == "flag":
        return Attribute(name, kind, label=words, words=(words,))
    if kind == "number":
        *rest, last = words.split()
        if rest and last in UNITS:
            unit, words = SHOWN.get(last, last), " ".join(rest)
            return Attribute(name, kind, label=f"{{value}} {unit} {words}", unit=unit, words=(words,))
        return Attribute(name, kind, label=f"{words} {{value}}", words=(words,))
    if kind == "word":
        many = any(isinstance(value, list) for value in values)
        return Attribute(name, kind, label=f"{words}: {{value}}", words=(words,), many=many)
    return None


def _kind(values: Sequence[AttributeValue]) -> Kind | None:
    """What all values are alike; None for a mixture, and for texts that are no choice."""
    if all(isinstance(value, bool) for value in values):
        return "flag"
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return "number"
    if not all(isinstance(value, str | list) for value in values):
        return None
    texts = {text for value in values for text in (value if isinstance(value, list) else [str(value)])}
    chosen = len(texts) <= MOST_VALUES and all(len(text) <= LONGEST_VALUE for text in texts)
    return "word" if chosen else None
