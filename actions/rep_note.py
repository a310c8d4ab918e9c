"""A note about a customer, for colleagues. It is read back before it is kept."""

from __future__ import annotations

import re

from actions.support.rep import LEAD, RepAction
from actions.support.reply import Reply, button, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from actions.support.whom import remembered, whom
from crm.database import UnitOfWork
from crm.services.reps import leads, notes, people
from crm.services.reps.views import Person
from crm.services.users import UserView
from parley.bootstrap import ActionsContext

HOW = "Write it like this: note for Dana: wants the quote by Friday."
# What stands between whom a note is about and what it says.
BORDER = re.compile(r"\s*(?::|\s[-–—]\s|,?\s\b(?:that|saying)\b)\s*", re.IGNORECASE)
BLANK = re.compile(r"^\W*(?:note|notes|memo|remark)?\W*(?:that)?\W*$", re.IGNORECASE)


class RepNote(RepAction):
    """Finds whom it is about and what it says, and asks back."""

    action = "action_rep_note"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        head, text = parts(turn.words)
        person, question = await _about(turn, uow, asker, head)
        if person is None:
            return question
        if not text:
            return say(f"What shall I note about {person.name}? {HOW}").then(remembered(person))
        return say(
            f"Note about {person.name or person.email}: “{text}”. Keep it?",
            button("Yes, keep it", "rep_affirm"),
            button("No", "rep_deny"),
            events=set_slots(
                offer={"kind": "rep_note", "contact": person.id, "text": text[: notes.NOTE_LENGTH]},
                rep_person=person.id,
            ),
        )


async def keep_note(turn: Turn, uow: UnitOfWork, asker: UserView) -> Reply:
    """Keep the note, after a yes."""
    offer = turn.slot("offer")
    person = await notes.add(uow, str(offer["contact"]), str(offer["text"]), asker=asker)
    return say(f"Noted about {person.name or person.email}.")


def parts(text: str) -> tuple[str, str]:
    """What comes before the border, which says whom it is about, and the note itself.

    "note: she has a dog" names nobody before the border; where there is no border, all of it says whom.
    """
    border = BORDER.search(text)
    if border is None:
        return text, _after_name(text)
    return text[: border.start()], text[border.end() :].strip(' "“”')


def _after_name(text: str) -> str:
    """ "note for jonas he'll pay by transfer": what follows the name of one word."""
    found = re.match(
        r"^\W*(?:(?:please|pls|can you|could you|add|leave|make|keep|put|a|in|take|down)\s+)*"
        r"(?:note|memo|remark|comment)s?\s+(?:for|on|about|to|with)\s+(?:lead\s+#?\d+|\S+)[,.]?\s+(.{6,})$",
        text,
        re.IGNORECASE | re.DOTALL,
    )
    return found[1].strip() if found else ""


async def _about(turn: Turn, uow: UnitOfWork, asker: UserView, head: str) -> tuple[Person | None, Reply]:
    number = LEAD.search(head)
    if number and turn.choice is None:
        lead = await leads.get(uow, int(number[1]), asker=asker)
        return await people.get(uow, lead.contact_id), Reply()
    meant = await whom(turn, uow, "she" if BLANK.match(head) else head)
    if meant.person is None and not meant.question.messages:
        return None, say(HOW)
    return meant.person, meant.question


USE_CASE = UseCase(readings={"rep_note": Reading("Leave a note")}, changes={"rep_note": keep_note})
