"""`make test` runs every test, each once."""

from __future__ import annotations

from pathlib import Path

from tools.test import GROUPS, ROOT, Group


def _has(group: Group, test: Path) -> bool:
    def below(paths: tuple[str, ...]) -> bool:
        return any(test.is_relative_to(group.folder / path) for path in paths)

    return below(group.paths) and not below(group.without)


def test_every_test_is_in_one_group() -> None:
    tests = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "bot" / "tests").rglob("test_*.py")]
    assert len(tests) > 100
    found = {str(test.relative_to(ROOT)): [g.name for g in GROUPS if _has(g, test)] for test in tests}
    assert {test: names for test, names in found.items() if len(names) != 1} == {}


def test_what_the_groups_name_is_there() -> None:
    named = [group.folder / path for group in GROUPS for path in (*group.paths, *group.without)]
    assert [path for path in named if not path.exists()] == []
