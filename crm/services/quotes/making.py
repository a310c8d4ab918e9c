"""Making a quote: once per cause, at the prices of this moment."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from crm import quote_number
from crm.database import UnitOfWork
from crm.errors import InvalidInput
from crm.model.base import new_id
from crm.model.contact import Company, Contact
from crm.model.quote import Quote, QuoteLine
from crm.people import checked_email, checked_name, checked_text
from crm.sales_views import QuoteView
from crm.services import audit, contacts, deals
from crm.services.quotes.calculating import Calculation, Wanted, calculate
from crm.services.quotes.reading import one, view

COMPANY_LENGTH = 200


async def make(
    uow: UnitOfWork,
    conversation_id: str,
    wanted: Sequence[Wanted],
    *,
    name: str,
    email: str,
    company: str | None,
    cause: str,
) -> QuoteView:
    """Offer these products to the conversation's customer, valid for the shop's number of days.

    The same `cause` (message id) gives the same quote. The deal goes to the proposal stage with the quote's total.
    Raises what `calculate` raises and InvalidInput for the details; nothing is written then. Nothing is taken
    from stock: a quote promises a price.
    """
    name, email = checked_name(name), checked_email(email)
    company = checked_text("company", company, COMPANY_LENGTH) if company else None
    async with uow.session.begin_nested():
        # Holds the conversation's row, so that a repetition waits here and then finds the quote.
        contact_id = await contacts.of_conversation(uow, conversation_id, name=name, email=email, phone=None)
        earlier = await one(uow, Quote.cause == cause)
        if earlier is not None:
            if earlier.conversation_id != conversation_id:
                raise InvalidInput("cause", cause, "use the id of a message of this conversation")
            return await view(uow, earlier)
        sums = await calculate(uow, wanted)
        quote = await _new_quote(uow, sums)
        quote.name, quote.email, quote.company = name, email, company
        quote.conversation_id, quote.contact_id, quote.cause = conversation_id, contact_id, cause
        quote.company_id = await _company(uow, contact_id, company) if company else None
        uow.session.add(quote)
        await uow.session.flush()
        uow.session.add_all(_lines(quote.id, sums))
        await _note(uow, quote)
    return await view(uow, quote)


async def _new_quote(uow: UnitOfWork, sums: Calculation) -> Quote:
    selling, now = uow.policy.selling, uow.now()
    return Quote(
        id=new_id(),
        number=await _free_number(uow),
        status="open",
        currency=sums.currency,
        subtotal=sums.subtotal,
        delivery=sums.delivery,
        vat_rate=uow.policy.vat_rate,
        vat_included=sums.vat_included,
        total=sums.total,
        valid_until=selling.opening.local(now).date() + timedelta(days=selling.quote_days),
        created_at=now,
    )


async def _free_number(uow: UnitOfWork) -> str:
    """A number nobody has. Two at once that draw the same of ten million: the unique column refuses the second."""
    while True:
        number = quote_number.generate()
        if await uow.session.scalar(select(Quote.id).where(Quote.number == number)) is None:
            return number


async def _company(uow: UnitOfWork, contact_id: str, name: str) -> str:
    """The contact's company of this name, made when they have none of it.

    A company's name proves nothing, so nobody is put into a company that others belong to.
    """
    contact = await uow.session.get_one(Contact, contact_id)
    known = select(Company.id).where(
        Company.id == contact.company_id, func.lower(Company.name) == name.lower()
    )
    found: str | None = await uow.session.scalar(known)
    if found is not None:
        return found
    company = Company(id=new_id(), name=name, created_at=uow.now())
    uow.session.add(company)
    await uow.session.flush()
    contact.company_id = company.id
    return company.id


def _lines(quote_id: str, sums: Calculation) -> list[QuoteLine]:
    return [
        QuoteLine(
            quote_id=quote_id,
            position=position,
            sku=line.sku,
            name=line.name,
            quantity=line.quantity,
            list_price=line.list_price,
            unit_price=line.unit_price,
            line_total=line.line_total,
        )
        for position, line in enumerate(sums.lines, start=1)
    ]


async def _note(uow: UnitOfWork, quote: Quote) -> None:
    deal = await deals.propose(uow, quote)
    facts = {"quote": quote.number, "total": str(quote.total), "currency": quote.currency}
    audit.note(
        uow,
        "quote.made",
        f"Quote {quote.number} over {quote.total} {quote.currency}, valid until {quote.valid_until}",
        conversation_id=quote.conversation_id,
        contact_id=quote.contact_id,
        deal_id=deal.id,
        data=facts,
    )
    audit.record(uow, "quote.made", f"quote:{quote.number}", actor=audit.CUSTOMER, data=facts)
    await uow.session.flush()
