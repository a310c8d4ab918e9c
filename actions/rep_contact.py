"""Who is that? A person with what is known of them, for reps."""

from __future__ import annotations

from actions.support import fields
from actions.support.rep import RepAction, ago
from actions.support.reply import Reply, button, money, say
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from actions.support.whom import remembered, whom
from crm.database import UnitOfWork
from crm.services.reps import people
from crm.services.reps.views import Profile
from crm.services.users import UserView
from parley.bootstrap import ActionsContext


class RepContact(RepAction):
    """A person's card."""

    action = "action_rep_contact"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        meant = await whom(turn, uow)
        if meant.person is None:
            return meant.question
        profile = await people.profile(uow, meant.person.id, asker=asker)
        card = say(
            "\n".join(described(profile, uow)),
            button("Orders", "rep_orders", choice=meant.person.id),
            button("Recommend", "rep_recommend", choice=meant.person.id),
        )
        return card.then(remembered(meant.person))


def described(profile: Profile, uow: UnitOfWork) -> list[str]:
    """A profile in lines."""
    now, person = uow.now(), profile.person
    how = "verified" if person.verified else "as typed, not verified"
    lines = [f"{person.name or 'Somebody without a name'}, known since {person.since:%-d %B %Y}"]
    if person.email:
        lines.append(f"E-mail: {person.email} ({how})")
    if person.phone:
        lines.append(f"Phone: {fields.readable_phone(person.phone)}")
    if profile.orders:
        spent = money(profile.spent, profile.currency)
        last = f", the last {ago(profile.last_order, now)}" if profile.last_order else ""
        lines.append(f"Orders: {profile.orders} for {spent} in all{last}")
    else:
        lines.append("Orders: none yet")
    lines += [
        f"Lead {lead.number}: {lead.status}, {lead.owner or 'nobody has it'}" for lead in profile.leads[:3]
    ]
    if profile.hidden:
        lines.append(f"{profile.hidden} more with colleagues.")
    if profile.mood is not None and profile.mood <= -0.3:
        lines.append("Was annoyed in the last chat.")
    lines += [f"Note by {note.by}, {ago(note.at, now)}: {note.text}" for note in profile.notes]
    return lines


USE_CASE = UseCase(readings={"rep_contact": Reading("Who is that?")})
