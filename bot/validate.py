"""What `rasa data validate` lets pass: run after it by `make check`.

    python validate.py

Finds intents without examples, intents, responses, actions and slots that nothing uses, entities that are used but not
declared, and rules that name what doesn't exist. Prints one line for each and exits with 1 when there is any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
OURS = frozenset(
    [
        "brand",
        "category",
        "product",
        "price",
        "attribute",
        "quantity",
        "ordinal",
        "order_number",
        "email",
        "phone",
    ]
)
"""What EntityExtractor finds."""
NEVER_TRAINED = frozenset({"nlu_fallback"})
CALLED_BY_RASA = re.compile(r"validate_\w+|action_ask_\w+|action_fallback|action_session_start")
ASKED_BY_A_FORM = re.compile(r"utter_ask_\w+")


@dataclass
class Project:
    """Everything the bot is trained on, merged."""

    domain: dict[str, Any] = field(default_factory=dict)
    examples: dict[str, int] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    code: str = ""


def read(domain: Path, data: list[Path], code: list[Path]) -> Project:
    """Merges the YAML files below `domain` and `data`; `code` is searched for names of responses, slots and intents."""
    yaml = YAML(typ="safe")
    project = Project()
    for path in sorted(domain.rglob("*.yml")):
        for key, value in (yaml.load(path) or {}).items():
            if isinstance(value, dict):
                project.domain.setdefault(key, {}).update(value)
            elif isinstance(value, list):
                project.domain.setdefault(key, []).extend(value)
    for path in sorted(file for folder in data for file in folder.rglob("*.yml")):
        content = yaml.load(path) or {}
        for entry in content.get("nlu", []):
            if "intent" in entry:
                count = len([line for line in entry["examples"].splitlines() if line.strip()])
                project.examples[entry["intent"]] = project.examples.get(entry["intent"], 0) + count
        for story in (*content.get("rules", []), *content.get("stories", [])):
            project.steps += [*story.get("condition", []), *story["steps"]]
    files = (file for folder in code for file in sorted(folder.rglob("*.py")))
    project.code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return project


def problems(project: Project) -> Iterator[str]:
    """One sentence for each thing that is wrong."""
    domain = project.domain
    intents, entities = set(_names(domain.get("intents", []))), set(_names(domain.get("entities", [])))
    actions, responses = set(_names(domain.get("actions", []))), set(domain.get("responses", {}))
    slots, forms = set(domain.get("slots", {})), domain.get("forms", {})
    in_rules = {
        step[key] for step in project.steps for key in ("intent", "action") if isinstance(step.get(key), str)
    }
    either = {i["intent"] for step in project.steps for i in step.get("or", []) if "intent" in i}
    used = in_rules | either
    buttons = " ".join(
        str(variant) for variants in domain.get("responses", {}).values() for variant in variants
    )
    everything = f"{project.code}\n{buttons}"

    for intent in sorted(intents - NEVER_TRAINED):
        if not project.examples.get(intent):
            yield f"intent {intent} has no examples: write some in data/nlu"
        if intent not in used and not _mentioned(intent, everything):
            yield f"intent {intent} is used by no rule"
    for intent in sorted(set(project.examples) - intents):
        yield f"intent {intent} has examples but isn't in the domain"
    for entity in sorted(OURS - entities):
        yield f"entity {entity} is found by the pipeline but isn't in the domain"
    for response in sorted(responses - used):
        if not ASKED_BY_A_FORM.fullmatch(response) and not _mentioned(response, project.code):
            yield f"response {response} is used by no rule and no action"
    for action in sorted(actions - used):
        if not CALLED_BY_RASA.fullmatch(action) and not _mentioned(action, project.code):
            yield f"action {action} is used by no rule"
    required = {slot for form in forms.values() for slot in (form or {}).get("required_slots", [])}
    in_steps = {
        name for step in project.steps for item in step.get("slot_was_set", []) for name in _names([item])
    }
    for slot in sorted(slots - required - in_steps):
        if not _mentioned(slot, project.code):
            yield f"slot {slot} is read and set by nothing"
    known = actions | responses | set(forms) | {"action_listen", "action_restart", "action_deactivate_loop"}
    for step in project.steps:
        if isinstance(step.get("action"), str) and step["action"] not in known:
            yield f"action {step['action']} is in a rule but not in the domain"
        if isinstance(step.get("intent"), str) and step["intent"] not in intents | NEVER_TRAINED:
            yield f"intent {step['intent']} is in a rule but not in the domain"


def _names(entries: list[Any]) -> list[str]:
    return [name for entry in entries for name in ([entry] if isinstance(entry, str) else list(entry))]


def _mentioned(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def main() -> None:
    """The command line."""
    data = HERE.parent / "data"
    project = read(
        HERE / "domain",
        [data / "nlu", data / "rules", data / "stories"],
        [HERE.parent / "actions", HERE.parent / "connectors", HERE.parent / "parley"],
    )
    found = sorted(set(problems(project)))
    for problem in found:
        sys.stdout.write(f"{problem}\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
