"""The shop's staff."""

from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import select

from crm.database import UnitOfWork
from crm.errors import InvalidInput, NotFound
from crm.model.user import User
from crm.people import checked_email, checked_name, email_key
from crm.services import audit

Role = Literal["agent", "rep", "manager", "admin"]


@dataclass(frozen=True, slots=True)
class UserView:
    """A member of staff. `email` is in lower case."""

    id: str
    email: str
    name: str
    role: str
    active: bool


async def ensure(uow: UnitOfWork, *, email: str, name: str, role: Role) -> UserView:
    """The user of this e-mail, made when there is none; one that exists stays as it is.

    Raises InvalidInput for a malformed e-mail, an empty name or an unknown role.
    """
    role = checked_role(role)
    key = email_key(checked_email(email))
    known = await by_email(uow, key)
    if known is not None:
        return known
    user = User(email=key, name=checked_name(name), role=role, active=True, created_at=uow.now())
    uow.session.add(user)
    await uow.session.flush()
    return _view(user)


async def change(
    uow: UnitOfWork, email: str, *, role: Role | None = None, active: bool | None = None
) -> UserView:
    """Give somebody another role, or take them off the list. It counts at once. Audited. Raises NotFound."""
    user = await uow.session.scalar(select(User).where(User.email == email_key(email)))
    if user is None:
        raise NotFound("member of staff", email)
    before = {"role": user.role, "active": user.active}
    user.role = role or user.role
    user.active = user.active if active is None else active
    after = {"role": user.role, "active": user.active}
    if after != before:
        audit.record(uow, "user.changed", f"user:{user.id}", data={"before": before, "after": after})
    await uow.session.flush()
    return _view(user)


def checked_role(text: str) -> Role:
    """A role of the staff. Raises InvalidInput."""
    for role in get_args(Role):
        if text == role:
            found: Role = role
            return found
    raise InvalidInput("role", text, f"choose one of: {', '.join(get_args(Role))}")


async def by_email(uow: UnitOfWork, email: str) -> UserView | None:
    """The user of this e-mail, whichever way it is capitalised."""
    user = await uow.session.scalar(select(User).where(User.email == email_key(email)))
    return _view(user) if user else None


async def by_id(uow: UnitOfWork, user_id: str) -> UserView | None:
    """The user, or None."""
    user = await uow.session.get(User, user_id)
    return _view(user) if user else None


async def all_active(uow: UnitOfWork) -> list[UserView]:
    """Everybody who works here, by name."""
    users = await uow.session.scalars(select(User).where(User.active).order_by(User.name))
    return [_view(user) for user in users]


def _view(user: User) -> UserView:
    return UserView(id=user.id, email=user.email, name=user.name, role=user.role, active=user.active)
