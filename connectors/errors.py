"""What can go wrong between a channel and the bot, as one tree.

ConnectorError
├── MessageRefused         nothing was stored; `sentence` tells the sender why, `field` which part
│   ├── MessageEmpty
│   ├── MessageTooLong
│   ├── ChoiceMalformed    not of the shape `<seq>.<n>`
│   └── ChoiceNotOffered   this conversation was never offered it
├── ConversationUnknown    no such conversation, or it was ended and erased
├── MovedAway              its customer went on with it on another channel
├── GatewayClosed          the process is shutting down
├── Undeliverable          the channel will never take this message to this customer
└── BotError               the bot gave no usable answer
    ├── BotUnreachable     no connection, or it broke
    ├── BotTimeout         no answer within the budget of a turn
    ├── BotUnavailable     it answered that it can't serve now (its database, an action)
    └── BotRefused         it refused this message or answered nonsense: repeating won't help
"""


class ConnectorError(Exception):
    """Root of everything this package raises on purpose."""


class MessageRefused(ConnectorError):
    """Nothing was stored. `sentence` is for the sender, `code` for programs."""

    code = "refused"
    field = "text"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class MessageEmpty(MessageRefused):
    """Nothing readable is left of the text."""

    code = "empty"

    def __init__(self) -> None:
        super().__init__("That message is empty. Type what you would like to know.")


class MessageTooLong(MessageRefused):
    """More characters than the bot reads at once."""

    code = "too_long"

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            f"That is more than I can read at once: {length:,} characters, and I manage {limit:,}. "
            "Please shorten it or send it in parts."
        )
        self.length = length
        self.limit = limit


class ChoiceMalformed(MessageRefused):
    """Not the id of a choice."""

    code = "invalid_choice"
    field = "choice"

    def __init__(self) -> None:
        super().__init__('A choice is named by its id as offered, such as "17.1".')


class ChoiceNotOffered(MessageRefused):
    """This conversation was never offered that choice."""

    code = "choice_not_offered"
    field = "choice"

    def __init__(self) -> None:
        super().__init__("That button isn't part of this conversation. Please use one shown above, or type.")


class ConversationUnknown(ConnectorError):
    """No such conversation, or it was ended and erased."""


class MovedAway(ConnectorError):
    """The conversation's customer went on with it on `channel`."""

    def __init__(self, channel: str) -> None:
        super().__init__(f"the conversation goes on on {channel}")
        self.channel = channel


class GatewayClosed(ConnectorError):
    """The process is shutting down and takes nothing more."""


class Undeliverable(ConnectorError):
    """The channel will never take this message to this customer: they blocked us, or it refuses the message."""


class BotError(ConnectorError):
    """The bot gave no usable answer to a turn."""


class BotUnreachable(BotError):
    """No connection to the bot, or it broke before the answer was complete."""


class BotTimeout(BotError):
    """No answer within the budget of a turn."""


class BotUnavailable(BotError):
    """The bot says that it can't serve now; the same turn may succeed later."""


class BotRefused(BotError):
    """The bot refused this very message, or its answer has not the agreed shape: repeating it won't help."""
