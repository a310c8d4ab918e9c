"""The dialogue policy: rules, with loops that come back by themselves, at a cost that doesn't grow with the
conversation.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ResumingRulePolicy(RulePolicy):
    """A RulePolicy in which any rule may interrupt a loop, and the loop is then resumed.

    When a loop has rejected a message (it was a question, not an answer) and another action has been run for it, and no
    rule names a further action, the loop is predicted again and told that it was interrupted. Rules therefore need no
    combinations of loop and intent. A rule that ends the interruption with an explicit `action_listen` is obeyed.

    Three steps of RulePolicy are cut short without changing what is predicted: only the last states that a rule
    can look at are built (see docs/adr/0012), the pass over the message's text is left out when no rule has one, and of
    all rules only those are looked at that end in the intent and the action at hand.
    """

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input and not self._rules_look_at_text():
            return None, None, False
        action, source, was_interrupted = super()._find_action_from_rules(
            tracker, domain, use_text_for_last_user_input
        )
        loop = tracker.active_loop_name
        interrupted = (
            loop is not None
            and tracker.is_active_loop_rejected
            and tracker.latest_action_name not in (ACTION_LISTEN_NAME, loop)
        )
        if interrupted and action in (None, loop):
            return loop, source, True
        return action, source, was_interrupted

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        """The last states, as many as the longest rule has, without the slots that no state shows."""
        seen = [slot for slot in tracker.slots.values() if slot.has_features()]
        past = DialogueStateTracker(tracker.sender_id, seen, is_rule_tracker=tracker.is_rule_tracker)
        events = [
            event
            for event in tracker.applied_events()
            if not isinstance(event, SlotSet) or event.key in past.slots
        ]
        total = 1 + sum(isinstance(event, ActionExecuted) for event in events)
        first = total - self._longest_rule()
        states: deque[State] = deque()
        index = 0
        for event in events:
            if isinstance(event, ActionExecuted):
                if index >= first:
                    states.append(domain._clean_state(domain.get_active_state(past)))
                index += 1
            past.update(event)
        states.append(domain._clean_state(domain.get_active_state(past)))
        chosen = [list(states)]
        self.featurizer._choose_last_user_input(chosen, use_text_for_last_user_input)
        return chosen[0]

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        if not states:
            return set(lookup)
        ends = self._ends_of(lookup)
        state = states[-1]
        intents, actions = (None, _intent(state)), (None, _action(state))
        near = {key: "" for i in intents for a in actions for key in ends.get((i, a), ()) if key in lookup}
        found: set[str] = super()._get_possible_keys(near, states)
        return found

    def _ends_of(self, lookup: dict[str, str]) -> dict[tuple[str | None, str | None], list[str]]:
        """The rules by the intent and the previous action of their last state, None where they don't say; made once for
        each set of rules, which training fills bit by bit.
        """
        known: dict[int, Any] = self.__dict__.setdefault("_known_ends", {})
        of, size, ends = known.get(id(lookup), (None, -1, {}))
        if of is not lookup or size != len(lookup):
            ends = {}
            for key in lookup:
                last = self._rule_key_to_state(key)[-1]
                # Without a previous action a rule is about a conversation's start, whatever else it says.
                intent = _intent(last) if last.get(PREVIOUS_ACTION) else None
                ends.setdefault((intent, _action(last)), []).append(key)
            known[id(lookup)] = lookup, len(lookup), ends
        return ends

    def _longest_rule(self) -> int:
        return self._facts()[0]

    def _rules_look_at_text(self) -> bool:
        return self._facts()[1]

    def _facts(self) -> tuple[int, bool]:
        """How many states the longest rule has, and whether any rule looks at text: counted once per set of rules.

        Training fills the lookup bit by bit, hence the key.
        """
        tables = [self.lookup.get(name, {}) for name in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)]
        key = tuple((id(table), len(table)) for table in tables)
        if self.__dict__.get("_facts_key") != key:
            rules = [rule for table in tables for rule in table]
            longest = max((len(json.loads(rule)) for rule in rules), default=1)
            self._known_facts = (longest, any('"text"' in rule for rule in rules))
            self._facts_key = key
        return self._known_facts


def _intent(state: State) -> str | None:
    return _named(state.get(USER, {}).get(INTENT))


def _action(state: State) -> str | None:
    return _named(state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME))


def _named(value: Any) -> str | None:
    """A rule may say that something must not be set; it then names nothing to look it up by."""
    return value if isinstance(value, str) and value != SHOULD_NOT_BE_SET else None
