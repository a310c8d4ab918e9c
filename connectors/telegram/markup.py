"""Text as Telegram shows it: HTML that it can parse, within its limits. Pure.

HTML, not MarkdownV2: three characters to escape instead of eighteen (docs/adr/0141). Limits count what is left
when the markup is taken away; Telegram counts in UTF-16 there, so an emoji is two.
"""

from html import escape as _escape
from typing import Final

TEXT_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024


def escape(text: str) -> str:
    """The text, safe between tags."""
    return _escape(text, quote=False)


def bold(text: str) -> str:
    """The text in bold, escaped."""
    return f"<b>{escape(text)}</b>"


def italic(text: str) -> str:
    """The text in italics, escaped."""
    return f"<i>{escape(text)}</i>"


def width(text: str) -> int:
    """How much of a limit a text uses."""
    return len(text.encode("utf-16-le")) // 2


def shortened(text: str, limit: int) -> str:
    """The text, cut at a word's end and marked where it is longer than the limit."""
    if width(text) <= limit:
        return text
    head, _ = _cut(text, limit - 1)
    return f"{head}…"


def parts(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """The text in pieces within the limit, cut between paragraphs, lines or words where there are any."""
    found = []
    while width(text) > limit:
        head, text = _cut(text, limit)
        found.append(head)
    return [*found, text] if text else found


def _cut(text: str, limit: int) -> tuple[str, str]:
    """A beginning within the limit, and the rest without the white space between them."""
    most = _fitting(text, limit)
    for gap in ("\n\n", "\n", " "):
        at = text.rfind(gap, most // 2, most + 1)
        if at > 0:
            return text[:at].rstrip(), text[at:].lstrip()
    return text[:most], text[most:]


def _fitting(text: str, limit: int) -> int:
    """How many characters fit into a limit."""
    used = 0
    for index, letter in enumerate(text):
        used += 2 if ord(letter) > 0xFFFF else 1
        if used > limit:
            return index
    return len(text)
