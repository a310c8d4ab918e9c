"""Quantities ("two of them", "make it 2") and positions in a list ("the second one", "last one", "#3")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.entities.numerals import SMALL, number_word
from components.entities.spans import Span, Strength

_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "frist": 1,
    "fist": 1,
    "secound": 2,
    "secnd": 2,
    "last": -1,
    "final": -1,
    "bottom": -1,
    "top": 1,
    **{f"{n}th": n for n in range(4, 11)},
}
_ORD = "|".join(_ORDINALS)
_THING = (
    r"(?:ones?|1|options?|items?|products?|choices?|results?|cards?|models?|suggestions?|recommendations?|"
    r"in the list|on the list)"
)
_NOT_A_PLACE = (
    r"(?:hand|name|time|week|month|year|night|order|thing|things|of all|day|minute|chance|class|purchase|word|price|"
    r"step|e-?mail|message|question|line|floor|i |we |you |let|quality|brand|notch|up|down|generation|gen)\b"
)
_WITH_THING = re.compile(rf"(?<!\w)(?:the |that |your |my )?(?P<ord>{_ORD}) (?:{_THING})\b")
_WITH_THE = re.compile(
    rf"(?<!\w)the (?P<ord>{_ORD})\b(?! *-?{_NOT_A_PLACE})(?=\s*(?:$|[.,!?;:)]|(?:please|pls|and|or|in|to|from|"
    rf"is|was|has|had|looks?|does|do|did|can|could|will|would|should|must|but|if|just|only|except|without|as|at|than|"
    rf"you|then|instead|too|again|more|with|sounds?|seems?|costs?|for|into|vs|versus|on|of (?:them|those|these))\b))"
)
_JOINED = re.compile(
    rf"(?<!\w)(?:the )?(?:{_ORD})(?: ones?)?"
    rf"(?:(?:,| and| or| vs\.?| versus| with| &|, and|, or) (?:the )?(?:{_ORD})\b)+"
    rf"(?! *-?{_NOT_A_PLACE})"
)
"""Places told in one breath: "the first and third", "1st vs 2nd"."""
_EACH = re.compile(rf"(?<!\w)(?:{_ORD})\b")
_ALONE = re.compile(rf"\s*(?P<ord>{_ORD})(?: please| pls|,? thanks)?[\s.!?]*")
_NUMBERED = re.compile(
    r"(?<!\w)(?:#|(?:the )?(?:number|no\.?|nr\.?|option|item|product|choice|result|"
    r"card) ?#?)(?P<n>\d{1,2})\b(?![.,]?\d| ?[%€$£]| of )"
)
_PAIR = re.compile(
    r"\b(?:compar\w*|difference|versus|vs|choose|decide|between)\b[^.!?\d]{0,30}\b(?P<n>[1-9])"
    r" ?(?:and|or|to|with|vs\.?|versus|,|&|\+) ?(?:no\.? |number |#)?(?P<other>[1-9])\b(?![.,]?\d| ?[%€$£]|\w)"
)
"""Two of a list, set side by side: "compare 1 and 3"."""
_NUMBERED_WORD = re.compile(rf"(?<!\w)(?:number|option|choice|item) (?P<n>{'|'.join(list(SMALL)[:10])})\b")

_COUNT = rf"(?:\d{{1,3}}|{'|'.join(SMALL)})"
_PIECES = r"(?:pieces?|pcs?\.?|units?|items?|copies|copy|sets?|packs?|boxes|times)"
_QUANTITIES = (
    re.compile(
        rf"(?<![\w.,#-])(?P<n>{_COUNT}) (?:more )?(?:of (?:them|those|these|the|it|this|that|each|your)|{_PIECES})\b"
    ),
    re.compile(r"(?<![\w.,#-])(?P<n>\d{1,3}) ?x(?=\s|$)(?! \d)"),
    re.compile(r"(?<!\w)x ?(?P<n>\d{1,2})\b(?![.,]\d)"),
    re.compile(
        rf"(?<!\w)(?:make (?:it|that|them)|change (?:it|that|them|the quantity|quantity) to|set (?:it|"
        rf"the quantity|quantity) to|"
        rf"quantity(?: is| of| to|:)?|qty:?|reduce (?:it|that)? ?to|increase (?:it|that)? ?to|i(?:'ll|"
        rf" will) (?:take|have|buy|get|need)|"
        rf"i(?:'d| would)? (?:take|want|need|like)|(?:just|only|another|add|put|throw|pop|chuck|"
        rf"stick|take|order|buy|get(?: me)?|give me|"
        rf"remove|minus|plus|want|need|yes,?|no,?|actually|rather|instead)) "
        rf"(?:just |only |to |the |another |me )*(?P<n>{_COUNT})(?![\w.,]?\d)(?! ?(?:[%€$£\"'°]|euros?\b|eur\b|"
        rf"dollars?\b|bucks\b|k\b|grand\b|"
        rf"(?:gb|tb|kg|g|inch|in(?! (?:my|the|your|to|basket|cart|bag)\b)|cm|"
        rf"hz|w|mah|h|hours?|days?|mp|thing|time|question|second|sec|moment|minute|day|that|which|with|from|under|for)\b))"
    ),
    re.compile(
        rf"\b(?:change|set|make|put|update|turn) [\w #-]{{1,40}} (?:to|"
        rf"into) (?P<n>{_COUNT})(?![\w.,]?\d)(?=\s*(?:$|[.!?,]|please|pls|pieces|units))"
    ),
    re.compile(
        rf"(?<![\w.,#-])(?P<n>{_COUNT}) (?:instead|please|pls|only|then|rather|more|extra)\b(?! (?:than|time|"
        rf"thing|question))"
    ),
)
_CORRECTED = re.compile(
    rf"(?<![\w.,#-])(?P<n>{_COUNT})(?=,? (?:not|instead of|rather than) (?:{_COUNT})\b)(?! (?:euros?|eur|dollars?)\b)|"
    rf"\bnot (?:{_COUNT})(?:,? but|,) (?P<but>{_COUNT})(?![\w.,]?\d)"
)
"""One number in the place of another: "it's 14, not 40", "not two but three"."""
_TOLD = re.compile(r"\b(?:told|asked|tried|said|called|wrote|written)\b[^.!?]{0,20}$")
"""Before "ten times": nobody orders these."""
_NOT = re.compile(r"\b(?:not|instead of|rather than)\s+$")
_DOZEN = re.compile(r"(?<!\w)(?P<half>half )?(?:a|one) (?P<word>dozen|couple|pair)(?: of)?\b")
_BARE = re.compile(rf"[\s.!?,]*(?:(?:just|only|ok|okay|yes|no|actually|maybe),? )*(?P<n>{_COUNT})[\s.!?]*")
_BARE_TO = 20
_ONE_IS_A_PRONOUN = re.compile(
    r"(?:this|that|which|the|other|another|any|every|no|each|cheaper|bigger|better|\b(?:an?|the|that|this) \w+)\s+$"
)


def ordinals(text: str) -> Iterator[Span]:
    """Positions in lower-cased text: 1 is the first, -1 the last."""
    alone = _ALONE.fullmatch(text)
    matches = [alone] if alone else []
    matches += [*_WITH_THING.finditer(text), *_WITH_THE.finditer(text)]
    for match in matches:
        yield Span(
            match.start("ord") if alone else match.start(),
            match.end("ord") if alone else match.end(),
            "ordinal",
            _ORDINALS[match["ord"]],
            Strength.ORDINAL,
        )
    for joined in _JOINED.finditer(text):
        for match in _EACH.finditer(text, *joined.span()):
            yield Span(*match.span(), "ordinal", _ORDINALS[match[0]], Strength.ORDINAL)
    for match in (*_NUMBERED.finditer(text), *_NUMBERED_WORD.finditer(text)):
        position = int(match["n"]) if match["n"].isdigit() else SMALL[match["n"]]
        if position:
            yield Span(match.start(), match.end(), "ordinal", position, Strength.ORDINAL)
    for match in _PAIR.finditer(text):
        for group in ("n", "other"):
            yield Span(match.start(group), match.end(group), "ordinal", int(match[group]), Strength.ORDINAL)


def quantities(text: str) -> Iterator[Span]:
    """Counts in lower-cased text, as integers. Zero is one too: "make it 0" removes."""
    bare = _BARE.fullmatch(text)
    if bare:
        yield from _quantity(bare, text, most=_BARE_TO)
        return
    for match in _CORRECTED.finditer(text):
        group = "n" if match["n"] else "but"
        yield from _quantity(match, text, group=group)
    for pattern in _QUANTITIES:
        for match in pattern.finditer(text):
            before = text[: match.start("n")]
            if _NOT.search(before) or (match[0].endswith("times") and _TOLD.search(before)):
                continue
            if match["n"] == "one" and _ONE_IS_A_PRONOUN.search(text[: match.start("n")]):
                continue
            yield from _quantity(match, text)
    for match in _DOZEN.finditer(text):
        count = 2 if match["word"] != "dozen" else 6 if match["half"] else 12
        yield Span(match.start(), match.end(), "quantity", count, Strength.QUANTITY)


def counted(text: str, start: int) -> Span | None:
    """The count directly before a category or product that begins at `start`: "two laptops", "3 x Fjell 13"."""
    match = re.search(
        rf"(?<![\w.,#-])(?P<n>{_COUNT})(?: ?x)? (?:of (?:the|your|those|these) )?[\"']?$", text[:start]
    )
    if match is None or (match["n"] == "one" and _ONE_IS_A_PRONOUN.search(text[: match.start("n")])):
        return None
    return next(_quantity(match, text), None)


def pointed(text: str, start: int) -> Span | None:
    """The position directly before a category that begins at `start`: "the third charger"."""
    match = re.search(rf"(?<!\w)(?:the|that|your|this) (?P<ord>{_ORD}) $", text[:start])
    if match is None:
        return None
    return Span(match.start(), match.end() - 1, "ordinal", _ORDINALS[match["ord"]], Strength.ORDINAL)


def _quantity(match: re.Match[str], text: str, *, most: int = 999, group: str = "n") -> Iterator[Span]:
    said = match[group]
    count = int(said) if said.isdigit() else number_word(said)
    if count is not None and count <= most:
        yield Span(match.start(group), match.end(group), "quantity", count, Strength.QUANTITY)
