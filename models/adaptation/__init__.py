"""Adapting the sentence encoder to the intents of a bot, in PyTorch, when it is trained; nothing of it serves.

Errors::

    AdaptationError     the sentences can't be read or aren't enough; the message says what to do
"""


class AdaptationError(Exception):
    """The sentences can't be learned from."""
