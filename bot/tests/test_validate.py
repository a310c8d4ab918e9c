"""The check for what Rasa's own validation lets pass."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from validate import OURS, problems, read

MINI = Path(__file__).resolve().parent / "mini"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "domain").mkdir()
    shutil.copy(MINI / "domain.yml", tmp_path / "domain")
    shutil.copytree(MINI / "data", tmp_path / "data")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text('"turns" "helped" "affirm" "deny"\n', encoding="utf-8")
    return tmp_path


def found(project: Path) -> set[str]:
    return set(problems(read(project / "domain", [project / "data"], [project / "code"])))


def test_a_sound_project_has_no_problems(project: Path) -> None:
    assert found(project) == set()


@pytest.mark.parametrize(
    ("addition", "problem"),
    [
        ("intents: [lonely]", "intent lonely has no examples: write some in data/nlu"),
        ("intents: [lonely]", "intent lonely is used by no rule"),
        ("responses: {utter_lonely: [{text: hi}]}", "response utter_lonely is used by no rule and no action"),
        ("actions: [action_lonely]", "action action_lonely is used by no rule"),
        ("slots: {lonely: {type: any}}", "slot lonely is read and set by nothing"),
    ],
)
def test_what_nothing_uses_is_named(project: Path, addition: str, problem: str) -> None:
    (project / "domain" / "more.yml").write_text(addition, encoding="utf-8")
    assert problem in found(project)


@pytest.mark.parametrize(
    ("addition", "problem"),
    [
        (
            "rules: [{rule: x, steps: [{intent: nobody}, {action: utter_greet}]}]",
            "intent nobody is in a rule but not in the domain",
        ),
        (
            "rules: [{rule: x, steps: [{intent: greet}, {action: utter_x}]}]",
            "action utter_x is in a rule but not in the domain",
        ),
        (
            "nlu: [{intent: stray, examples: '- one'}]",
            "intent stray has examples but isn't in the domain",
        ),
    ],
)
def test_what_does_not_exist_is_named(project: Path, addition: str, problem: str) -> None:
    (project / "data" / "more.yml").write_text(addition, encoding="utf-8")
    assert problem in found(project)


def test_an_entity_that_is_not_declared_is_named(project: Path) -> None:
    path = project / "domain" / "domain.yml"
    text = path.read_text(encoding="utf-8").replace("  - price:\n      influence_conversation: false\n", "")
    path.write_text(text, encoding="utf-8")
    assert found(project) == {"entity price is found by the pipeline but isn't in the domain"}
    assert "price" in OURS
