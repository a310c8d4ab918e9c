"""Adapting the sentence encoder to the sentences of a bot, in PyTorch, when it is trained; nothing of it serves.

Errors::

    AdaptationError     the sentences can't be read or aren't enough; the message says what to do
"""

from __future__ import annotations

from dataclasses import dataclass


class AdaptationError(Exception):
    """The sentences can't be learned from."""


@dataclass(frozen=True)
class Settings:
    """`frozen` lower layers stay as published; rates are AdamW's; `scale` and `contrast_scale` multiply cosines into
    logits; `unseen` is the share of tokens that a sentence is read without, `swapped` of marked words that others take
    the place of. What tags say counts `tag_weight` times. So many `towers` are trained and averaged. They serve every
    data set, chosen on parts of training data (docs/adr/0015, 0018).
    """

    frozen: int = 2
    towers: int = 2
    towers_of_many: int = 3
    epochs: int = 5
    epochs_of_thousands: int = 4
    epochs_of_many: int = 12
    thousands: int = 6000
    many_kinds: int = 10
    batch: int = 64
    rate: float = 1e-4
    head_rate: float = 5e-4
    tag_rate: float = 2e-3
    tag_weight: float = 2.0
    swapped: float = 0.4
    scale: float = 20.0
    contrast_scale: float = 14.0
    smoothing: float = 0.1
    dropout: float = 0.1
    unseen: float = 0.1
    warm_up: float = 0.1
    seed: int = 7

    def towers_for(self, kinds: int) -> int:
        """Where `many_kinds` of entity are to be told apart, one tower more: a mean tells words better, too."""
        return self.towers_of_many if kinds >= self.many_kinds else self.towers

    def epochs_for(self, kinds: int, sentences: int) -> int:
        """Where `many_kinds` of entity are to be told apart, their words need more epochs than the intents do. Of so
        many sentences as `thousands` each needs to be seen less often.
        """
        if kinds >= self.many_kinds:
            return self.epochs_of_many
        return self.epochs_of_thousands if sentences >= self.thousands else self.epochs
