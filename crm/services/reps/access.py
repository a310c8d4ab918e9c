"""Who may ask. The role is read from the staff list with every question, so that a change counts at once."""

from crm.database import UnitOfWork
from crm.errors import NotAllowed
from crm.model.conversation import Conversation
from crm.model.user import StaffChat
from crm.services.users import UserView
from crm.services.users import by_id as user_by_id

SELLING = ("rep", "manager", "admin")
ALL_SEEING = ("manager", "admin")


async def asker(uow: UnitOfWork, conversation_id: str) -> UserView:
    """The member of staff whose conversation this is.

    Raises NotAllowed for a customer's conversation, whatever its messages claim, for somebody who has left, and
    for a role that doesn't sell.
    """
    talk = await uow.session.get(Conversation, conversation_id)
    chat = await uow.session.get(StaffChat, conversation_id)
    if talk is None or talk.role != "rep" or chat is None:
        raise NotAllowed("That is for our sales team only.")
    user = await user_by_id(uow, chat.user_id)
    if user is None or not user.active:
        raise NotAllowed("You aren't on the staff list any more. An administrator can change that.")
    return may_sell(user)


def may_sell(user: UserView) -> UserView:
    """The user again. Raises NotAllowed unless they sell."""
    if user.role not in SELLING:
        raise NotAllowed(
            "Your role is to answer chats, so customers' records aren't shown to you. A manager can change that."
        )
    return user


def sees_all(user: UserView) -> bool:
    """Whether leads and deals of others are shown to them."""
    return user.role in ALL_SEEING


def actor(user: UserView) -> str:
    """How the audit trail names them."""
    return f"user:{user.id}"
