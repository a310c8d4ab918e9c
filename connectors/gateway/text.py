"""What customers type, made safe to store and to hand to the bot. Pure."""

import re
import unicodedata

# Control characters but tab and line feed: PostgreSQL refuses null bytes, terminals obey others. Surrogates have
# no UTF-8. Directional overrides (Cc is not all) make a text read differently from what it is.
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LEADING_SLASHES = re.compile(r"^[\s/]+")
_INVISIBLE = {"Cf", "Zs", "Zl", "Zp", "Cc", "Mn"}


def cleaned(text: str) -> str:
    """The text without control characters, trimmed; empty when nothing visible is left."""
    text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return text if any(unicodedata.category(letter) not in _INVISIBLE for letter in text) else ""


def for_bot(text: str) -> str:
    """The text as Rasa may see it: it takes a leading `/` for an intent with entities at full confidence."""
    return _LEADING_SLASHES.sub("", text) or "?"
