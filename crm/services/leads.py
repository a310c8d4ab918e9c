"""People who want to be contacted."""

from sqlalchemy import select

from crm.database import UnitOfWork
from crm.errors import InvalidInput
from crm.model.contact import Consent
from crm.model.sales import Lead
from crm.people import checked_email, checked_name, checked_phone, checked_text
from crm.services import audit, contacts, deals, numbers
from crm.views import LeadView

CALL_BACK = "call_back"
NEEDS_LENGTH = 4000


async def capture(
    uow: UnitOfWork,
    *,
    conversation_id: str,
    name: str,
    email: str | None,
    phone: str | None,
    needs: str,
    consent: str,
    cause: str,
) -> LeadView:
    """Keep a wish to be contacted, with the `consent` in the words the customer agreed to.

    One of `email` and `phone` is needed; `needs` may be empty. The same `cause` (message id) gives the same
    lead. A deal begins in the first stage. Raises InvalidInput naming the field, NotFound for the
    conversation; nothing is written then.
    """
    if not email and not phone:
        raise InvalidInput("email", None, "leave an e-mail address or a phone number")
    name = checked_name(name)
    email = checked_email(email) if email else None
    phone = checked_phone(phone, uow.policy.region) if phone else None
    consent = checked_text("consent", consent, 2000)
    needs = checked_text("needs", needs, NEEDS_LENGTH) if needs.strip() else ""
    async with uow.session.begin_nested():
        contact_id = await contacts.of_conversation(uow, conversation_id, name=name, email=email, phone=phone)
        lead = await uow.session.scalar(select(Lead).where(Lead.cause == cause))
        if lead is None:
            lead = Lead(name=name, email=email, phone=phone, needs=needs, cause=cause)
            await _store(uow, lead, contact_id, conversation_id, consent)
    return _view(lead)


async def _store(uow: UnitOfWork, lead: Lead, contact_id: str, conversation_id: str, consent: str) -> None:
    lead.contact_id = contact_id
    lead.conversation_id = conversation_id
    lead.created_at = uow.now()
    lead.number = await numbers.take(uow, "lead")
    agreed = Consent(
        contact_id=contact_id,
        conversation_id=conversation_id,
        purpose=CALL_BACK,
        text=consent,
        cause=lead.cause,
        given_at=lead.created_at,
    )
    uow.session.add_all([lead, agreed])
    await uow.session.flush()
    deal = await deals.open_for_lead(
        uow, lead_id=lead.id, contact_id=contact_id, conversation_id=conversation_id
    )
    audit.note(
        uow,
        "lead.captured",
        "Asked to be contacted",
        conversation_id=conversation_id,
        contact_id=contact_id,
        deal_id=deal.id,
    )
    audit.record(uow, "lead.captured", f"lead:{lead.id}", actor=audit.CUSTOMER)
    await uow.session.flush()


def _view(lead: Lead) -> LeadView:
    return LeadView(
        id=lead.id,
        number=lead.number,
        name=lead.name or "",
        email=lead.email,
        phone=lead.phone,
        needs=lead.needs,
        created_at=lead.created_at,
    )
