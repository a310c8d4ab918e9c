"""docs/how-to/add-a-use-case.md is right: followed to the letter on a copy of the project, it ends in talk."""

from pathlib import Path

import pytest

from tests.guides.follow import ROOT, Guide, copy_of_the_project, run

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

GUIDE = Guide.read(ROOT / "docs" / "how-to" / "add-a-use-case.md")


def test_the_guide_writes_new_files_only_and_each_in_its_place() -> None:
    assert {path.rpartition("/")[0] for path in GUIDE.files} == {
        "data/nlu", "data/nlu_test", "bot/domain", "data/rules", "actions", "tests/scenarios",
    }  # fmt: skip
    assert [path for path in GUIDE.files if (ROOT / path).exists()] == []
    assert len(GUIDE.commands) >= 5


def test_a_use_case_added_as_the_guide_says_is_trained_and_talks(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path / "project")
    for path, content in GUIDE.files.items():
        (project / path).write_text(content, encoding="utf-8")
    for command in GUIDE.commands:
        run(command, project)
