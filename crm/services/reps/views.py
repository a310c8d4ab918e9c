"""What reps are answered: frozen, detached from the database."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Person:
    """A contact. An e-mail address that isn't `verified` is what somebody typed."""

    id: str
    name: str
    email: str | None
    phone: str | None
    verified: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Lead:
    """A wish to be contacted; `owner` is the rep's name, None while nobody has it."""

    id: str
    number: int
    status: str
    name: str
    email: str | None
    phone: str | None
    needs: str
    contact_id: str
    conversation_id: str | None
    owner_id: str | None
    owner: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What a colleague wrote about a person."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """A person with what is known of them. `hidden` counts leads and deals that belong to colleagues."""

    person: Person
    leads: tuple[Lead, ...]
    orders: int
    spent: Decimal
    currency: str
    last_order: datetime | None
    notes: tuple[Note, ...]
    conversation_id: str | None
    mood: float | None
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """Deals of one stage: how many, what they are worth, and that times the chance to win them."""

    name: str
    deals: int
    amount: Decimal
    expected: Decimal


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Open deals by stage, and what was won this month. `everybody` tells whose: all reps' or one's own."""

    stages: tuple[Stage, ...]
    won: Stage
    currency: str
    everybody: bool
    unpriced: int
