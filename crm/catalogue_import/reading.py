"""A catalogue file's rows: CSV with any usual delimiter, or JSON Lines. One row is in memory at a time."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from crm.catalogue_import.errors import CatalogueUnreadable, Problem
from crm.catalogue_import.mapping import FileMapping

LINES = (".jsonl", ".ndjson")
CSV = (".csv", ".tsv", ".txt")
DELIMITERS = ",;\t|"
# A cell of 10,000 characters is the longest that is taken; the limit only keeps an unclosed quote from eating all.
csv.field_size_limit(1024 * 1024)


@dataclass(frozen=True, slots=True)
class Row:
    """A row by heading, and the line of the file on which it begins. `done` is how many bytes were read so far."""

    line: int
    cells: Mapping[str, Any]
    done: int


class CatalogueFile:
    """A file's headings and rows. Raises CatalogueUnreadable where it is no catalogue at all."""

    def __init__(self, path: Path, mapping: FileMapping) -> None:
        self.path = path
        self.done = 0
        self._mapping = mapping
        suffix = path.suffix.lower()
        if suffix not in LINES + CSV:
            raise CatalogueUnreadable(f"{path.name}: name it .csv or .jsonl, so that its form is known.")
        self._is_json = suffix in LINES
        try:
            self.size = path.stat().st_size
            self.headings = self._json_headings() if self._is_json else self._csv_headings()
        except FileNotFoundError as exc:
            raise CatalogueUnreadable(f"{path}: there is no such file.") from exc
        except OSError as exc:
            raise CatalogueUnreadable(f"{path}: can't be read: {exc.strerror}.") from exc
        except (UnicodeDecodeError, LookupError) as exc:
            raise self._not_text(exc) from exc
        if not self.headings:
            raise CatalogueUnreadable(f"{path.name}: there is nothing in it.")

    def rows(self) -> Iterator[Row | Problem]:
        """The rows in order; a row that can't be taken apart comes as its Problem."""
        try:
            with self._open() as stream:
                yield from self._json_rows(stream) if self._is_json else self._csv_rows(stream)
        except UnicodeDecodeError as exc:
            raise self._not_text(exc) from exc
        except OSError as exc:
            raise CatalogueUnreadable(f"{self.path}: can't be read: {exc.strerror}.") from exc

    def _open(self) -> TextIO:
        return self.path.open(encoding=self._mapping.encoding, newline="" if not self._is_json else None)

    def _not_text(self, exc: Exception) -> CatalogueUnreadable:
        return CatalogueUnreadable(
            f"{self.path.name}: it isn't {self._mapping.encoding} text ({exc}); save it as UTF-8, "
            "or name its encoding in a mapping file: encoding: cp1252"
        )

    def _csv_headings(self) -> list[str]:
        with self._open() as stream:
            self._delimiter = self._mapping.delimiter or _delimiter(stream.readline())
            stream.seek(0)
            headings = [
                heading.strip() for heading in next(csv.reader(stream, delimiter=self._delimiter), [])
            ]
        if "" in headings:
            raise CatalogueUnreadable(
                f"{self.path.name}: column {headings.index('') + 1} has no heading; name it or remove it."
            )
        return headings

    def _csv_rows(self, stream: TextIO) -> Iterator[Row | Problem]:
        reader = csv.reader(_Counted(stream, self), delimiter=self._delimiter, strict=True)
        next(reader, None)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as exc:
                fix = "close its quotes, and keep each cell under a million characters"
                yield Problem(line, "the row", str(exc), fix)
                return
            if not any(cells):
                continue
            if len(cells) != len(self.headings):
                fix = f"the header names {len(self.headings)} columns; put text with {self._delimiter!r} in quotes"
                yield Problem(line, "the row", f"{len(cells)} cells", fix)
                continue
            yield Row(line, dict(zip(self.headings, cells, strict=True)), self.done)

    def _json_headings(self) -> list[str]:
        """Every key that some line uses: objects needn't all have the same."""
        headings: dict[str, None] = {}
        with self._open() as stream:
            for line in stream:
                try:
                    found = json.loads(line) if line.strip() else {}
                except (ValueError, RecursionError):
                    continue  # told with its line when the rows are read
                headings |= dict.fromkeys(found if isinstance(found, dict) else ())
        if not headings and self.size:
            raise CatalogueUnreadable(f"{self.path.name}: write one JSON object a line.")
        return list(headings)

    def _json_rows(self, stream: TextIO) -> Iterator[Row | Problem]:
        for number, line in enumerate(_Counted(stream, self), start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line, parse_constant=_no_constant)
            except ValueError as exc:
                yield Problem(number, "the line", line.strip()[:100], f"write valid JSON: {exc}")
                continue
            except RecursionError:
                yield Problem(
                    number, "the line", line.strip()[:100], "write a flat object; only attributes nest"
                )
                continue
            if isinstance(found, dict):
                yield Row(number, found, self.done)
            else:
                yield Problem(number, "the line", found, "write one JSON object a line")


class _Counted:
    """Lines of a text stream, counting on the file how far it was read."""

    def __init__(self, stream: TextIO, file: CatalogueFile) -> None:
        self._stream = stream
        self._file = file
        file.done = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            self._file.done += len(line) if line.isascii() else len(line.encode("utf-8", "replace"))
            yield line


def _delimiter(header: str) -> str:
    """The sign that stands most often in the header outside quotes; a file of one column has none."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
