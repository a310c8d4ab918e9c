"""What use cases tell the rest of the dialogue about themselves.

Each module of `actions/` may declare one `USE_CASE`: how its intents read on a button, what a yes or no to its offers
means, what is said when its forms are left. The fallback, yes and no, stop, start over and the summary for agents read
the declarations here, so that a new use case edits no module but its own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import actions
from actions.support.base import ShopAction
from actions.support.reply import Button, Reply, button, say
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.services.users import UserView

STILL_HERE = say("All right. I'm still here: what else can I do?", button("Find a product", "find_product"))


@dataclass(frozen=True)
class Reading:
    """One intent as a customer would put it, short enough for a button.

    `action` answers it, and only where a wrong guess takes nothing back; None keeps the fallback from guessing it.
    `about_product` says that a product named in a message speaks for it, `about_order` that an order's number does.
    What isn't `guessed` is only ever offered. `small_talk` may close with a question that nobody has to answer.
    """

    title: str
    action: ShopAction | None = None
    about_product: bool = False
    guessed: bool = True
    about_order: bool = False
    small_talk: bool = False


@dataclass(frozen=True)
class Offer:
    """The answers to a question that a reply ended with. `no` is said to a no; None leaves it to what was shown."""

    yes: ShopAction | None = None
    no: Reply | None = None


@dataclass(frozen=True)
class Form:
    """A form's words and slots when it is left. `doing` completes "They were …" in the agents' summary."""

    stopped: str
    doing: str
    cleared: tuple[str, ...] = ()
    next_step: Button | None = None


Change = Callable[[Turn, UnitOfWork, UserView], Awaitable[Reply]]


@dataclass(frozen=True)
class UseCase:
    """`readings` by intent, `offers` by the kind in the slot `offer`, `forms` by name, and slots that belong to one
    search or purchase and go when the customer starts over. `changes` by kind of offer are what a rep's yes does.
    """

    readings: Mapping[str, Reading] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    starts_over: tuple[str, ...] = ()
    changes: Mapping[str, Change] = field(default_factory=dict)


@cache
def use_cases() -> tuple[UseCase, ...]:
    """Every module's declaration, by the module's name."""
    return tuple(_declared())


def _declared() -> Iterator[UseCase]:
    for module in sorted(pkgutil.iter_modules(actions.__path__), key=lambda found: found.name):
        if not module.ispkg:
            declared = getattr(importlib.import_module(f"actions.{module.name}"), "USE_CASE", None)
            if isinstance(declared, UseCase):
                yield declared


@cache
def readings() -> Mapping[str, Reading]:
    """By intent."""
    return {name: reading for case in use_cases() for name, reading in case.readings.items()}


def by_action(ranking: Iterable[tuple[str, float]]) -> list[tuple[Reading, float]]:
    """Of intents with confidences: readings, likeliest first; those that lead to the same action count together."""
    known = readings()
    together: dict[object, tuple[Reading, float]] = {}
    for name, confidence in ranking:
        if reading := known.get(name):
            kind = type(reading.action) if reading.action else name
            first, so_far = together.get(kind, (reading, 0.0))
            together[kind] = (first, so_far + confidence)
    return sorted(together.values(), key=lambda found: -found[1])


@cache
def titles() -> Mapping[str, Reading]:
    """By title as people type it: in lower case, without a question mark."""
    return {reading.title.casefold().strip("?"): reading for reading in readings().values()}


@cache
def offers() -> Mapping[str, Offer]:
    """By kind."""
    return {kind: offer for case in use_cases() for kind, offer in case.offers.items()}


@cache
def changes() -> Mapping[str, Change]:
    """By kind of offer, for reps."""
    return {kind: change for case in use_cases() for kind, change in case.changes.items()}


@cache
def forms() -> Mapping[str, Form]:
    """By name."""
    return {name: form for case in use_cases() for name, form in case.forms.items()}


@cache
def slots_to_start_over() -> tuple[str, ...]:
    """Slots that hold one search's or purchase's state."""
    kept = dict.fromkeys(name for case in use_cases() for name in case.starts_over)
    return tuple(kept) + tuple(name for form in forms().values() for name in form.cleared if name not in kept)


def to(intent: str, title: str | None = None, **entities: str) -> tuple[Button, ...]:
    """A button that leads to another use case, by its own title; none where this shop's assistant hasn't that one."""
    reading = readings().get(intent)
    return (button(title or reading.title, intent, **entities),) if reading else ()
