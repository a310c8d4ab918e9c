"""Texts as shops export them, made plain: HTML becomes words, entities become signs, what can't be shown goes."""

import html
import re
import unicodedata
from html.parser import HTMLParser

TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
ENTITY = re.compile(r"&(?:[a-z][a-z0-9]{1,30}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
BLOCKS = frozenset(
    ("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
     "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul")
)  # fmt: skip
UNREAD = frozenset({"script", "style", "template", "iframe", "head"})
SPACES = re.compile(r"[^\S\n]+")
LINES = re.compile(r" ?\n\s*")


def plain(text: str) -> str:
    """The text without mark-up and without signs that a database or a screen refuses; "screen < 5 in" stays.

    A block of HTML ends a line, `script` and `style` are left out with what they hold.
    """
    if ENTITY.search(text):
        text = html.unescape(text)  # feeds escape their mark-up too
    if TAG.search(text):
        text = _without_tags(text)
    if not text.isascii() or not text.isprintable():
        text = "".join(_shown(sign) for sign in text)
    return LINES.sub("\n", SPACES.sub(" ", text)).strip()


def _shown(sign: str) -> str:
    if sign in "\n\t ":
        return sign
    kind = unicodedata.category(sign)
    # Controls and halves of surrogate pairs; joiners and marks of direction (Cf) belong to scripts and emoji.
    return (
        " " if kind in ("Cc", "Zl", "Zp") else "\ufffd" if kind == "Cs" else "" if sign == "\ufeff" else sign
    )


def _without_tags(text: str) -> str:
    reader = _Words()
    reader.feed(text)
    reader.close()
    return "".join(reader.found)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNREAD:
            self._unread.append(tag)
        elif tag in BLOCKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._unread and tag == self._unread[-1]:
            self._unread.pop()
        elif tag in BLOCKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.found.append(data)
