"""What is not wanted: "not Sony, Bose" leaves out Sony and asks for Bose; "another brand than X" leaves out X."""

from __future__ import annotations

import dataclasses
import re

from components.entities.spans import Span

_CUE = re.compile(
    r"(?:\b(?:not|no|never|without|except(?: for)?|excluding|exclude|but not|(?:any|every|all)(?:thing)?(?: \w+)? but|"
    r"other than|rather than|"
    r"instead of|apart from|aside from|besides|avoid|hate|dislike|skip|neither|nor|nothing (?:from|by)|"
    r"none of|tired of|"
    r"sick of|enough of|leave out|minus|(?<!n't )(?<!dont )(?<!not )(?<!never )forget(?: about)?|scrap|ditch|"
    r"(?:do not|don't|dont|doesn't|didn't|won't|wouldn't|can't stand)"
    r"(?: really| particularly)?(?: want| like| need| trust| buy| take| care for| show me| be)?|isn't|not into|"
    r"(?:another|different|other|any other|some other|else)(?: \w+)? than|different from))"
    r"(?:\s+(?:a|an|the|any|another|more|from|by|of|to|be|that|those|these|this|stuff|want|like|interested in|brands?"
    r"|makers?|manufacturers?))*\s+$"
)
_UNLESS = re.compile(
    r"\b(?:why not|not only|not just|if not|whether or not|not sure(?: about)?|no problem with)(?:\s+\w+)?\s+$"
)
_JOINED = re.compile(r"\s*(?:,\s*)?(?:or|nor|and|/|&)\s*(?:a |an |the |any |from |by )?")
EXCLUDABLE = ("brand", "category", "attribute")


def with_exclusions(lower: str, spans: list[Span]) -> list[Span]:
    """Gives the role "exclude" to what a cue stands before, and to what "or", "nor" or "and" joins to it.

    A comma ends the cue's reach. Spans must be in reading order and free of overlaps.
    """
    result: list[Span] = []
    previous: Span | None = None
    for span in spans:
        if span.entity in EXCLUDABLE and span.role is None and not _is_number(span):
            joined = (
                previous is not None
                and previous.role == "exclude"
                and previous.entity == span.entity
                and _JOINED.fullmatch(lower[previous.end : span.start]) is not None
            )
            if joined or _excludes(lower[: span.start]):
                span = dataclasses.replace(span, role="exclude")
        result.append(span)
        previous = span
    return result


def _excludes(before: str) -> bool:
    return _CUE.search(before) is not None and _UNLESS.search(before) is None


def _is_number(span: Span) -> bool:
    return isinstance(span.value, dict) and (
        span.value["op"] != "is" or not isinstance(span.value["value"], str)
    )
