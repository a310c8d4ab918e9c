"""Between the channels and the bot: stores what comes in, keeps order, knows the owner, answers once."""

from connectors.gateway.events import Event, MessageStored, StatusChanged, Typing
from connectors.gateway.gateway import Gateway, Receipt
from connectors.gateway.policy import GatewayPolicy
from connectors.gateway.turns import Outcome

__all__ = [
    "Event",
    "Gateway",
    "GatewayPolicy",
    "MessageStored",
    "Outcome",
    "Receipt",
    "StatusChanged",
    "Typing",
]
