"""Reading contact details out of what somebody typed: a name, an e-mail address, a phone number, an address.

Pure functions. Each gives the value in the form in which it is kept, or None.
"""

from __future__ import annotations

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from crm.people import readable_phone as readable_phone

LONGEST_NAME = 80
LONGEST_ADDRESS = 300
SHORTEST_ADDRESS = 8
EMAIL = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"'@]+", re.IGNORECASE)
SPELLED_EMAIL = re.compile(
    r"\b([\w.+-]+)\s+(?:at|\(at\)|\[at\])\s+([\w-]+(?:\s*(?:dot|\.)\s*[\w-]+)+)\b", re.IGNORECASE
)
PHONE = re.compile(r"\+?\(?\d[\d\s()./-]{5,}\d")
NAME_LEAD = re.compile(
    r"^\W*(?:(?:hi|hello|hey|ok|okay|sure|yes|well|no|sorry|wait|actually|oh)\b\W*)*"
    r"(?:(?:(?:and )?(?:(?:change|correct|update|put) )?(?:my |the |full )?(?:full )?name(?:'s| is| should be| to)?"
    r"(?: now)?|i am|i'm|im|it's|its|it is|this is|call me|for|put(?: it)? on|(?:it )?should (?:be|say|read))\b\W*)*",
    re.IGNORECASE,
)
NAME_WORD = re.compile(r"[^\W\d_]+(?:[-'’.][^\W\d_]*)*\.?")
# Words of questions, orders and small talk: somebody who types one of these isn't giving a name.
_NOT_NAMES = """
a about add agent an and another anything are assistant back basket bot brand buy bye call can cancel cart
change cheaper checkout confirm cost could delete deliver delivery did do does don't e-mail email empty
expensive explain find forget get go good goodbye guarantee hello help hey hi how human i idea if is it know
later laptop leave make many me more morning much my need never no nope not nothing nvm of ok okay order pay
payment people person phone please price quantity quit rather remove restart return returns say see sell sense
shipping show skip some someone something stop store sure thank thanks that the this to track true two undo
use useless wait want warranty was what when where which who whose why will with wrong yeah yep yes you your
"""
NOT_A_NAME = frozenset(_NOT_NAMES.split())
ADDRESS_LEAD = re.compile(
    r"^\W*(?:(?:ok|okay|sure|yes|no|sorry|and|but|well|please|actually|rather|wait|oh)\b\W*)*"
    r"(?:(?:(?:please )?(?:deliver|send|ship|bring)(?: (?:it|them|that|everything))? to"
    r"|(?:(?:use|take|change|correct|update) )?(?:my |the |a |an |our )?(?:delivery |shipping )?"
    r"(?:new |other |another |different |correct |right )?(?:delivery |shipping )?address(?: is| to|'s)?(?: now)?"
    r"|(?:should|must|has to) be|it's|its|it is|i live (?:at|in)(?: the)?|we live (?:at|in)(?: the)?|to)\b[\s:,]*)*",
    re.IGNORECASE,
)
PLACE = re.compile(r"^Map location (-?\d{1,3}\.\d+, -?\d{1,3}\.\d+)$")
QUESTION = re.compile(
    r"^\W*(?:what|when|where|why|who|which|how|can|could|do|does|is|are|will|would|should|may)\b",
    re.IGNORECASE,
)
STREET = re.compile(
    r"(stra(ß|ss)e|str\.|\bstreet\b|\bst\b|\broad\b|\brd\b|\blane\b|\bavenue\b|\bave\b|\bsquare\b|\bplatz\b|\bgasse\b|gasse\b|weg\b|"
    r"\brue\b|\bvia\b|\bcalle\b|\bdrive\b|\bplace\b|\bboulevard\b|\ballee\b|laan\b|straat\b|\bplaza\b|\bavenida\b|\bcourt\b|\bclose\b|\bway\b)",
    re.IGNORECASE,
)
# "10115 Berlin", and a house's number somewhere else: "not 2500 euros" is none.
POSTCODE_AND_PLACE = re.compile(
    r"\d\D+\b\d{4,5} (?!eur|dollar|pound|buck)[^\W\d_]{3,}|\b\d{4,5} (?!eur|dollar|pound|buck)[^\W\d_]{3,}\D+\d",
    re.IGNORECASE,
)


