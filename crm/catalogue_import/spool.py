"""A file's checked products, put aside on disk until the last row is known to be right."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from crm.catalogue_import.categories import Categories, KnownCategory
from crm.catalogue_import.checking import Checker
from crm.catalogue_import.errors import CatalogueRefused, CatalogueUnreadable, Problem
from crm.catalogue_import.mapping import FileMapping, resolve
from crm.catalogue_import.reading import CatalogueFile
from crm.catalogue_import.values import AttributeKind
from crm.catalogue_records import ProductRecord

FIRST_PROBLEMS = 20


@dataclass(frozen=True)
class Notes:
    """What an operator should know of a file that was taken."""

    unused_columns: tuple[str, ...] = ()
    unknown_categories: dict[str, int] = field(default_factory=dict)
    unknown_attributes: tuple[str, ...] = ()


class Spool:
    """Checked products of one file, in its order. Use with `with`: the disk space is given back at the end."""

    def __init__(self) -> None:
        with _on_disk():
            self._stream = tempfile.TemporaryFile(prefix="parley-catalogue-")  # noqa: SIM115 - closed by __exit__
        self._lines: dict[str, int] = {}
        self.notes = Notes()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, sku: str) -> bool:
        return sku in self._lines

    def add(self, record: ProductRecord, line: int) -> int | None:
        """Put a product aside; gives the line that has its SKU already, if one has."""
        if (before := self._lines.setdefault(record.sku, line)) != line:
            return before
        with _on_disk():
            self._stream.write(record.model_dump_json().encode() + b"\n")
        return None

    def finish(self) -> None:
        """All is put aside: what is still in memory goes to the disk. Raises CatalogueUnreadable when that is full."""
        with _on_disk():
            self._stream.flush()

    def batches(self, size: int) -> Iterator[list[ProductRecord]]:
        """The products, `size` at a time."""
        self._stream.seek(0)
        batch = []
        for line in self._stream:
            batch.append(ProductRecord.model_validate_json(line))
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch


def check_file(
    path: Path,
    spool: Spool,
    *,
    mapping: FileMapping,
    currency: str,
    categories: Iterable[KnownCategory],
    attributes: dict[str, AttributeKind],
    progress: Callable[[int, int], None] = lambda done, size: None,
    problems_shown: int = FIRST_PROBLEMS,
) -> Notes:
    """Check every row into `spool`; `progress` is told bytes done and bytes in all.

    Raises CatalogueUnreadable, or CatalogueRefused with the first problems.
    """
    file = CatalogueFile(path, mapping)
    columns = resolve(path.name, file.headings, mapping, attributes)
    known = Categories(categories, mapping.categories)
    checker = Checker(columns, mapping, categories=known, attributes=attributes, currency=currency)
    problems: list[Problem] = []
    for row in file.rows():
        if isinstance(row, Problem):
            problems.append(row)
        else:
            checked = checker.check(row)
            if isinstance(checked, list):
                problems += checked
            elif (before := spool.add(checked, row.line)) is not None:
                fix = f"row {before} has it already; name each product once"
                problems.append(Problem(row.line, columns.fields["sku"], checked.sku, fix))
            progress(row.done, file.size)
        if len(problems) >= problems_shown:
            raise CatalogueRefused(path.name, problems[:problems_shown], complete=False)
    if problems:
        raise CatalogueRefused(path.name, problems, complete=True)
    if not len(spool):
        raise CatalogueUnreadable(f"{path.name}: it has headings but no products.")
    spool.finish()
    progress(file.size, file.size)
    return Notes(columns.unused, dict(known.unknown.most_common()), tuple(sorted(checker.unknown_attributes)))


@contextmanager
def _on_disk() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise CatalogueUnreadable(
            f"no room to check the file: {exc.strerror}. Free some disk space, or name another folder in TMPDIR."
        ) from exc
