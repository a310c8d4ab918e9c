"""Telegram's HTML as its documentation has it: few tags, closed in order, everything else escaped."""

import re
from html import unescape

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "tg-spoiler"}
_PIECE = re.compile(r"<(/?)([a-z-]+)>|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);|[<>&]|[^<>&]+", re.IGNORECASE)


class Refused(Exception):
    """The server's refusal: its status and what Telegram says."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


def utf16(text: str) -> int:
    """A length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def visible(text: str, parse_mode: str | None) -> str:
    """What is left of a text without its markup. Raises Refused for markup that Telegram can't parse."""
    if parse_mode is None:
        return text
    if parse_mode != "HTML":
        raise Refused(400, f"Bad Request: unsupported parse_mode {parse_mode}")
    shown, opened = [], []
    for piece in _PIECE.finditer(text):
        name = piece[2]
        if name is None:
            if piece[0] in "<>&":
                raise Refused(400, f"Bad Request: can't parse entities: bare {piece[0]!r}")
            shown.append(unescape(piece[0]))
        elif name not in TAGS:
            raise Refused(400, f"Bad Request: can't parse entities: Unsupported start tag {name!r}")
        elif not piece[1]:
            opened.append(name)
        elif not opened or opened.pop() != name:
            raise Refused(400, f"Bad Request: can't parse entities: Unmatched end tag {name!r}")
    if opened:
        raise Refused(400, f"Bad Request: can't parse entities: Can't find end tag of {opened[-1]!r}")
    return "".join(shown)