def email(text: str) -> str | None:
    """The e-mail address in `text`, normalised; also written as "anna at example dot org"."""
    match = EMAIL.search(text)
    candidate = match.group().rstrip(".!?") if match else None
    if candidate is None and (spelled := SPELLED_EMAIL.search(text)):
        candidate = f"{spelled[1]}@" + re.sub(r"\s*(?:\bdot\b|\.)\s*", ".", spelled[2])
    if candidate is None:
        return None
    try:
        return validate_email(candidate, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def looks_like_email(text: str) -> bool:
    """True when somebody tried to give an address, whether or not it is one."""
    return "@" in text or SPELLED_EMAIL.search(text) is not None


def phone(text: str, *, region: str | None = None) -> str | None:
    """The phone number in `text` as E.164; one without a country code counts in `region`."""
    for match in phonenumbers.PhoneNumberMatcher(text, region or "ZZ"):
        return str(phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164))
    return None


def looks_like_phone(text: str) -> bool:
    return PHONE.search(text) is not None


def without_contacts(text: str) -> str:
    """The text without e-mail addresses and phone numbers in it."""
    return re.sub(r"\s{2,}", " ", PHONE.sub(" ", EMAIL.sub(" ", text))).strip(" ,;|/-\n")


def name(text: str) -> str | None:
    """The person's name in an answer such as "it's anna maier" or "Anna Maier, anna@example.org"."""
    rest = NAME_LEAD.sub("", without_contacts(text)).strip(" ,;.!\n")
    rest = re.split(r"[,;\n]|\s+(?:and|my)\s+", rest, maxsplit=1)[0].strip()
    words = rest.split()
    if not words or len(words) > 6 or len(rest) > LONGEST_NAME:
        return None
    if not all(NAME_WORD.fullmatch(word) for word in words):
        return None
    if any(word.lower().replace("’", "'") in NOT_A_NAME for word in words) or len(rest) < 2:
        return None
    return " ".join(word if not word.islower() else word.title() for word in words)


def place(text: str) -> str | None:
    """Latitude and longitude of a place that was shared from a map. A courier needs the address as well."""
    found = PLACE.match(text.strip())
    return found[1] if found else None


TITLE = re.compile(
    r"^(mrs?|ms|miss|mx|sir|madam|dr|prof(essor)?|doctor|pastor|father|rev(erend)?|herr|frau|mme|mlle|se.or|se.ora)\.?$",
    re.IGNORECASE,
)


def first_name(full: str) -> str:
    """How somebody is addressed: by the first name, or with the title and the last one."""
    words = full.split()
    if len(words) > 1 and TITLE.match(words[0]):
        return f"{words[0]} {words[-1]}"
    return words[0]


def address(text: str) -> str | None:
    """A delivery address: at least a street, a number and a place."""
    if place(text):
        return None
    rest = ADDRESS_LEAD.sub("", text.strip()).strip(" ,;\n").rstrip(".")
    rest = re.sub(r"\s*\n\s*", ", ", rest)
    if not SHORTEST_ADDRESS <= len(rest) <= LONGEST_ADDRESS:
        return None
    letters = re.findall(r"[^\W\d_]{2,}", rest)
    if len(letters) < 2 or not re.search(r"\d", rest):
        return None
    return rest


def is_clearly_address(text: str) -> bool:
    """True when the text reads as an address whatever else it might mean."""
    if address(text) is None or is_question(text) or EMAIL.search(text):
        return False
    return bool(
        STREET.search(text)
        or POSTCODE_AND_PLACE.search(text)
        or re.search(r"[^\W\d_]+\s+\d+\w?\s*[,\n]", text)
    )


def is_question(text: str) -> bool:
    return text.rstrip().endswith("?") or QUESTION.match(text) is not None
