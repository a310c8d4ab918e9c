"""Leads, for reps: what is new, one in full, taking one, moving one on. Changes are asked back first."""

from __future__ import annotations

import re

from actions.support import fields
from actions.support.lead_words import MINE, looked_at, since, status_in
from actions.support.rep import LEAD, RepAction, ago, lead_number
from actions.support.reply import Reply, button, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from actions.support.whom import whom
from crm.database import UnitOfWork
from crm.errors import AlreadyClaimed
from crm.services.reps import leads
from crm.services.reps.views import Lead
from crm.services.users import UserView
from parley.bootstrap import ActionsContext

NO_NEW = "No new leads"


class RepLeads(RepAction):
    """One lead in full when a number is named, else the new ones or the asker's own."""

    action = "action_rep_leads"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        named = LEAD.search(turn.words) or re.fullmatch(r"\W*(\d{1,7})\W*", turn.words)
        if turn.choice is not None and turn.choice.isdigit():
            return shown(await leads.get(uow, int(turn.choice), asker=asker), uow)
        if named:
            return shown(await leads.get(uow, int(named[1]), asker=asker), uow)
        if MINE.search(turn.words):
            own = await leads.mine(uow, asker=asker)
            return listed_leads(own, uow, "Your leads", "You have no open leads.")
        now, first = uow.now(), since(turn, uow.now())
        found = await leads.new(uow, asker=asker, since=first)
        when = ""
        if first is not None:
            when = " today" if first.date() == now.date() else f" since {first:%A, %-d %B}"
        return listed_leads(found, uow, f"New leads{when}", f"{NO_NEW}{when}.")


class RepMarkLead(RepAction):
    """Asks back before a lead's status is changed."""

    action = "action_rep_mark_lead"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        if number := looked_at(turn):
            return shown(await leads.get(uow, number, asker=asker), uow)
        status = status_in(turn.words)
        lead = await _meant(turn, uow, asker)
        if isinstance(lead, Reply):
            return lead
        if status is None:
            choices = [
                button(one.capitalize(), "rep_mark_lead", said=f"mark lead {lead.number} {one}")
                for one in ("contacted", "qualified", "closed")
            ]
            return say(f"What shall lead {lead.number} ({lead.name}) be marked as?", *choices)
        if lead.status == status:
            return say(f"Lead {lead.number} ({lead.name}) is {status} already.")
        return say(
            f"Mark lead {lead.number} ({lead.name}) as {status}? It is {lead.status} now.",
            button("Yes, mark it", "rep_affirm"),
            button("No", "rep_deny"),
            events=set_slots(
                offer={"kind": "rep_mark_lead", "lead": lead.number, "status": status}, rep_lead=lead.number
            ),
        )


class RepTakeLead(RepAction):
    """Asks back before a lead is given to the asker."""

    action = "action_rep_take_lead"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        if number := looked_at(turn):
            return shown(await leads.get(uow, number, asker=asker), uow)
        lead = await _meant(turn, uow, asker)
        if isinstance(lead, Reply):
            return lead
        if lead.owner_id == asker.id:
            return say(f"Lead {lead.number} ({lead.name}) is yours already.")
        if lead.owner_id is not None:
            raise AlreadyClaimed(lead.owner or "somebody else")
        return say(
            f"Take lead {lead.number} ({lead.name})?",
            button("Yes, it's mine", "rep_affirm"),
            button("No", "rep_deny"),
            events=set_slots(offer={"kind": "rep_take_lead", "lead": lead.number}, rep_lead=lead.number),
        )


async def mark_lead(turn: Turn, uow: UnitOfWork, asker: UserView) -> Reply:
    """Change the status, after a yes."""
    offer = turn.slot("offer")
    lead = await leads.mark(uow, int(offer["lead"]), str(offer["status"]), asker=asker)
    return say(f"Done: lead {lead.number} ({lead.name}) is {lead.status}, and {_whose(lead, asker)}.")


async def take_lead(turn: Turn, uow: UnitOfWork, asker: UserView) -> Reply:
    """Give the lead to the asker, after a yes; the first of two wins."""
    lead = await leads.get(uow, int(turn.slot("offer")["lead"]), asker=asker)
    lead = await leads.take(uow, lead.id, asker=asker)
    return say(f"Lead {lead.number} ({lead.name}) is yours.\n{_reach(lead)}")


def shown(lead: Lead, uow: UnitOfWork) -> Reply:
    """A lead in full, with what can be done next."""
    choices = [
        button(one.capitalize(), "rep_mark_lead", said=f"mark lead {lead.number} {one}")
        for one in ("contacted", "qualified", "closed")
        if one != lead.status
    ]
    if lead.owner_id is None:
        choices.insert(0, button("Take it", "rep_take_lead", said=f"take lead {lead.number}"))
    owner, when = lead.owner or "nobody has it yet", ago(lead.created_at, uow.now())
    lines = [
        f"Lead {lead.number}: {lead.name}, {lead.status}, {owner}, {when}",
        _reach(lead),
        f"Wants: {lead.needs}" if lead.needs else "Nothing is known of what they need.",
    ]
    return say(
        "\n".join(lines), *choices[:4], events=set_slots(rep_lead=lead.number, rep_person=lead.contact_id)
    )


def listed_leads(found: tuple[Lead, ...], uow: UnitOfWork, heading: str, nothing: str) -> Reply:
    """Leads in a line each, with buttons for the first of them."""
    if not found:
        return say(nothing)
    lines = [f"{heading}: {len(found)}"]
    for lead in found:
        needs = f": {lead.needs[:120]}" if lead.needs else ""
        owner = f", {lead.owner}" if lead.owner else ""
        lines.append(
            f"• {lead.number} {lead.name}, {lead.status}{owner}, {ago(lead.created_at, uow.now())}{needs}"
        )
    choices = [button(f"Lead {lead.number}", "rep_leads", choice=str(lead.number)) for lead in found[:5]]
    return say("\n".join(lines), *choices)


async def _meant(turn: Turn, uow: UnitOfWork, asker: UserView) -> Lead | Reply:
    number = lead_number(turn)
    if number is not None:
        return await leads.get(uow, number, asker=asker)
    meant = await whom(turn, uow)
    if meant.person is None:
        return say("Which lead? Its number is in the list: “new leads”.", button("New leads", "rep_leads"))
    known = [
        lead for lead in await leads.of_contact(uow, meant.person.id, asker=asker) if lead.status != "closed"
    ]
    if len(known) == 1:
        return known[0]
    if not known:
        return say(f"{meant.person.name} has no open lead that you can see.")
    return listed_leads(tuple(known), uow, f"{meant.person.name}'s leads", "")


def _reach(lead: Lead) -> str:
    phone = fields.readable_phone(lead.phone) if lead.phone else None
    return "Reach them at " + " or ".join(way for way in (phone, lead.email) if way)


def _whose(lead: Lead, asker: UserView) -> str:
    return "it is yours" if lead.owner_id == asker.id else f"{lead.owner} has it"


USE_CASE = UseCase(
    readings={
        "rep_leads": Reading("New leads"),
        "rep_mark_lead": Reading("Mark a lead"),
        "rep_take_lead": Reading("Take a lead"),
    },
    changes={"rep_mark_lead": mark_lead, "rep_take_lead": take_lead},
)
