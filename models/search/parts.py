"""What an index makes of the products' texts: words, vectors and names, made anew only where a text is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.files import mapped
from models.search.dense import DenseIndex, TextEncoder, known_word
from models.search.documents import Contents, dense_text, fields
from models.search.lexical import LexicalIndex
from models.search.names import Names
from models.search.tokens import Tokens
from models.vocabulary import Product, Vocabulary


@dataclass(frozen=True)
class Parts:
    """All that doesn't depend on prices and stock. ``lexical`` is None for an empty catalogue."""

    digests: npt.NDArray[np.bytes_]
    tokens: Tokens
    lexical: LexicalIndex | None
    dense: DenseIndex
    names: Names

    @classmethod
    def build(
        cls,
        products: Sequence[Product],
        encoder: TextEncoder,
        vocabulary: Vocabulary,
        digests: Contents,
        previous: Parts | None,
    ) -> Parts:
        """The parts of these products; ``previous`` has been made by the same encoder."""
        known = (
            {} if previous is None else {digest: row for row, digest in enumerate(previous.digests.tolist())}
        )
        kept = np.array([known.get(digest, -1) for digest in digests.products.tolist()], dtype=np.int64)
        tokens = Tokens.build(
            lambda row: fields(products[row], vocabulary), kept, None if previous is None else previous.tokens
        )
        dense = DenseIndex.build(
            lambda row: dense_text(products[row], vocabulary),
            kept,
            encoder,
            None if previous is None else previous.dense,
        )
        lexical = (
            LexicalIndex.build(tokens, vocabulary.synonyms, known_word(encoder)) if len(products) else None
        )
        return cls(digests.products, tokens, lexical, dense, Names.build(tokens))

    def save(self, folder: Path) -> None:
        """Write into an existing folder."""
        np.save(folder / "products.npy", self.digests)
        self.tokens.save(folder)
        self.dense.save(folder)
        self.names.save(folder)
        if self.lexical is not None:
            self.lexical.save(folder)

    @classmethod
    def load(cls, folder: Path, encoder: TextEncoder) -> Parts:
        """Read what ``save`` wrote."""
        digests = mapped(folder / "products.npy")
        lexical = LexicalIndex.load(folder, known_word(encoder)) if len(digests) else None
        return cls(digests, Tokens.load(folder), lexical, DenseIndex.load(folder), Names.load(folder))
