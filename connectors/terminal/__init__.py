"""The conversation in a terminal: the smallest channel, and the one that docs/how-to/add-a-channel.md builds."""

from connectors.terminal.inbound import CHANNEL, to_inbound
from connectors.terminal.render import Offer, to_terminal
from connectors.terminal.session import Session, TerminalChannel

__all__ = ["CHANNEL", "Offer", "Session", "TerminalChannel", "to_inbound", "to_terminal"]
