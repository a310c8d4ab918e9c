"""What a channel may ask of the bot by name, without words: the commands of chat apps.

Only these: a channel names one, and what the bot is told stands here. Text that looks like a payload stays text.
"""

from connectors.gateway.phrases import HUMAN
from connectors.messages import Choice

COMMANDS = {
    "start": Choice(title="Hello", payload="/greet"),
    "help": Choice(title="What can you do?", payload="/help"),
    "cart": Choice(title="Show my cart", payload="/show_cart"),
    "orders": Choice(title="My orders", payload="/order_status"),
    "human": HUMAN,
}
