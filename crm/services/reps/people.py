"""Finding a person and telling what is known of them.

An e-mail address finds everybody who typed it; nobody is merged for it. Names are compared word by word.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.contact import Contact
from crm.model.conversation import Conversation
from crm.model.history import Activity
from crm.model.order import Order
from crm.model.sales import Lead as LeadRow
from crm.model.user import User
from crm.people import email_key
from crm.services.contacts import NOTED
from crm.services.reps import leads
from crm.services.reps.views import Note, Person, Profile
from crm.services.users import UserView

NOT_BOUGHT = ("cancelled", "returned")
LONGEST_WORD = 60
WORDS = 4
LOOKED_THROUGH = 300
_PARTS = re.compile(r"[\s\-’'.]+")
_ACCENTED = frozenset("aceginoosuyzdlr")
NOTES = 3


async def with_email(uow: UnitOfWork, email: str, *, limit: int = 5) -> tuple[Person, ...]:
    """Everybody who gave this address, verified ones first."""
    return await _people(uow, func.lower(Contact.email) == email_key(email), limit)


async def named(uow: UnitOfWork, words: Sequence[str], *, limit: int = 5) -> tuple[Person, ...]:
    """Everybody whose name has all of these words, or words that begin so; the newest first.

    Accents and case don't count, as people type names without them. The databases fold neither alike, so they are
    asked for what may match and the rest is compared here.
    """
    wanted = [plain(word) for word in words if plain(word).strip()][:WORDS]
    if not wanted:
        return ()
    found = await _people(uow, and_(*(_may_have_word(word) for word in wanted)), LOOKED_THROUGH)
    return tuple(
        person
        for person in found
        if all(any(part.startswith(word) for part in _PARTS.split(plain(person.name))) for word in wanted)
    )[:limit]


def plain(text: str) -> str:
    """The text without accents, in lower case: Weiß is weiss, Hélène is helene."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


async def of_order(uow: UnitOfWork, number: str) -> Person:
    """Whoever placed the order. Raises NotFound."""
    found = await _people(
        uow, Contact.id == select(Order.contact_id).where(Order.number == number).scalar_subquery(), 1
    )
    if not found:
        raise NotFound("order", number)
    return found[0]


async def get(uow: UnitOfWork, contact_id: str) -> Person:
    """Raises NotFound, also for somebody who was erased."""
    found = await _people(uow, Contact.id == contact_id, 1)
    if not found:
        raise NotFound("contact", contact_id)
    return found[0]


async def profile(uow: UnitOfWork, contact_id: str, *, asker: UserView) -> Profile:
    """What is known of a person, as far as `asker` may see it. Raises NotFound."""
    person = await get(uow, contact_id)
    known = await leads.of_contact(uow, contact_id, asker=asker)
    every = await uow.session.scalar(
        select(func.count()).select_from(LeadRow).where(LeadRow.contact_id == contact_id)
    )
    count, spent, last = (
        await uow.session.execute(
            select(func.count(), func.sum(Order.total), func.max(Order.placed_at)).where(
                Order.contact_id == contact_id, Order.status.not_in(NOT_BOUGHT)
            )
        )
    ).one()
    talk = (
        await uow.session.execute(
            select(Conversation.id, Conversation.mood)
            .where(Conversation.contact_id == contact_id, Conversation.ended_at.is_(None))
            .order_by(Conversation.updated_at.desc())
            .limit(1)
        )
    ).one_or_none()
    return Profile(
        person=person,
        leads=known,
        orders=count,
        spent=Decimal(spent or 0),
        currency=uow.policy.currency,
        last_order=last,
        notes=await notes(uow, contact_id),
        conversation_id=talk.id if talk else None,
        mood=talk.mood if talk else None,
        hidden=int(every or 0) - len(known),
    )


async def notes(uow: UnitOfWork, contact_id: str, *, limit: int = NOTES) -> tuple[Note, ...]:
    """What colleagues wrote about a person, newest first."""
    rows = await uow.session.execute(
        select(Activity.data, User.name, Activity.at)
        .outerjoin(User, User.id == Activity.user_id)
        .where(Activity.contact_id == contact_id, Activity.kind == NOTED)
        .order_by(Activity.at.desc())
        .limit(limit)
    )
    return tuple(Note(str((data or {}).get("text", "")), by or "somebody", at) for data, by, at in rows)


async def _people(uow: UnitOfWork, condition: ColumnElement[bool], limit: int) -> tuple[Person, ...]:
    rows = await uow.session.scalars(
        select(Contact)
        .where(condition, Contact.erased_at.is_(None))
        .order_by(Contact.email_verified_at.is_(None), Contact.updated_at.desc(), Contact.id)
        .limit(limit)
    )
    return tuple(
        Person(
            id=row.id,
            name=row.name or "",
            email=row.email,
            phone=row.phone,
            verified=row.email_verified_at is not None,
            since=row.created_at,
        )
        for row in rows
    )


def _may_have_word(word: str) -> ColumnElement[bool]:
    """Whether a name may have it: letters that carry accents somewhere match any one letter."""
    pattern = "".join("_" if letter in _ACCENTED or not letter.isalnum() else letter for letter in word)
    pattern = pattern[:LONGEST_WORD].replace("__", "%")
    name = func.lower(Contact.name)
    return or_(name.like(f"{pattern}%"), name.like(f"% {pattern}%"), name.like(f"%-{pattern}%"))
