"""What reps' words say of leads: which status, since when, and whether one is only to be looked at. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from difflib import get_close_matches

from actions.support.rep import LEAD
from actions.support.turn import Turn

MINE = re.compile(r"\b(my|mine|own|assigned to me|i own|i have)\b", re.IGNORECASE)
TODAY = re.compile(r"\b(today|this morning|since this morning|todays)\b", re.IGNORECASE)
THIS_WEEK = re.compile(r"\bthis week\b", re.IGNORECASE)
STATUS = {
    "new": re.compile(r"\b(re-?open|back (to|on) new|(to|on|as|=) new|new again)\b", re.IGNORECASE),
    "qualified": re.compile(r"\b(qualif\w*|real one)\b", re.IGNORECASE),
    "closed": re.compile(
        r"\b(clos\w*|shut|done|junk|spam|cold|worthless|lost|dead|not interested|isn.?t interested)\b", re.IGNORECASE
    ),
    "contacted": re.compile(
        r"\b(cont\w*ct\w*|call(ed)?|phoned|rang|reached|spoke\w*|talk(ed)?|wrote|e?mailed|voicemail|tick)\b",
        re.IGNORECASE,
    ),
}  # fmt: skip
LONG_WORD = re.compile(r"[^\W\d_]{6,}")
NEAR = 0.8
# What is typed around a lead's number to look at it.
_LOOKING = """
a about again at can could data describe detail details display does has in info information is know let like look me
need needs of on open owns please pls pull read remind said say says see shall show shows status story tell that the
there this up us view wants was what whats what's when where which who whos who's whose why with you
"""
LOOKING = frozenset(_LOOKING.split())


def status_in(text: str) -> str | None:
    """The status that the words name, mistyped or not; a wish to reopen or close weighs more than a call made."""
    said = next((status for status, pattern in STATUS.items() if pattern.search(text)), None)
    if said is not None:
        return said
    near = (get_close_matches(word.casefold(), STATUS, n=1, cutoff=NEAR) for word in LONG_WORD.findall(text))
    return next((found[0] for found in near if found), None)


def looked_at(turn: Turn) -> int | None:
    """The number of a lead that the words name only to see it: "lead 1", "show me lead 4", "whose is lead 12?".

    Such a number sways the classifier, though it says nothing of what is wanted: whatever it chose, nothing is
    changed that wasn't asked for.
    """
    named = LEAD.search(turn.words)
    if named is None or turn.pressed:
        return None
    around = re.findall(r"[\w']+", LEAD.sub(" ", turn.words).casefold().replace("’", "'"))
    return int(named[1]) if set(around) <= LOOKING else None


def since(turn: Turn, now: datetime) -> datetime | None:
    """The day from which on leads are asked for, where one is named that has begun: "today", "since monday"."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if TODAY.search(turn.words):
        return today
    if THIS_WEEK.search(turn.words):
        return today - timedelta(days=today.weekday())
    try:
        named = datetime.fromisoformat(str(turn.value("time") or "")[:10]).replace(tzinfo=today.tzinfo)
    except ValueError:
        return None
    return named if named <= today else None
