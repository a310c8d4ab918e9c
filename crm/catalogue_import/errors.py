"""What can be wrong with a catalogue file.

CrmError
├── CatalogueRefused     rows that can't be imported: the first of them, each with row, column and fix
└── CatalogueUnreadable  the file as a whole: missing, not text, no columns
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.errors import CrmError

LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One refused cell. `row` is the file's line number, counted from 1 with the header; `column` its heading."""

    row: int
    column: str
    value: object
    fix: str

    def __str__(self) -> str:
        shown = repr(self.value)
        shown = shown if len(shown) <= LONGEST_SHOWN else shown[: LONGEST_SHOWN - 1] + "…"
        return f"row {self.row}, {self.column}: {shown} is refused; {self.fix}"


class CatalogueRefused(CrmError):
    """The file has rows that can't be imported; nothing was written. `complete` is false when there may be more."""

    def __init__(self, name: str, problems: Sequence[Problem], *, complete: bool) -> None:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        head = f"{name}: {count if complete else f'the first {count}'}; nothing was imported."
        super().__init__("\n  ".join([head, *map(str, problems)]))
        self.problems = tuple(problems)
        self.complete = complete


class CatalogueUnreadable(CrmError):
    """The file can't be read as a catalogue; the message says what to change."""
