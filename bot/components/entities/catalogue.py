"""Brands, categories and products of the catalogue, in full, in part, and with a typo."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from components.entities.gazetteer import Gazetteer, Product
from components.entities.numerals import has_digit
from components.entities.phrases import KnownWord, Phrases, Spelling, Tokens, is_done, is_talk
from components.entities.spans import Span, Strength

_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*")
# A product number is written in any way that its shop likes: "LAP-0001", "lap 0001", "4006381.333".
_CODE = re.compile(r"(?<![\w-])[^\W_]+(?:[-./_]?[^\W_]+)*(?![\w-])")
_NO_SIGN = re.compile(r"[\W_]+")
SHORTEST_CODE = 5
"""Letters and digits of a product number; shorter ones are amounts and sizes more often than products."""


class Catalogue:
    """Finds what the catalogue names in a text."""

    def __init__(self, gazetteer: Gazetteer, *, known: KnownWord) -> None:
        brands = {brand.lower(): brand for brand in gazetteer.brands}
        categories = {name: c.slug for c in gazetteer.categories for name in c.names}
        self._brands, self._categories = Phrases(brands), Phrases(categories)
        self._brand_spelling = Spelling(brands, known=known)
        self._category_spelling = Spelling(categories, known=known)
        self._products = ProductNames(gazetteer, known=known, brand_spelling=self._brand_spelling)
        self._skus = {
            code: product.sku
            for product in gazetteer.products
            if len(code := _plain(product.sku)) >= SHORTEST_CODE and any(sign.isdigit() for sign in code)
        }

    def found(self, text: str, lower: str, tokens: Tokens) -> Iterator[Span]:
        """Brands, categories and products; overlaps are left to the caller."""
        exact: list[tuple[int, int]] = []
        for start, end, brand in self._brands.found(tokens):
            exact.append((start, end))
            yield Span(start, end, "brand", brand, Strength.BRAND)
        for start, end, slug in self._categories.found(tokens):
            exact.append((start, end))
            if is_talk(lower, start, end) or is_done(lower, start, end):
                continue
            yield Span(start, end, "category", slug, Strength.CATEGORY)
        yield from self._misspelt(lower, exact)
        yield from self._products.found(text, lower)
        yield from self._numbers(lower)

    def _numbers(self, lower: str) -> Iterator[Span]:
        """Product numbers, in one piece or in two with a space between them. All have a digit."""
        if not has_digit(lower):
            return
        codes = [(match.start(), match.end()) for match in _CODE.finditer(lower)]
        for place, (start, end) in enumerate(codes):
            follows = codes[place + 1 : place + 2]
            beside = [next_end for next_start, next_end in follows if lower[end:next_start] == " "]
            for last in (end, *beside):
                if (sku := self._skus.get(_plain(lower[start:last]))) is not None:
                    yield Span(start, last, "product", sku, Strength.PRODUCT)
                    break

    def _misspelt(self, lower: str, exact: list[tuple[int, int]]) -> Iterator[Span]:
        for match in _WORD.finditer(lower):
            if any(start < match.end() and match.start() < end for start, end in exact):
                continue
            word = match[0].removesuffix("'s")
            end = match.start() + len(word)
            brand = self._brand_spelling.corrected(word)
            if brand is not None:
                yield Span(match.start(), end, "brand", self._brand_spelling.value(brand), Strength.BRAND - 1)
                continue
            category = self._category_spelling.corrected(word)
            if category is not None:
                value = self._category_spelling.value(category)
                yield Span(match.start(), end, "category", value, Strength.CATEGORY - 1)


class ProductNames:
    """Products by part of their name.

    The words of a message are walked from left to right; a run of words that one product's name holds, in any
    order, is a candidate. It counts when it has evidence: a word that is no English word ("Fjell"), or the
    brand beside an own word ("Vexmoor Spark"), or two own words in a row ("porch eye"), or an own word written
    like a name ("the Ripple"), or the whole name without its brand, or enough of it to leave one product
    ("clarity 27"). Words of categories and units are no evidence.
    """

    def __init__(self, gazetteer: Gazetteer, *, known: KnownWord, brand_spelling: Spelling) -> None:
        self._known = known
        self._brand_spelling = brand_spelling
        self._brand_words = {word for brand in gazetteer.brands for word in _words(brand)}
        self._generic = _generic_words(gazetteer)
        self._own: dict[str, frozenset[str]] = {}
        self._having: dict[str, set[str]] = defaultdict(set)
        self._of_brand: dict[str, set[str]] = defaultdict(set)
        for product in gazetteer.products:
            self._add(product)
        own = {word: word for word in self._having if not self._known(word) and word not in self._generic}
        self._spelling = Spelling(own, known=known)
        self._beside = {
            word: Spelling({own: own for sku in skus for own in self._own[sku]}, known=known)
            for word, skus in self._of_brand.items()
        }

    def _add(self, product: Product) -> None:
        brand = set(_words(product.brand))
        words = _words(product.name)
        self._own[product.sku] = frozenset(w for w in words if w not in brand) or frozenset(words)
        for word in self._own[product.sku]:
            self._having[word].add(product.sku)
        for word in brand:
            self._of_brand[word].add(product.sku)

    def found(self, text: str, lower: str) -> Iterator[Span]:
        """Products in the text; `candidates` names them all when several fit equally."""
        if not self._own:
            return
        matches = list(_WORD.finditer(lower))
        words: list[str] = []
        for match in matches:
            words.append(self._read(match[0].removesuffix("'s"), words[-1] if words else ""))
        index = 0
        while index < len(words):
            end, skus = self._run(words, index)
            if words[index].isdigit() and self._run(words, index + 1)[0] > end:
                end = index  # "2 Norrvik Skerry 15" are two of it, though a "Norrvik Anchor 2 TB" is sold as well
            if end > index and skus and self._has_evidence(text, matches, words, index, end, skus):
                yield self._span(matches, words, index, end, skus)
                index = end
            else:
                index += 1

    def _read(self, word: str, before: str) -> str:
        """The catalogue's word that is meant. Behind a brand an everyday word of its products counts too: "moori"."""
        if word in self._having or word in self._of_brand:
            return word
        if before in self._beside and (own := self._beside[before].corrected(word)):
            return own
        brand = self._brand_spelling.corrected(word)
        if brand is not None:
            return brand
        return self._spelling.corrected(word) or word

    def _run(self, words: list[str], index: int) -> tuple[int, set[str]]:
        """The longest run from `index` that some product holds, and the products that do."""
        skus: set[str] | None = None
        seen: set[str] = set()
        end = index
        while end < len(words):
            word = words[end]
            holders = self._having.get(word, set()) | self._of_brand.get(word, set())
            fitting = holders if skus is None else skus & holders
            if not fitting or word in seen:
                break
            seen.add(word)
            skus, end = fitting, end + 1
        return end, skus or set()

    def _has_evidence(
        self, text: str, matches: list[re.Match[str]], words: list[str], start: int, end: int, skus: set[str]
    ) -> bool:
        run = words[start:end]
        own = [w for w in run if w in self._having and w not in self._brand_words]
        telling = [w for w in own if w.isalpha() and len(w) > 2 and w not in self._generic]
        if not telling:
            # "Quillmark Label": the brand and a word that one of its products alone has
            return len(skus) == 1 and bool(own) and any(w in self._brand_words for w in run)
        if any(not self._known(w) for w in telling) or len(telling) >= 2:
            return True
        if any(w in self._of_brand for w in run) or (end - start == len(words) and len(words) == 1):
            return True
        if len(own) >= 2 and (len(skus) == 1 or any(self._own[sku] == set(own) for sku in skus)):
            return True
        first = matches[start].start()
        mid_sentence = start > 0 and text[:first].rstrip()[-1:] not in (".", "!", "?")
        return mid_sentence and text[first].isupper() and not text.isupper()

    def _span(
        self, matches: list[re.Match[str]], words: list[str], start: int, end: int, skus: set[str]
    ) -> Span:
        said = {w for w in words[start:end] if w in self._having}
        coverage = {sku: len(said & self._own[sku]) / len(self._own[sku]) for sku in skus}
        best = sorted(skus, key=lambda sku: (-coverage[sku], sku))
        whole = [sku for sku in best if coverage[sku] == 1.0]
        extra = {} if len(best) == 1 or len(whole) == 1 else {"candidates": best}
        return Span(
            matches[start].start(),
            matches[end - 1].end(),
            "product",
            best[0],
            Strength.PRODUCT,
            extra=extra,
        )


def _words(name: str) -> list[str]:
    return _WORD.findall(name.lower())


def _generic_words(gazetteer: Gazetteer) -> frozenset[str]:
    """Words that name kinds of things, not one product: of categories, of units, of attributes."""
    words = {w for c in gazetteer.categories for name in c.names for w in _words(name)}
    for attribute in gazetteer.attributes:
        words |= {w for unit in attribute.units for w in _words(unit)}
        words |= {w for phrase in attribute.words for w in _words(phrase)}
        words |= {w for value in attribute.values for w in _words(value)}
    return frozenset(words)


def _plain(written: str) -> str:
    """A product number without the signs and the case in which it may be written."""
    return _NO_SIGN.sub("", written.lower())
