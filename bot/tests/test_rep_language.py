"""Reps and customers are understood by models of their own: neither can reach the other's intents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from ruamel.yaml import YAML

from components.gateway_request import BadRequest, TurnRequest, read_turn

ROOT = Path(__file__).resolve().parents[2]
RIGHT = 0.85


def sentences(prefix: str) -> list[tuple[str, str]]:
    found = []
    for path in sorted((ROOT / "data" / "nlu_test").glob(f"{prefix}*.yml")):
        for block in YAML(typ="safe").load(path).get("nlu", []):
            found += [(line.removeprefix("- "), block["intent"]) for line in block["examples"].splitlines()]
    return found


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    """The trained bot itself, not the tests' small one."""
    artifacts = ROOT / "models" / "artifacts"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARLEY_ARTIFACTS", str(artifacts))
        yield Agent.load(str(artifacts / "rasa" / "bot.tar.gz"))


def read(agent: Agent, texts: list[str], role: str | None) -> list[dict[str, Any]]:
    async def every() -> list[dict[str, Any]]:
        metadata = {"role": role} if role else {}
        return [await agent.processor.parse_message(UserMessage(text, metadata=metadata)) for text in texts]

    return asyncio.run(every())


def test_reps_are_understood(agent: Agent) -> None:
    wanted = sentences("rep_")
    parsed = read(agent, [text for text, _ in wanted], "rep")
    wrong = [
        (text, intent, one["intent"]["name"])
        for (text, intent), one in zip(wanted, parsed, strict=True)
        if one["intent"]["name"] != intent
    ]
    assert 1 - len(wrong) / len(wanted) >= RIGHT, wrong


def test_a_rep_reaches_no_intent_of_customers(agent: Agent) -> None:
    for one in read(agent, ["where is my order", "i want to talk to a human", "cheaper", "hello"], "rep"):
        names = {entry["name"] for entry in one["intent_ranking"]} - {"nlu_fallback"}
        assert all(name.startswith("rep_") for name in names)


@pytest.mark.parametrize("role", ["customer", "admin", "Rep", None])
def test_a_customer_reaches_no_intent_of_reps(agent: Agent, role: str | None) -> None:
    for one in read(agent, [text for text, _ in sentences("rep_")][::4], role):
        assert not any(entry["name"].startswith("rep_") for entry in one["intent_ranking"])


@pytest.mark.parametrize(
    ("role", "payload", "taken"),
    [
        ("rep", "/rep_leads", True),
        ("customer", "/rep_leads", False),
        ("customer", "/greet", True),
        ("rep", "/greet", False),
    ],
)
def test_a_payload_names_only_an_intent_of_its_senders_role(role: str, payload: str, taken: bool) -> None:
    body = {"conversation": "c", "message_id": "m", "payload": payload, "metadata": {"role": role}}

    def read() -> TurnRequest:
        return read_turn(body, intents=["greet", "rep_leads"], entities=[], slots=[])

    if taken:
        assert read().payload is not None
    else:
        with pytest.raises(BadRequest, match="there is no intent"):
            read()
