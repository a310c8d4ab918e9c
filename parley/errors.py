"""What can go wrong before or around the chat, each with one clear line for the operator.

ParleyError
├── SettingsError      a setting is missing, malformed or still a placeholder
├── NotReady           an artifact, a migration or a process isn't there yet
├── NotYours           an agent acts on a conversation that they haven't claimed
└── PortTaken          another program listens where a process of ours should
"""

from __future__ import annotations


class ParleyError(Exception):
    """Root of this package's errors; its text is shown to the operator as it is."""


class SettingsError(ParleyError):
    """A setting can't be used; the text names it, its value and what would be right."""


class NotReady(ParleyError):
    """Something that must be built or started first is missing; the text names the command that does it."""


class NotYours(ParleyError):
    """The conversation's owner isn't who acts on it; the text names what comes first."""

    def __init__(self, status: str) -> None:
        first = "it is closed" if status == "resolved" else "take it over first: parley inbox claim"
        super().__init__(f"The conversation is {status}; {first}")


class PortTaken(ParleyError):
    """A port that one of our processes needs is in use."""

    def __init__(self, *, port: int, setting: str) -> None:
        super().__init__(
            f"Port {port} is in use by another program. Stop it, or choose another port: {setting}={port + 1} make run"
        )
