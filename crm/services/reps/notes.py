"""Notes about a person, for colleagues. They are the person's data: erasing the person erases them."""

from crm.database import UnitOfWork
from crm.model.history import Activity
from crm.people import checked_text
from crm.services import audit
from crm.services.contacts import NOTED
from crm.services.reps import people
from crm.services.reps.access import actor
from crm.services.reps.views import Person
from crm.services.users import UserView

NOTE_LENGTH = 1000


async def add(uow: UnitOfWork, contact_id: str, text: str, *, asker: UserView) -> Person:
    """Keep a note; answers whom it is about. Raises NotFound, InvalidInput."""
    person = await people.get(uow, contact_id)
    words = checked_text("note", text, NOTE_LENGTH)
    note = Activity(
        kind=NOTED,
        summary=f"{asker.name} left a note.",
        data={"text": words},
        contact_id=contact_id,
        user_id=asker.id,
        at=uow.now(),
    )
    uow.session.add(note)
    audit.record(uow, "contact.noted", f"contact:{contact_id}", actor=actor(asker))
    await uow.session.flush()
    return person
