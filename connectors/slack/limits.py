"""What Slack takes at most, as its reference documents it (Block Kit, chat.postMessage, views). Pure."""

SECTION_TEXT = 3000
HEADER_TEXT = 150
FIELD_TEXT = 2000
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
ACTIONS = 25
BLOCKS = 50
VIEW_BLOCKS = 100
CONTEXT_ELEMENTS = 10
ALT_TEXT = 2000
IMAGE_URL = 3000
VIEW_TITLE = 24
INPUT_LABEL = 2000
INPUT_TEXT = 3000
MESSAGE_TEXT = 4000
MORE = "…"


def cut(text: str, limit: int) -> str:
    """The text within `limit` characters; what was cut off shows."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + MORE


def pieces(text: str, limit: int = SECTION_TEXT) -> list[str]:
    """The text in parts of at most `limit` characters, broken at lines or blanks where there are any."""
    parts: list[str] = []
    rest = text
    while len(rest) > limit:
        at = max(rest.rfind("\n", 1, limit), rest.rfind(" ", limit // 2, limit))
        at = at if at > 0 else limit
        # An escaped character (&amp;) isn't cut in two.
        amp = rest.rfind("&", max(0, at - 5), at)
        if amp > 0 and ";" not in rest[amp:at]:
            at = amp
        parts.append(rest[:at])
        rest = rest[at:].lstrip("\n")
    return [part for part in (*parts, rest) if part.strip()]
