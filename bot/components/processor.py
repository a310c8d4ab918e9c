"""Rasa's message processor, made to fail whole and to leave out work that nobody reads.

A failed action ends the turn before anything is stored, where Rasa would carry on without the action's events and store
the result; the channel then answers with an error and the same message can be sent again.
"""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import Action
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS, DEFAULT_SLOT_NAMES
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT

from components.sentiment import KEY, NEUTRAL
from components.turn import Turn, current_turn

SET_BY_ACTIONS = {"type": "custom"}


class TurnProcessor(MessageProcessor):
    """Serves turns (`components.turn`); without a current turn it behaves as Rasa's."""

    async def fetch_tracker_and_update_session(
        self,
        sender_id: str,
        output_channel: OutputChannel | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> DialogueStateTracker:
        """Adds the slots that the caller set before this turn."""
        tracker = await super().fetch_tracker_and_update_session(sender_id, output_channel, metadata)
        turn = current_turn.get()
        if turn is not None:
            for name, value in turn.slots.items():
                tracker.update(SlotSet(name, value), self.domain)
        return tracker

    async def parse_message(
        self,
        message: UserMessage,
        tracker: DialogueStateTracker | None = None,
        only_output_properties: bool = True,
    ) -> dict[str, Any]:
        """Remembers what was understood for the channel's answer."""
        parsed: dict[str, Any] = await super().parse_message(message, tracker, only_output_properties)
        turn = current_turn.get()
        if turn is not None:
            note_understanding(parsed, turn)
        return parsed

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        """Rasa logs failures of this step and goes on; here they end the turn. Where every slot is set by actions alone
        there is nothing to extract, and asking each slot's mappings costs a plain turn a twenty-fifth of its time.
        """
        if not self._extracts_slots():
            return tracker
        result = await super().run_action_extract_slots(output_channel, tracker)
        _raise_failure()
        return result

    def _extracts_slots(self) -> bool:
        of, extracts = self.__dict__.get("_known_extraction", (None, True))
        if of is not self.domain:
            extracts = ACTION_VALIDATE_SLOT_MAPPINGS in self.domain.user_actions or any(
                mapping != SET_BY_ACTIONS
                for slot in self.domain.slots
                if slot.name not in DEFAULT_SLOT_NAMES
                for mapping in slot.mappings
            )
            self.__dict__["_known_extraction"] = self.domain, extracts
        return extracts

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        goes_on: bool = await super()._run_action(action, tracker, output_channel, nlg, prediction)
        _raise_failure()
        return goes_on

    def _check_for_unseen_features(self, parse_data: dict[str, Any]) -> None:
        """Left out: `make check` finds intents and entities that the domain lacks, and asking costs a comparison of
        the whole domain's JSON a turn.
        """

    @staticmethod
    def _log_slots(tracker: DialogueStateTracker) -> None:
        """Left out: it writes all slots into a line for a level that is switched off, and they are personal."""

    async def run_anonymization_pipeline(self, tracker: DialogueStateTracker) -> None:
        """Left out: there is no such plug-in here, and asking for one costs a look-up a turn."""


def note_understanding(parsed: dict[str, Any], turn: Turn) -> None:
    """Copies intent and sentiment of parse data to the turn."""
    intent = parsed.get(INTENT) or {}
    turn.intent = {"name": intent.get("name"), "confidence": intent.get("confidence", 0.0)}
    turn.sentiment = parsed.get(KEY) or dict(NEUTRAL)


def _raise_failure() -> None:
    turn = current_turn.get()
    if turn is not None and turn.failure is not None:
        raise turn.failure
