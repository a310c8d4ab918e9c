"""What the documents say is so: settings, commands, actions, paths; and they speak of the project alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
import yaml
from typer import Typer

from parley.cli import app
from parley.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for path in (
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "data/shop/README.md",
        ROOT / "models/README.md",
    )
    if path.exists()
)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# Made by the set-up, by running or by the operator.
MADE = ("var/", ".venv/", "bot/.venv/", "models/artifacts/", ".tools/", "bot/models/")
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}


def _name(document: Path) -> str:
    return str(document.relative_to(ROOT))


def _commands(typer_app: Typer) -> Iterator[str]:
    """Every command as it is typed after `parley`."""

    def walk(command: object, words: tuple[str, ...]) -> Iterator[str]:
        children = getattr(command, "commands", None)
        if children is None:
            yield " ".join(words)
        else:
            for name, child in children.items():
                yield from walk(child, (*words, name))

    yield from walk(typer.main.get_command(typer_app), ())


def _text(documents: list[Path] = DOCUMENTS) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in documents)


def _environment_names() -> set[str]:
    names = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        choices = getattr(alias, "choices", None)
        names.add(str(choices[0]) if choices else f"PARLEY_{name.upper()}")
    return names


def test_every_setting_stands_in_the_example_and_nothing_else_does() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = re.findall(r"^#?([A-Z][A-Z_]+)=", example, re.MULTILINE)
    assert sorted(listed) == sorted(set(listed)), "a setting is listed twice"
    assert set(listed) == _environment_names()


def test_the_examples_defaults_are_the_defaults() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    defaults = {f"PARLEY_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    for name, value in re.findall(r"^#(PARLEY_[A-Z_]+)=(.+)$", example, re.MULTILINE):
        default = defaults[name]
        if isinstance(default, Path):
            assert value == str(default.relative_to(ROOT)), name
        elif isinstance(default, int | float):
            assert float(value) == default, name
        elif isinstance(default, str) and default:
            assert value == default, name


def test_every_command_is_explained_and_every_command_in_the_documents_exists() -> None:
    commands, text = set(_commands(app)), _text()
    groups = {command.partition(" ")[0] for command in commands if " " in command}
    missing = {command for command in commands if not re.search(rf"parley {re.escape(command)}\b", text)}
    assert not missing, f"no document says what these do: {sorted(missing)}"
    for first, second in re.findall(r"(?:`|bin/)parley ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", text):
        assert first in groups or first in commands, f"parley {first}"
        if first in groups and second:
            assert f"{first} {second}" in commands, f"parley {first} {second}"


def test_every_make_target_has_a_line_of_help_or_is_a_part_of_one_and_those_named_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    helped = set(re.findall(r"^([a-z][a-z-]*):.*## ", MAKEFILE, re.MULTILINE))
    parts = {word for line in re.findall(r"\$\(MAKE\)[^\n]*", MAKEFILE) for word in line.split()}
    assert targets - helped - parts == set()
    for target in set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", _text(), re.MULTILINE)):
        assert target in targets, f"make {target}"
    assert {"run", "test", "check", "train", "bench", "help"} <= helped


def test_every_action_is_covered_by_a_scenario_that_fails_without_it() -> None:
    declared = {
        action
        for path in (ROOT / "bot/domain").glob("*.yml")
        for action in yaml.safe_load(path.read_text(encoding="utf-8")).get("actions", ())
    }
    covered = {
        action
        for path in (ROOT / "tests/scenarios").glob("*.yml")
        for scenario in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        for action in scenario.get("covers", ())
    }
    assert declared - covered == set()
    assert covered - declared == set()


@pytest.mark.parametrize("use_case", sorted(path.stem for path in (ROOT / "bot/domain").glob("*.yml")))
def test_a_use_case_has_one_name_everywhere(use_case: str) -> None:
    text = (ROOT / f"bot/domain/{use_case}.yml").read_text(encoding="utf-8")
    declared = yaml.safe_load(text)
    if declared.get("actions"):
        assert (ROOT / f"actions/{use_case}.py").exists()
    assert list((ROOT / "tests/scenarios").glob(f"{use_case}*.yml"))
    assert (ROOT / f"data/rules/{use_case}.yml").exists()
    if declared.get("intents") not in (None, ["nlu_fallback"]):
        assert (ROOT / f"data/nlu/{use_case}.yml").exists()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "#", "mailto:")):
            assert (document.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    for path in re.findall(r"`([\w./-]+/[\w./-]*)`", document.read_text(encoding="utf-8")):
        first = path.partition("/")[0]
        if first not in FOLDERS or path.startswith(MADE) or (ROOT / path).exists():
            continue
        if path.startswith("docs/adr/") and list(ROOT.glob(f"{path}-*.md")):
            continue
        assert (document.parent / path).exists(), path


def test_nothing_in_the_repository_names_a_machine_or_a_package_registry() -> None:
    git = shutil.which("git") or "git"
    tracked = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = tracked.stdout.split("\0") if tracked.returncode == 0 else []
    machine = r"(?<![\w.~:}])/(?:root|home|work|opt|mnt|Users)/[\w.-]"
    registry = r"\bpypi\.org|pythonhosted\.org|registry\.npmjs|(?:extra-)?index-url[= ]+\S*://|[a-z]:\\Users"
    found = []
    for name in names:
        path = ROOT / name
        if not name or path == Path(__file__).resolve() or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for match in re.finditer(f"{machine}|{registry}", text):
            line = text[: match.start()].count("\n") + 1
            found.append(f"{name}:{line}: {match[0]}")
    assert not found, found[:10]
