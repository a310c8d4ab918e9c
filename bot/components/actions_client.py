"""How the bot calls the action server.

Rasa's own call re-checks its JSON schema on each response (71 % of a turn), sends the whole domain and the
whole tracker, opens a connection per call and waits five minutes. Here: one validator compiled once, a slim
domain, the last turns, a kept connection, and a time-out that fits into a turn. `run` replaces `RemoteAction.run`
(`components.overrides`).
"""

from __future__ import annotations

import asyncio
from typing import Any, cast
from weakref import WeakKeyDictionary

import aiohttp
import rasa
import ujson
from jsonschema import Draft7Validator
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

from components.tracker_tail import recent
from components.turn import ActionFailed, current_turn

ACTION_SECONDS = 5.5
SENT_TURNS = 2
KEPT_ALIVE_SECONDS = 4
"""Less than the five seconds after which the action server closes an idle connection."""

_RESPONSE = Draft7Validator(
    {
        "type": "object",
        "properties": {
            "events": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["event"],
                    "properties": {"event": {"type": "string"}},
                },
            },
            "responses": {"type": "array", "items": {"type": "object"}},
        },
    }
)
_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()


async def run(
    action: RemoteAction,
    output_channel: OutputChannel,
    nlg: NaturalLanguageGenerator,
    tracker: DialogueStateTracker,
    domain: Domain,
) -> list[Event]:
    """Runs a custom action.

    Raises:
        ActionExecutionRejection: the action server said so with status 400.
        ActionFailed: anything else than a valid result; also noted on the current turn, since Rasa swallows exceptions.
    """
    try:
        result = await _call(action, tracker, domain)
    except ActionFailed as failure:
        turn = current_turn.get()
        raise (failure if turn is None else turn.fail(failure)) from None
    utterances = await action._utter_responses(result.get("responses") or [], output_channel, nlg, tracker)
    return cast("list[Event]", utterances) + deserialise_events(result.get("events") or [])


def request_body(name: str, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """What an action gets to see: the current state, the last turns' events, and of the domain only the forms."""
    state = tracker.current_state(EventVerbosity.NONE)
    state["events"] = [event.as_dict() for event in recent(tracker.events, turns=SENT_TURNS)]
    return {
        "next_action": name,
        "sender_id": tracker.sender_id,
        "tracker": state,
        "domain": {"forms": domain.forms},
        "version": rasa.__version__,
    }


async def _call(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    name = action.name()
    if action.action_endpoint is None or not action.action_endpoint.url:
        raise ActionFailed(name, "no_action_server")
    asked = request_body(name, tracker, domain)
    body = ujson.dumps(asked, ensure_ascii=False, escape_forward_slashes=False).encode("utf-8", "replace")
    try:
        status, payload = await asyncio.wait_for(_post(action.action_endpoint.url, body), ACTION_SECONDS)
    except asyncio.TimeoutError:
        raise ActionFailed(name, "timeout") from None
    except aiohttp.ClientError:
        raise ActionFailed(name, "unreachable") from None
    return _result(name, status, payload)


async def _post(url: str, body: bytes) -> tuple[int, bytes]:
    """Posts once more when a kept connection turned out to be closed: actions happen once per message id."""
    try:
        return await _post_once(url, body)
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
        return await _post_once(url, body)


async def _post_once(url: str, body: bytes) -> tuple[int, bytes]:
    async with _session().post(url, data=body, headers={"Content-Type": "application/json"}) as response:
        return response.status, await response.read()


def _session() -> aiohttp.ClientSession:
    """One session for the event loop that asks; Rasa serves from a single one."""
    loop = asyncio.get_running_loop()
    session = _sessions.get(loop)
    if session is None or session.closed:
        connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=KEPT_ALIVE_SECONDS)
        session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None))
        _sessions[loop] = session
    return session


async def close() -> None:
    """Closes this loop's connections."""
    session = _sessions.pop(asyncio.get_running_loop(), None)
    if session is not None:
        await session.close()


def _result(name: str, status: int, payload: bytes) -> dict[str, Any]:
    if status == 400:
        raise ActionExecutionRejection(name)
    if status != 200:
        raise ActionFailed(name, f"status_{status}")
    try:
        result = ujson.loads(payload)
    except ValueError:
        raise ActionFailed(name, "not_json") from None
    if not _RESPONSE.is_valid(result):
        raise ActionFailed(name, "not_a_result")
    return cast("dict[str, Any]", result)
