"""What the Telegram channel itself says. Everything else is the gateway's, the bot's or an agent's."""

from typing import Final

from connectors.messages import Reply

STICKER: Final = Reply(
    text="Nice one! I can't read stickers, though. Tell me in words what you are looking for."
)
PICTURE: Final = Reply(text="Thank you. I can't see pictures yet: please describe in words what you need.")
VOICE: Final = Reply(text="Thank you. I can't listen to recordings yet: please write to me instead.")
FILE: Final = Reply(text="Thank you. I can't open files here: please tell me in words what it is about.")
OTHER: Final = Reply(text="I can't do anything with that, I'm afraid. Words work best with me.")
EDITED: Final = Reply(
    text="I see that you changed an earlier message. Send it again as a new one, and I'll answer that."
)
NOT_YOUR_CONTACT: Final = Reply(
    text="That looks like somebody else's contact, so I haven't kept it. Please share your own, or type the number."
)
MOVED: Final = "Here we are! Our chat goes on here, with your cart and everything we talked about."
LINK_USED: Final = (
    "That link was used already, so I can't open the chat with it again. Just write to me here, or get a new link "
    "from the chat on our web site."
)
LINK_LATE: Final = (
    "That link is too old by now. Just write to me here, or get a new link from the chat on our web site."
)
LINK_UNKNOWN: Final = "I don't know that link. It doesn't matter: just tell me what you are looking for."
OLD_BUTTON: Final = "That button belongs to an earlier chat. Please write to me instead."
PAGE_GONE: Final = "I can't turn these cards any more. Ask me again, and I'll show you what there is."
TOO_FAST: Final = "That was a little fast. Please wait a moment, then write again."
SURE_TO_END: Final = (
    "Shall I end this chat and erase everything that was said in it? Orders you placed stay valid."
)
END: Final = "End and erase"
KEEP: Final = "Keep chatting"
KEPT: Final = "Good, we go on where we were."
ENDED: Final = (
    "Done: the chat is ended and its messages are erased on our side. Write any time to begin a new one."
)
GROUP: Final = (
    "Thank you for having me! I only help in private chats, so that nobody's orders are seen by others. "
    "Please write to me directly: {link}"
)
SHARE_PHONE: Final = "Share my phone number"
SHARE_PLACE: Final = "Share my location"
COMMANDS: Final = (
    ("start", "Begin"),
    ("help", "What I can do"),
    ("cart", "Show my cart"),
    ("orders", "Where is my order?"),
    ("human", "Talk to a person"),
    ("stop", "End the chat and erase it"),
)
