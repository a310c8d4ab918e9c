"""Postal addresses: a street with its number, and the postcode, town and country that follow.

Streets are told by their last or first word ("Baker Street", "Lindenweg", "rue de la Paix"), in the order of the
country: the number stands before or behind. Words that mean other things too ("drive", "place") count in capitals only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.entities.numerals import has_digit
from components.entities.spans import Span, Strength

_SURE = r"street|road|avenue|lane|boulevard|blvd|crescent|terrace|mews|parkway"
_UNSURE = (
    r"St\.?|Rd\.?|Ave\.?|Ln\.?|Drive|Dr\.|Place|Pl\.?|Way|Court|Ct\.?|Close|Square|Sq\.?|Hill|Gardens|Park|Row|Quay|"
    r"Green|Highway|Walk|Grove"
)
_NAME = r"[^\W\d_][\w'’.-]*"
_CAPITAL = r"[A-ZÄÖÜÉÅØ][\w'’.-]*"
_NO = r"\d{1,5}(?: ?[a-zA-Z](?![\w]))?(?:[-/]\d{1,4}[a-zA-Z]?)?"
_GERMAN = (
    r"stra(?:ss|ß)e|str\.|str\b|weg|allee|platz|gasse|ring|damm|ufer|chaussee|markt|steig|stieg|graben|"
    r"straat|laan|gracht|plein|kade|gatan|vägen|vej|gade"
)
_BEFORE = (
    r"rue|avenue|boulevard|chemin|quai|impasse|allée|via|viale|piazza|corso|calle|avenida|plaza|carrer|rua|ulica|"
    r"ul\."
)

_STREETS = (
    re.compile(rf"(?<![\w.,-]){_NO},? (?:{_NAME} ){{1,4}}?(?i:{_SURE})(?![\w])"),
    re.compile(
        rf"(?<![\w.,-]){_NO},? (?:(?!(?:[Hh]ard|[Ff]lash|[Uu][Ss][Bb]) ){_CAPITAL} ){{1,4}}?(?:{_UNSURE})(?![\w])"
    ),
    re.compile(rf"(?<![\w-])(?i:\w[\w.-]*(?:{_GERMAN})) {_NO}(?![\w%€$])"),
    re.compile(rf"(?<![\w-])[A-ZÄÖÜ][\w.-]+[ -](?i:{_GERMAN}) {_NO}(?![\w%€$])"),
    re.compile(
        rf"(?<![\w-])(?:Am|An der|An den|Auf der|Auf dem|Im|In der|Zum|Zur|Unter den|Beim) "
        rf"[A-ZÄÖÜ][\w-]+(?: [A-ZÄÖÜ][\w-]+)? {_NO}(?![\w%€$])"
    ),
    re.compile(
        rf"(?<![\w.,-]){_NO},? (?:bis |ter )?(?i:{_BEFORE}) "
        rf"(?:(?:de|du|des|la|le|les|l'|d'|del|della|dei|di) ?){{0,3}}{_NAME}(?: [A-ZÉÈÀÂÎ][\w'-]+){{0,3}}"
    ),
    re.compile(
        rf"(?<![\w-])(?i:{_BEFORE}) "
        rf"(?:(?:de|del|della|dei|di|las?|los|da|do) ){{0,3}}(?:{_NAME},? ){{1,4}}{_NO}(?![\w%€$])"
    ),
)
_POSTCODE = (
    r"(?:[A-Z]{1,2}-)?\d{4,5}(?: [A-Z]{2}(?![\w]))?|\d{3} \d{2}|\d{2}-\d{3}|"
    r"(?i:[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})|[A-Z]{2} \d{5}"
)
_UNIT = (
    r"(?i:(?:apt|apartment|flat|unit|suite|floor|room|top|no)\.? ?#?\w{1,4}|\d(?:st|nd|rd|th) floor|#\w{1,4})"
)
_NOT_A_TOWN = (
    r"(?!(?i:and|my|please|pls|thanks|thank|it|is|the|i|i'm|for|to|with|but|because|or|by|at|on|if|can|could|that|name|phone|"
    r"tel|mail|e-mail|email|call|not|instead|as|this|tomorrow|today|next|from|when|ring|where|until|so|we|you|cheers)(?!\w))"
)
_LETTERS = r"[A-ZÄÖÜÉÅØ](?:[^\W\d_]|['’.-])*"
_OVER = r"(?:(?:am|an der|ob der|im|upon|on|sur|de|la|del|sous|les|in) )?"
_TOWN = rf"{_NOT_A_TOWN}{_LETTERS}(?:[ -]{_OVER}{_NOT_A_TOWN}{_LETTERS}){{0,3}}"
_LOWER_TOWN = rf"{_NOT_A_TOWN}[^\W\d_]{{3,}}(?:[ -]{_NOT_A_TOWN}[^\W\d_]{{3,}}(?![\w]))?(?![\w])"
_MORE = re.compile(rf"(?:\s*,\s*|\s+in\s+|\s+)(?:{_UNIT}|{_POSTCODE}|{_TOWN})(?![\w@])")
_MORE_LOWER = re.compile(
    rf"(?:\s*,\s*(?:{_LOWER_TOWN})|\s*,?\s+(?:{_POSTCODE})(?:\s+{_LOWER_TOWN})?|\s+in\s+{_LOWER_TOWN})(?![\w@])"
)
_PARTS = 5


def addresses(text: str) -> Iterator[Span]:
    """In the original text; the value is the address on one line."""
    if not has_digit(text):
        return
    for pattern in _STREETS:
        for match in pattern.finditer(text):
            end = _end(text, match[0], match.end())
            value = re.sub(r"\s*\n\s*", ", ", text[match.start() : end].strip(" ,"))
            yield Span(match.start(), end, "address", re.sub(r"\s+", " ", value), Strength.ADDRESS)


def _end(text: str, street: str, end: int) -> int:
    """Where the address ends that has a street up to `end`."""
    more = _MORE_LOWER if street.islower() else _MORE
    for _ in range(_PARTS):
        match = more.match(text, end)
        if match is None:
            break
        end = match.end()
    return end - (text[end - 1] in ".,")
