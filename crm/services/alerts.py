"""What staff should look at: found by rules, told once, shown as it is now.

`sought` finds what the rules name and nobody was told of, `add` makes alerts of it; `due` gives those that a channel
hasn't posted yet, `outdated` those whose card tells a state that isn't true any more.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from crm.database import UnitOfWork
from crm.model.alert import Alert
from crm.model.base import new_id
from crm.model.cart import CartLine
from crm.model.conversation import Conversation
from crm.model.sales import Lead
from crm.upsert import insert

FRESH = timedelta(hours=12)
"""Nobody is told of what is older: switching alerts on isn't a flood."""
KEPT_CURRENT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class AlertRules:
    """`cart_from`: a cart of this value or more. `mood_below`: a customer's running mood under this, in [-1, 1]."""

    cart_from: Decimal = Decimal(1000)
    mood_below: float = -0.35


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert. `state_now` is what its card must tell: status or lead status, and who has it."""

    id: str
    kind: str
    conversation_id: str | None
    lead_id: str | None
    place: str | None
    thread: str | None
    attempts: int
    state_now: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Something that the rules name and nobody was told of."""

    kind: str
    subject: str
    conversation_id: str | None
    lead_id: str | None


async def sought(uow: UnitOfWork, rules: AlertRules) -> tuple[Sought, ...]:
    """What is new. It only reads, so that looking costs no writer's turn."""
    since = uow.now() - FRESH
    return tuple(
        [
            Sought(kind, *row)
            for kind, query in _sought(rules, since).items()
            for row in await uow.session.execute(query.limit(50))
        ]
    )


async def add(uow: UnitOfWork, found: Sequence[Sought]) -> None:
    """Make alerts of it. Two processes that do so at once make each only once."""
    for one in found:
        row = {
            **asdict(one),
            "id": new_id(),
            "state": "due",
            "shown": "",
            "attempts": 0,
            "due_at": uow.now(),
            "created_at": uow.now(),
        }
        await uow.session.execute(insert(uow, Alert).values(**row).on_conflict_do_nothing())


async def are_due(uow: UnitOfWork) -> bool:
    """Whether any alert is to be posted now."""
    ready = (Alert.state == "due") & (Alert.due_at <= uow.now())
    return await uow.session.scalar(select(Alert.id).where(ready).limit(1)) is not None


async def due(uow: UnitOfWork, *, hold_seconds: float, limit: int = 20) -> tuple[AlertView, ...]:
    """Alerts to post, oldest first, held so that no other process posts them for so long. Commit first."""
    ready = (Alert.state == "due") & (Alert.due_at <= uow.now())
    ids = list(
        await uow.session.scalars(select(Alert.id).where(ready).order_by(Alert.created_at).limit(limit))
    )
    held = await uow.session.scalars(
        update(Alert)
        .where(Alert.id.in_(ids), ready)
        .values(due_at=uow.now() + timedelta(seconds=hold_seconds), attempts=Alert.attempts + 1)
        .returning(Alert.id)
        .execution_options(synchronize_session=False)
    )
    return await _views(uow, Alert.id.in_(list(held)))


async def outdated(uow: UnitOfWork, *, limit: int = 20) -> tuple[AlertView, ...]:
    """Posted alerts of the last days whose card tells an older state."""
    lately = Alert.created_at >= uow.now() - KEPT_CURRENT
    return await _views(uow, (Alert.state == "posted") & lately & (Alert.shown != _STATE_NOW), limit=limit)


async def get(uow: UnitOfWork, alert_id: str) -> AlertView | None:
    """The alert, or None."""
    found = await _views(uow, Alert.id == alert_id)
    return found[0] if found else None


async def posted(uow: UnitOfWork, alert_id: str, *, place: str, thread: str, shown: str) -> None:
    """Note where the card is and what it tells."""
    await _set(uow, [alert_id], state="posted", place=place, thread=thread, shown=shown)


