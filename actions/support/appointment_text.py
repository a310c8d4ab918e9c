"""Free times near what was asked for, and times in words and on buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from actions.support.reply import Button, button
from actions.support.when import When
from crm.database import UnitOfWork
from crm.selling import Opening
from crm.services import appointments
from parley.bootstrap import ActionsContext

MOST = 4


@dataclass(frozen=True, slots=True)
class Found:
    """`exact` is the time asked for, when it is free; else `times` are near it and `sentence` says why."""

    exact: datetime | None = None
    times: tuple[datetime, ...] = ()
    sentence: str = ""


async def free_near(uow: UnitOfWork, day: date | None, when: When) -> Found:
    """The free time that was meant, or the nearest ones. Only an hour: the next days on which it is free."""
    opening = uow.policy.selling.opening
    if day is None:
        return await _any_day(uow, when)
    free = await appointments.free(uow, day)
    shown = f"{day:%A, %-d %B}"
    if not free:
        start = opening.instant(day, time(0))
        times = tuple(await appointments.next_free(uow, max(start, uow.now()), limit=MOST))
        why = "we're closed" if not opening.spans(day) else "nothing is free any more"
        if day < opening.local(uow.now()).date():
            why = "that day is over"
        return Found(times=times, sentence=f"On {shown} {why}. The next free times:")
    if when.at is not None:
        wanted = opening.instant(day, when.at)
        if wanted in free:
            return Found(exact=wanted)
        nearest = sorted(sorted(free, key=lambda one: abs(one - wanted))[:MOST])
        at = f"{when.at:%H:%M}"
        why = f"{at} isn't free" if appointments.is_slot(uow, wanted) else f"I can't offer {at}"
        return Found(times=tuple(nearest), sentence=f"On {shown} {why}; these are near it:")
    fitting = [one for one in free if _in(one, when.part, opening)]
    lead = (
        f"On {shown} these times are free:"
        if fitting
        else f"Not at that time of day; on {shown} these are free:"
    )
    return Found(times=_spread(fitting or free), sentence=lead)


async def _any_day(uow: UnitOfWork, when: When) -> Found:
    opening, rules = uow.policy.selling.opening, uow.policy.selling.appointments
    day, times = opening.local(uow.now()).date(), list[datetime]()
    for _ in range(rules.days_ahead + 1):
        free = await appointments.free(uow, day)
        if when.at is not None:
            wanted = opening.instant(day, when.at)
            times += [wanted] if wanted in free else []
        else:
            times += [one for one in free if _in(one, when.part, opening)][:1]
        if len(times) >= MOST - 1:
            break
        day += timedelta(days=1)
    if times:
        return Found(times=tuple(times), sentence="On which day? These are the next ones:")
    soon = tuple(await appointments.next_free(uow, uow.now(), limit=MOST))
    return Found(times=soon, sentence="I can't offer that hour. The next free times:")


def _in(start: datetime, part: tuple[time, time] | None, opening: Opening) -> bool:
    return part is None or part[0] <= opening.local(start).time() < part[1]


def _spread(times: Sequence[datetime]) -> tuple[datetime, ...]:
    """A few over the whole stretch, the first and the last among them."""
    if len(times) <= MOST:
        return tuple(times)
    return tuple(times[round(place * (len(times) - 1) / (MOST - 1))] for place in range(MOST))


def at_text(start: datetime, context: ActionsContext) -> str:
    """ "Tuesday, 1 December at 15:00" """
    return f"{context.shop.selling.opening.local(start):%A, %-d %B at %H:%M}"


def choices(times: Sequence[datetime], context: ActionsContext) -> tuple[Button, ...]:
    """A button for each time; what it stands for is the local time."""
    opening = context.shop.selling.opening
    return tuple(
        button(
            f"{opening.local(one):%a %-d %b, %H:%M}",
            "book_appointment",
            choice=f"{opening.local(one):%Y-%m-%d %H:%M}",
        )
        for one in times
    )


def hours_text(context: ActionsContext) -> str:
    """ "We're here Mon–Fri 9:00–18:30, Sat 10:00–17:00." """
    names, week = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), context.shop.selling.opening.week
    groups: list[tuple[str, str, str]] = []
    for name, spans in zip(names, week, strict=True):
        told = ", ".join(f"{a:%-H:%M}–{b:%-H:%M}" for a, b in spans)
        if groups and groups[-1][2] == told:
            groups[-1] = (groups[-1][0], name, told)
        else:
            groups.append((name, name, told))
    open_days = [f"{a if a == b else f'{a}–{b}'} {told}" for a, b, told in groups if told]
    return f"We're here {', '.join(open_days)}."
