"""Deals and their way through the pipeline; every step is kept."""

from decimal import Decimal

from sqlalchemy import select

from crm.database import UnitOfWork
from crm.model.order import Order
from crm.model.quote import Quote
from crm.model.sales import Deal, DealStageChange
from crm.pipeline import CLOSED, FIRST_STAGE, LOST, PROBABILITY, PROPOSAL, WON


async def open_for_lead(uow: UnitOfWork, *, lead_id: str, contact_id: str, conversation_id: str) -> Deal:
    """A new deal in the first stage, for somebody who asked to be contacted."""
    deal = Deal(
        contact_id=contact_id,
        conversation_id=conversation_id,
        lead_id=lead_id,
        currency=uow.policy.currency,
        created_at=uow.now(),
    )
    await _move(uow, deal, FIRST_STAGE)
    return deal


async def propose(uow: UnitOfWork, quote: Quote) -> Deal:
    """The deal that a quote is about: the conversation's open one, else a new one, now worth the quote's total.

    A deal that is further on already (in negotiation) stays there.
    """
    deal = await _open_one(uow, quote.conversation_id, quote.contact_id)
    if deal is None:
        deal = Deal(contact_id=quote.contact_id, conversation_id=quote.conversation_id, created_at=uow.now())
    deal.amount = Decimal(quote.total)
    deal.currency = quote.currency
    ahead = deal.stage is not None and PROBABILITY[deal.stage] >= PROBABILITY[PROPOSAL]
    if ahead:
        deal.updated_at = uow.now()
        await uow.session.flush()
    else:
        await _move(uow, deal, PROPOSAL)
    return deal


async def win(uow: UnitOfWork, order: Order) -> Deal:
    """The deal that an order wins: the conversation's open one, else a new one."""
    deal = await _open_one(uow, order.conversation_id, order.contact_id)
    if deal is None:
        deal = Deal(contact_id=order.contact_id, conversation_id=order.conversation_id, created_at=uow.now())
    deal.order_id = order.id
    deal.amount = Decimal(order.total)
    deal.currency = order.currency
    await _move(uow, deal, WON)
    return deal


async def adjust_order(uow: UnitOfWork, order: Order) -> None:
    """The deal of a changed order is worth what the order is."""
    deal = await uow.session.scalar(select(Deal).where(Deal.order_id == order.id))
    if deal is not None:
        deal.amount = order.total
        deal.updated_at = uow.now()


async def lose_order(uow: UnitOfWork, order_id: str) -> None:
    """The deal of a cancelled order is lost after all."""
    deal = await uow.session.scalar(select(Deal).where(Deal.order_id == order_id))
    if deal is not None:
        await _move(uow, deal, LOST)


async def _open_one(uow: UnitOfWork, conversation_id: str | None, contact_id: str) -> Deal | None:
    """The oldest deal of the conversation and its contact that is neither won nor lost."""
    mine = (Deal.conversation_id == conversation_id, Deal.contact_id == contact_id)
    query = select(Deal).where(*mine, Deal.stage.not_in(CLOSED)).order_by(Deal.created_at).limit(1)
    found: Deal | None = await uow.session.scalar(query)
    return found


async def _move(uow: UnitOfWork, deal: Deal, stage: str) -> None:
    before = deal.stage
    deal.stage = stage
    deal.updated_at = uow.now()
    deal.closed_at = uow.now() if stage in CLOSED else None
    uow.session.add(deal)
    await uow.session.flush()
    uow.session.add(DealStageChange(deal_id=deal.id, before=before, after=stage, at=uow.now()))
