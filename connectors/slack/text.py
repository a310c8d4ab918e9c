"""Slack's text: what people typed made plain, what we say made safe to show. Pure.

https://docs.slack.dev/messaging/formatting-message-text: `&`, `<` and `>` are control characters and escaped; what
stands in angle brackets is a link, a mention or a command such as <!channel>, so an escaped text can mention nobody.
"""

import re

_TAG = re.compile(r"<([^<>]*)>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
REPLY = re.compile(r"!r(?:\s+|$)", re.IGNORECASE)


def escaped(text: str) -> str:
    """Safe in mrkdwn."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """What somebody typed in Slack, as they see it: links by their label, mentions of people left out."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], _TAG.sub(_shown, text)).strip()


def quoted(text: str) -> str:
    """Somebody's words, escaped and set apart line by line."""
    return "\n".join(f">{line}" for line in escaped(text).splitlines() or [""])


def reply_in(text: str) -> str | None:
    """What is to be sent to the customer: the words behind `!r`; None for an internal message."""
    said = text.strip()
    found = REPLY.match(said)
    return said[found.end() :].strip() if found else None


def _shown(found: re.Match[str]) -> str:
    target, bar, label = found[1].partition("|")
    if target.startswith("@"):
        return ""
    if target.startswith("#"):
        return f"#{label}" if label else ""
    if target.startswith("!"):
        return label
    return label if bar else target.removeprefix("mailto:").removeprefix("tel:")
