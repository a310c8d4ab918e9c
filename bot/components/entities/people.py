"""Names of people and companies, by what stands around them: "my name is …", "… GmbH", "regards, …".

No list of names is needed, and none would hold a customer's. A name without any sign of being one is left to the form
that asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.entities.spans import Span, Strength

_PARTICLE = r"(?:van|von|de|der|den|la|le|da|di|del|al|bin|ten|ter|zu|el|dos|du|st\.)"
_UPPER = r"[A-ZÄÖÜÅØÉÈÁÍÓÚÇÑŠŽŁ]"
_PROPER = rf"(?:(?:O'|D'|Mc|Mac)?{_UPPER}[^\W\d_]*(?:['’-][^\W\d_]+)*\.?)"
_PROPER_NAME = rf"{_PROPER}(?: (?:{_PARTICLE} ){{0,2}}{_PROPER}){{0,3}}"
_ANY = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_ANY_NAME = rf"{_ANY}(?: {_ANY}){{0,3}}"
_TITLE = r"(?:(?:[Mm]rs?|[Mm]s|[Dd]r|[Pp]rof|[Mm]iss|[Hh]err|[Ff]rau|[Ss]ir)\.?)"

_TELLS = re.compile(
    rf"(?i:\b(?:my (?:full |first |last |sur)?name(?:'s| is| ist|:)?|name's|(?:full |first |last )?name ?(?:is|:|=|-)|"
    rf"i am called|i'm called|under the name(?: of)?|in the name of|on the name|the name(?:'s| is)|"
    rf"recipient(?: is|:)|attn:?|c/o))\s+"
    rf"(?P<title>{_TITLE} )?(?P<name>{_ANY_NAME})"
)
_INTRODUCES = re.compile(
    rf"(?:^|[\s,.!;-])(?i:i am|i'm|im|this is|it's|its|it is|here is|here's|call me|ask for|speak to|talk to|"
    rf"addressed to|(?:parcel|order|delivery|gift|it) (?:is )?for|deliver(?:ed)? to|ship(?:ped)? to|made out to|"
    rf"send it to)\s+"
    rf"(?P<title>{_TITLE} )?(?P<name>{_PROPER_NAME})"
)
_SIGNS = re.compile(
    rf"(?i:\b(?:(?:kind |best |warm |many )?regards|best wishes|best|cheers|sincerely|greetings|yours|thanks|"
    rf"thank you|thx)),?\s*[\n,-]\s*(?P<name>{_PROPER_NAME})\s*[.!]?\s*$"
)
_TITLED = re.compile(rf"(?<!\w){_TITLE} (?P<name>{_PROPER_NAME})")
_HERE = re.compile(
    rf"^(?i:(?:hi|hello|hey|good (?:morning|evening|afternoon))[,!]? )?(?P<name>{_PROPER_NAME}) (?:here|speaking)\b"
)
_ALONE = re.compile(
    rf"^\s*(?P<name>{_PROPER} (?:(?:{_PARTICLE} ){{0,2}}{_PROPER})(?: {_PROPER})?)\s*(?P<after>$|[.!]?$|,)"
)

_STOP_WORDS = """
and or but my the a an is are was at from with to for of in on please pls thanks thank you i im i'm we it its it's here
speaking calling by so who that this not no yes ok okay hi hello hey good morning evening afternoon day night bye dear
sorry sure great nice cool hope can could would will want need have has had do does did looking interested what when
where why how which much many just only also as if then there your our their his her he she they me him them us live
living phone number email e-mail mail address order happy sad angry new old any some more less best better cheap
cheaper go going get got buy buying show find tell give let see call back later soon today tomorrow tonight now monday
tuesday wednesday thursday friday saturday sunday january february march april may june july august september october
november december next last first second third one two three four five because about correct wrong right fine all
everything nothing something someone anyone afraid writing trying having getting being asking working waiting done
over very really too still already again late early asap out off up down price black white red blue green yellow
silver grey gray gold laptop phone tablet camera tv
"""
_STOP = frozenset(_STOP_WORDS.split())
"""Words that end a name or are none."""

_SUFFIX = (
    r"(?i:gmbh(?: & co\.? ?kg)?|ltd\.?|limited|inc\.?|llc|llp|plc|corp\.?|corporation|sarl|s\.?r\.?l\.?|b\.v\.|bv|aps|"
    r"pty)|AG|SE|KG|OHG|UG|SA|S\.A\.|SAS|AB|Oy|A/S|e\.V\.|NV|N\.V\.|Co\.|& (?:Co|Sons|Partners?|Daughters)\.?"
)
_KIND = (
    r"University|School|College|Hospital|Studios?|Agency|Labs?|Logistics|Consulting|Solutions|Systems|Partners|Foundation|"
    r"Bank|Group|Holding|Industries|Architects|Bakery|Clinic|Hotels?|Media|Design|Software|Technologies|Engineering|Institute"
)
_FIRM_WORD = rf"(?:{_UPPER}[\w&.'’-]*|\d[\w-]*)"
_WITH_SUFFIX = re.compile(
    rf"(?<!\w)(?P<name>{_FIRM_WORD}(?:(?: &| and| und)? {_FIRM_WORD}){{0,3}},? (?:{_SUFFIX}))(?![\w])"
)
_LOWER_SUFFIX = re.compile(
    r"(?<!\w)(?P<name>[^\W\d_][\w-]+(?: (?:& )?[^\W\d_][\w-]+)? (?i:gmbh(?: & co\.? ?kg)?|ltd\.?|llc|inc\.?))(?![\w])"
)
_OF_KIND = re.compile(
    rf"(?<!\w)(?P<name>{_FIRM_WORD}(?:(?: &| and)? {_FIRM_WORD}){{0,2}} (?:{_KIND})|"
    rf"University of {_FIRM_WORD}(?: {_FIRM_WORD})?)(?!\w)"
)
_WORKS = re.compile(
    rf"(?i:\bwork(?:ing|s)? (?:for|at)|"
    rf"\b(?:my|our|the) (?:company|firm|employer|business|agency|startup|organi[sz]ation)(?:'s name)?"
    rf"(?:'s| is|:|,)(?: called| named)?|\bcompany(?: name)?(?: is| ?:| ?=)|\bon behalf of|"
    rf"\bwe(?:'re| are)(?: called)?(?= [A-Z])|\b(?:invoice|bill|made|make it|make the invoice|receipt)(?: out)? to|"
    rf"\bemployed (?:at|by))\s+(?:the |a company called )?"
    rf"(?P<name>{_FIRM_WORD}(?:(?: &| and)? {_FIRM_WORD}){{0,3}})"
)


def names(text: str) -> Iterator[Span]:
    """People, in the original text; a name in lower case is given its capitals."""
    for match in _TELLS.finditer(text):
        yield from _name(match, text)
    for pattern in (_INTRODUCES, _SIGNS, _TITLED, _HERE):
        for match in pattern.finditer(text):
            yield from _name(match, text)
    match = _ALONE.match(text)
    if match is None or any(word.lower() in _STOP for word in match["name"].split()):
        return
    if match["after"] != "," or re.search(r"[@\d]", text[match.end() :]):
        yield from _name(match, text, strength=Strength.NAME_ALONE)


def _name(match: re.Match[str], text: str, *, strength: int | None = None) -> Iterator[Span]:
    words = list(re.finditer(r"\S+", match["name"]))
    kept = 0
    for word in words:
        if word[0].lower().strip(".") in _STOP:
            break
        kept += 1
    if not kept or (kept == 1 and len(words[0][0].strip(".")) < 2):
        return
    start = match.start("name")
    end = start + words[kept - 1].end()
    said = text[start:end].rstrip(".!")
    value = said.title() if said.islower() else said
    yield Span(start, start + len(said), "name", value, Strength.NAME if strength is None else strength)


def companies(text: str) -> Iterator[Span]:
    """Companies, in the original text."""
    for pattern in (_WITH_SUFFIX, _WORKS):
        for match in pattern.finditer(text):
            yield from _company(match)
    for match in _OF_KIND.finditer(text):
        yield from _company(match, Strength.INSTITUTION)
    if text.islower():
        for match in _LOWER_SUFFIX.finditer(text):
            yield from _company(match)


def _company(match: re.Match[str], strength: int = Strength.COMPANY) -> Iterator[Span]:
    start, said = match.start("name"), match["name"]
    first = said.split()[0].lower()
    while first in _STOP and " " in said:
        said = said.split(" ", 1)[1]
        start, first = match.end("name") - len(said), said.split()[0].lower()
    said = said.rstrip(",!") if said.lower().rstrip(",!").endswith((".", "co.")) else said.rstrip(".,!")
    if first in _STOP or len(said) < 2:
        return
    yield Span(start, start + len(said), "company", said, strength)