async def postpone(uow: UnitOfWork, alert_id: str, *, seconds: float, give_up: bool = False) -> None:
    """Try again later, or never: its card couldn't be posted."""
    state = "failed" if give_up else "due"
    await _set(uow, [alert_id], state=state, due_at=uow.now() + timedelta(seconds=seconds))


async def showed(uow: UnitOfWork, alert_id: str, shown: str) -> None:
    """Note what the card tells now."""
    await _set(uow, [alert_id], shown=shown)


async def latest(uow: UnitOfWork, conversation_id: str) -> AlertView | None:
    """The conversation's last posted alert: where its thread begins."""
    query = (
        select(Alert.id)
        .where(Alert.conversation_id == conversation_id, Alert.state == "posted")
        .order_by(case((Alert.kind == "handoff", 0), else_=1), Alert.created_at.desc())
        .limit(1)
    )
    found = await uow.session.scalar(query)
    return await get(uow, found) if found else None


async def _set(uow: UnitOfWork, ids: Sequence[str], **values: object) -> None:
    await uow.session.execute(
        update(Alert).where(Alert.id.in_(ids)).values(**values).execution_options(synchronize_session=False)
    )


# What a card tells of its subject: "human:<user>", "queued:", "new:<owner>" …
_OWNER = func.coalesce(Conversation.assignee_id, literal(""))
_LEAD_OWNER = func.coalesce(Lead.owner_id, literal(""))
_STATE_NOW = case(
    (Alert.kind == "lead", Lead.status + literal(":") + _LEAD_OWNER),
    (Conversation.ended_at.is_not(None), literal("ended:")),
    else_=Conversation.status + literal(":") + _OWNER,
)


async def _views(
    uow: UnitOfWork, condition: ColumnElement[bool], *, limit: int = 50
) -> tuple[AlertView, ...]:
    rows = await uow.session.execute(
        select(
            Alert.id,
            Alert.kind,
            Alert.conversation_id,
            Alert.lead_id,
            Alert.place,
            Alert.thread,
            Alert.attempts,
            _STATE_NOW,
        )
        .outerjoin(Conversation, Conversation.id == Alert.conversation_id)
        .outerjoin(Lead, Lead.id == Alert.lead_id)
        .where(condition, _STATE_NOW.is_not(None))
        .order_by(Alert.created_at)
        .limit(limit)
    )
    return tuple(AlertView(*row) for row in rows)


def _sought(rules: AlertRules, since: datetime) -> dict[str, Any]:
    customer = and_(Conversation.role == "customer", Conversation.ended_at.is_(None))
    with_bot = and_(customer, Conversation.status == "bot", Conversation.updated_at >= since)
    queue = Conversation.id + literal(":") + cast(Conversation.version, String)
    worth = (
        select(func.sum(CartLine.unit_price * CartLine.quantity))
        .where(CartLine.conversation_id == Conversation.id)
        .correlate(Conversation)
        .scalar_subquery()
    )
    talk = select(Conversation.id, Conversation.id, literal(None, String))
    return {
        "handoff": select(queue, Conversation.id, literal(None, String)).where(
            customer, Conversation.status == "queued", _untold("handoff", queue)
        ),
        "lead": select(Lead.id, Lead.conversation_id, Lead.id).where(
            Lead.created_at >= since,
            Lead.status == "new",
            Lead.needs != "",
            or_(Lead.email.is_not(None), Lead.phone.is_not(None)),
            _untold("lead", Lead.id),
        ),
        "mood": talk.where(with_bot, Conversation.mood <= rules.mood_below, _untold("mood", Conversation.id)),
        "cart": talk.where(with_bot, _untold("cart", Conversation.id), worth >= rules.cart_from),
    }


def _untold(kind: str, subject: Any) -> ColumnElement[bool]:
    return ~exists().where(Alert.kind == kind, Alert.subject == subject)
