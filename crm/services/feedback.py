"""What customers say of the shop, its prices and its rivals, kept so that reports can count and read it."""

from datetime import datetime

from sqlalchemy import func, select

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.conversation import Conversation
from crm.model.product import Product
from crm.model.sales import Deal
from crm.model.ticket import Feedback
from crm.people import checked_text
from crm.pipeline import CLOSED
from crm.services import audit
from crm.views import FeedbackView

LONGEST = 1000
SUMMARIES = {
    "praise": "The customer was full of praise.",
    "price": "The customer finds the price too high.",
    "competitor": "The customer compares with another shop.",
}


async def keep(
    uow: UnitOfWork,
    *,
    conversation_id: str,
    kind: str,
    text: str,
    cause: str,
    sku: str | None = None,
    sentiment: float | None = None,
) -> None:
    """Keep a customer's words, once for each `cause` (message id), and note it in the conversation's timeline.

    The note also stands with the conversation's open deal, if it has one. Raises InvalidInput, NotFound.
    """
    if await uow.session.scalar(select(Feedback.id).where(Feedback.cause == cause)) is not None:
        return
    talk = await uow.session.get(Conversation, conversation_id)
    if talk is None:
        raise NotFound("conversation", conversation_id)
    if sku is not None and await uow.session.get(Product, sku) is None:
        sku = None
    words = checked_text("text", text[:LONGEST], LONGEST)
    uow.session.add(
        Feedback(
            conversation_id=conversation_id, sku=sku, cause=cause, kind=kind, text=words, sentiment=sentiment,
            created_at=uow.now(),
        )
    )  # fmt: skip
    audit.note(
        uow,
        f"feedback.{kind}",
        SUMMARIES[kind],
        conversation_id=conversation_id,
        contact_id=talk.contact_id,
        deal_id=await _open_deal(uow, conversation_id),
        data={"sku": sku} if sku else None,
    )
    await uow.session.flush()


async def recent(
    uow: UnitOfWork, *, kind: str | None = None, since: datetime | None = None, limit: int = 50
) -> tuple[FeedbackView, ...]:
    """The latest words that weren't forgotten, newest first."""
    query = select(Feedback).where(Feedback.text != "").order_by(Feedback.created_at.desc()).limit(limit)
    if kind is not None:
        query = query.where(Feedback.kind == kind)
    if since is not None:
        query = query.where(Feedback.created_at >= since)
    return tuple(
        FeedbackView(row.kind, row.text, row.sku, row.sentiment, row.created_at)
        for row in await uow.session.scalars(query)
    )


async def counts(uow: UnitOfWork, *, since: datetime | None = None) -> dict[str, int]:
    """How many of each kind were kept, those too whose words were forgotten."""
    query = select(Feedback.kind, func.count()).group_by(Feedback.kind)
    if since is not None:
        query = query.where(Feedback.created_at >= since)
    return dict((await uow.session.execute(query.order_by(Feedback.kind))).all())


async def _open_deal(uow: UnitOfWork, conversation_id: str) -> str | None:
    found: str | None = await uow.session.scalar(
        select(Deal.id)
        .where(Deal.conversation_id == conversation_id, Deal.stage.not_in(CLOSED))
        .order_by(Deal.created_at)
        .limit(1)
    )
    return found
