"""The dialogue policy: rules, with loops that come back by themselves, at a cost that doesn't grow with the
conversation.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ResumingRulePolicy(RulePolicy):
    """A RulePolicy in which any rule may interrupt a loop, and the loop is then resumed.

    When a loop has rejected a message (it was a question, not an answer) and another action has been run for it, and no
    rule names a further action, the loop is predicted again and told that it was interrupted. Rules therefore need no
    combinations of loop and intent. A rule that ends the interruption with an explicit `action_listen` is obeyed.

    Two steps of RulePolicy are cut short without changing what is predicted: only the last states that a rule
    can look at are built (see docs/adr/0012), and the pass over the message's text is left out when no rule has one.
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
        """The last states, as many as the longest rule has."""
        events = tracker.applied_events()
        total = 1 + sum(isinstance(event, ActionExecuted) for event in events)
        first = total - self._longest_rule()
        states: deque[State] = deque()
        past, index = tracker.init_copy(), 0
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
