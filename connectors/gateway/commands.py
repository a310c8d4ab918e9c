"""What a channel may ask of the bot by name: the commands of chat apps, customers' and staff's.

Only these: a channel names one, and what the bot is told stands here. Text that looks like a payload stays text; words
that follow a command of staff's travel as words.
"""

import json

from connectors.gateway.phrases import HUMAN
from connectors.messages import Choice

COMMANDS = {
    "start": Choice(title="Hello", payload="/greet"),
    "help": Choice(title="What can you do?", payload="/help"),
    "cart": Choice(title="Show my cart", payload="/show_cart"),
    "orders": Choice(title="My orders", payload="/order_status"),
    "human": HUMAN,
}
# A rep's questions; the bot refuses them in a customer's conversation.
OF_STAFF = {
    "rep_contact": "Who is that?",
    "rep_orders": "What did they order?",
    "rep_leads": "New leads",
    "rep_recommend": "Recommend something",
    "rep_note": "Leave a note",
    "rep_pipeline": "My pipeline",
    "rep_waiting": "Who is waiting?",
    "rep_help": "What can you do?",
}


def told(command: str, words: str) -> tuple[str, str]:
    """What stands in the transcript, and what the bot is told. Raises KeyError for a command that there isn't."""
    if command in OF_STAFF:
        said = json.dumps({"said": words}, ensure_ascii=False) if words else ""
        return words or OF_STAFF[command], f"/{command}{said}"
    choice = COMMANDS[command]
    return choice.title, choice.payload
