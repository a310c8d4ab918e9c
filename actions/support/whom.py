"""Whom a rep means: an e-mail address, an order's number, a name, a button, or the person last talked about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from actions.support import fields
from actions.support.own_order import order_number
from actions.support.reply import Reply, button, say, set_slots
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.services.reps import people
from crm.services.reps.views import Person

SLOT = "rep_person"
MOST_OFFERED = 4
MOST_GUESSED = 8
NO_REPLY = Reply()
PRONOUN = re.compile(r"\b(she|her|hers|he|him|his|they|them|their|theirs)\b", re.IGNORECASE)
# A name stands behind these more often than elsewhere.
CUES = frozenset(
    {
        "for",
        "of",
        "about",
        "on",
        "is",
        "was",
        "whos",
        "with",
        "from",
        "did",
        "does",
        "has",
        "by",
        "called",
        "named",
    }
    | {"contact", "customer", "lookup", "profile"}
)
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
# What stands between names in what reps type; no name is looked for in these.
_NOT_NAMES = """
a about account add all also an and any anybody anyone anything are as ask asked at back be been before bought buy buys
by call called can card cart chat client clients close closed comment contact contacted contacts could crm customer
customers data deal deals delivery detail details did do does done dont e eur euro euros everything ever far file
find first for from get give gave go going good got had has have he help her here hers hi him his history how i idea
ideas if in info information into is it its jot keep know known last late lead leads leave left let like likes list
log look looking lookup made mail mark me memo mine mood more most mr mrs ms much my name named need needs new next no
not note notes number of off offer offers on one open or order ordered orders our over owner paid parcel past pay
person phone pipeline please pls product profile propose purchase purchased purchases put qualified qualify query
quote recommend recommendation record remark remember rep returned said sale save saying search see sell she shipped
should show so some somebody someone something spent status store suggest take tell than that the their them there they
thing this to today total track under up us was way we were what whats when where which who whos whose will with would
write wrote you your below above around between budget cheaper
"""
NOT_NAMES = frozenset(_NOT_NAMES.split())


@dataclass(frozen=True, slots=True)
class Whom:
    """The person, or what to answer because it isn't clear who is meant."""

    person: Person | None
    question: Reply = NO_REPLY


async def whom(turn: Turn, uow: UnitOfWork, words: str | None = None) -> Whom:
    """Whom `words` (the message, if not given) are about. Several of a name are offered as buttons."""
    text = turn.words if words is None else words
    if turn.choice is not None and (chosen := await _known(uow, turn.choice)):
        return Whom(chosen)
    said = turn.value("email")
    address = fields.email(said if isinstance(said, str) else text)
    if address:
        return _one_of(turn, await people.with_email(uow, address), address)
    if number := order_number(turn) or order_number_in(text):
        try:
            return Whom(await people.of_order(uow, number))
        except NotFound:
            return Whom(None, say(f"There is no order {number}."))
    missed = ""
    for guess in guesses(text):
        found = await people.named(uow, guess, limit=MOST_OFFERED + 1)
        if found:
            return _one_of(turn, found, " ".join(guess))
        missed = missed or " ".join(guess)
    last = turn.slot(SLOT)
    if isinstance(last, str) and (PRONOUN.search(text) or not missed) and (known := await _known(uow, last)):
        return Whom(known)
    if missed:
        return Whom(
            None, say(f"I don't know a customer called “{missed}”. An e-mail address finds them surely.")
        )
    return Whom(None, say("Whom do you mean? A name, an e-mail address or an order number tells me."))


def remembered(person: Person) -> Reply:
    """So that "she" is understood next time."""
    return Reply(events=set_slots(**{SLOT: person.id}))


def order_number_in(text: str) -> str | None:
    """The order number in words that the pipeline hasn't read."""
    return order_number(Turn("", "", text=text))


def guesses(text: str) -> Iterator[tuple[str, ...]]:
    """What may be a name, the likeliest first: what follows "for" or "is", what has an 's, then any other word."""
    text = re.sub(r"[’']s\b", "", fields.without_contacts(text))
    runs = list(_runs(text))
    cued = [run for start, run in runs if _last_word(text[:start]) in CUES]
    whole = [*cued, *(run for _, run in runs)]
    yield from list(dict.fromkeys([*whole, *((word,) for run in whole for word in run)]))[:MOST_GUESSED]


def _last_word(text: str) -> str:
    words = WORD.findall(text[-20:])
    return words[-1].casefold() if words else ""


def _runs(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Consecutive words that may be parts of one name, with where they begin."""
    run: list[str] = []
    start = end = 0
    for match in WORD.finditer(text):
        is_name = match[0].casefold() not in NOT_NAMES and len(match[0]) > 1
        joined = bool(run) and not text[end : match.start()].strip(" .")
        if run and not (is_name and joined and len(run) < 3):
            yield start, tuple(run)
            run = []
        if is_name:
            start = match.start() if not run else start
            run.append(match[0].lower())
        end = match.end()
    if run:
        yield start, tuple(run)


def _one_of(turn: Turn, found: tuple[Person, ...], asked: str) -> Whom:
    if not found:
        return Whom(None, say(f"Nobody with the address {asked} is known to us."))
    if len(found) == 1:
        return Whom(found[0])
    offered = [
        button(_label(person), turn.intent or "rep_contact", choice=person.id, said=turn.words)
        for person in found[:MOST_OFFERED]
    ]
    more = " Some more go by that name; an e-mail address is clearer." if len(found) > MOST_OFFERED else ""
    return Whom(None, say(f"Which one do you mean?{more}", *offered))


def _label(person: Person) -> str:
    known = " · ".join(part for part in (person.name, person.email or person.phone) if part)
    return known[:75] or f"a customer since {person.since:%-d %B %Y}"


async def _known(uow: UnitOfWork, contact_id: str) -> Person | None:
    try:
        return await people.get(uow, contact_id)
    except NotFound:
        return None
