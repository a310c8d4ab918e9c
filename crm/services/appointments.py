"""Appointments: what is free, booking, moving and cancelling. Of two customers at once for one seat, one gets it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crm.database import UnitOfWork
from crm.errors import InvalidInput, NotFound, SlotTaken
from crm.model.appointment import Appointment
from crm.model.base import new_id
from crm.model.contact import Consent
from crm.people import checked_email, checked_name, checked_phone, checked_text
from crm.sales_views import AppointmentView
from crm.services import audit, contacts
from crm.upsert import insert

PURPOSE = "appointment"
TOPIC_LENGTH = 2000


async def free(uow: UnitOfWork, day: date) -> list[datetime]:
    """The times of that day at which an appointment can still be booked, in order."""
    rules = uow.policy.selling.appointments
    starts = [start for start in uow.policy.selling.opening.starts(day, rules.length) if in_reach(uow, start)]
    if not starts:
        return []
    query = (
        select(Appointment.starts_at, func.count())
        .where(Appointment.status == "booked", Appointment.starts_at.in_(starts))
        .group_by(Appointment.starts_at)
    )
    taken = {row[0]: int(row[1]) for row in await uow.session.execute(query)}
    return [start for start in starts if taken.get(start, 0) < rules.side_by_side]


async def next_free(uow: UnitOfWork, after: datetime, *, limit: int = 3) -> list[datetime]:
    """The first free times from `after` on, over as many days as the shop plans ahead."""
    opening, rules = uow.policy.selling.opening, uow.policy.selling.appointments
    day, found = opening.local(max(after, uow.now())).date(), list[datetime]()
    for _ in range(rules.days_ahead + 1):
        found += [start for start in await free(uow, day) if start >= after]
        if len(found) >= limit:
            break
        day += timedelta(days=1)
    return found[:limit]


def in_reach(uow: UnitOfWork, start: datetime) -> bool:
    """True when `start` is neither too soon nor too far ahead for the shop."""
    rules, now = uow.policy.selling.appointments, uow.now()
    return now + timedelta(hours=rules.notice_hours) <= start <= now + timedelta(days=rules.days_ahead)


def is_slot(uow: UnitOfWork, start: datetime) -> bool:
    """True when an appointment can begin then by the opening hours, free or not."""
    opening, rules = uow.policy.selling.opening, uow.policy.selling.appointments
    return start in set(opening.starts(opening.local(start).date(), rules.length))


async def book(
    uow: UnitOfWork,
    conversation_id: str,
    starts_at: datetime,
    *,
    name: str,
    email: str | None,
    phone: str | None,
    topic: str,
    consent: str,
    cause: str,
) -> AppointmentView:
    """Book a time for the conversation's customer, with the `consent` in the words they agreed to.

    One of `email` and `phone` is needed. The same `cause` (message id) gives the same appointment. Raises
    InvalidInput naming the field (a time outside hours, too soon or too far ahead too), and SlotTaken when every
    seat of that time is taken; nothing is written then.
    """
    if not email and not phone:
        raise InvalidInput("email", None, "leave an e-mail address or a phone number")
    name = checked_name(name)
    email = checked_email(email) if email else None
    phone = checked_phone(phone, uow.policy.region) if phone else None
    consent = checked_text("consent", consent, 2000)
    topic = checked_text("topic", topic, TOPIC_LENGTH) if topic.strip() else ""
    _check_time(uow, starts_at)
    async with uow.session.begin_nested():
        contact_id = await contacts.of_conversation(uow, conversation_id, name=name, email=email, phone=phone)
        booked = await uow.session.scalar(select(Appointment).where(Appointment.cause == cause))
        if booked is not None:
            return _view(booked)
        values = {"name": name, "email": email, "phone": phone, "topic": topic, "cause": cause}
        booked = await _take_seat(
            uow, starts_at, conversation_id=conversation_id, contact_id=contact_id, **values
        )
        uow.session.add(
            Consent(
                contact_id=contact_id,
                conversation_id=conversation_id,
                purpose=PURPOSE,
                text=consent,
                cause=cause,
                given_at=uow.now(),
            )
        )
        _note(uow, booked, "booked", f"Appointment booked for {_told(uow, starts_at)}")
        await uow.session.flush()
    return _view(booked)


async def move(
    uow: UnitOfWork, conversation_id: str, appointment_id: str, starts_at: datetime
) -> AppointmentView:
    """Another time for the conversation's appointment; the old one is free at once.

    Raises InvalidInput for an impossible time, NotFound for an appointment that isn't this conversation's or isn't
    booked, SlotTaken; the old time is kept then.
    """
    _check_time(uow, starts_at)
    booked = await _own(uow, conversation_id, appointment_id)
    if booked.starts_at == starts_at:
        return _view(booked)
    before = booked.starts_at
    for seat in await _free_seats(uow, starts_at):
        if await _moved(uow, booked, starts_at, seat):
            told = f"Appointment moved from {_told(uow, before)} to {_told(uow, starts_at)}"
            _note(uow, booked, "moved", told)
            await uow.session.flush()
            return _view(booked)
    raise SlotTaken(starts_at)


async def cancel(uow: UnitOfWork, conversation_id: str, appointment_id: str) -> AppointmentView:
    """Call the conversation's appointment off; its time is free at once. Raises NotFound, also the second time."""
    booked = await _own(uow, conversation_id, appointment_id)
    booked.status, booked.cancelled_at = "cancelled", uow.now()
    _note(uow, booked, "cancelled", f"Appointment of {_told(uow, booked.starts_at)} cancelled")
    await uow.session.flush()
    return _view(booked)


async def of_conversation(uow: UnitOfWork, conversation_id: str) -> AppointmentView | None:
    """The conversation's next booked appointment that isn't over; None when there is none."""
    query = (
        select(Appointment)
        .where(
            Appointment.conversation_id == conversation_id,
            Appointment.status == "booked",
            Appointment.ends_at > uow.now(),
        )
        .order_by(Appointment.starts_at)
        .limit(1)
    )
    found = await uow.session.scalar(query)
    return _view(found) if found is not None else None


async def upcoming(uow: UnitOfWork, *, limit: int = 100) -> list[AppointmentView]:
    """For staff: what is booked and not over, the next first."""
    query = (
        select(Appointment)
        .where(Appointment.status == "booked", Appointment.ends_at > uow.now())
        .order_by(Appointment.starts_at, Appointment.seat)
        .limit(limit)
    )
    return [_view(row) for row in await uow.session.scalars(query)]


def _check_time(uow: UnitOfWork, starts_at: datetime) -> None:
    if not is_slot(uow, starts_at):
        raise InvalidInput("starts_at", starts_at.isoformat(), "choose a time within the opening hours")
    if not in_reach(uow, starts_at):
        rules = uow.policy.selling.appointments
        fix = f"choose a time from {rules.notice_hours} hours to {rules.days_ahead} days from now"
        raise InvalidInput("starts_at", starts_at.isoformat(), fix)


async def _take_seat(uow: UnitOfWork, starts_at: datetime, **values: str | None) -> Appointment:
    """A row on the first free seat. The unique index decides between two who take the same one: the later waits for
    the earlier to be committed, and tries the next seat."""
    for seat in await _free_seats(uow, starts_at):
        identity = new_id()
        row = {
            **values,
            "id": identity,
            "status": "booked",
            "starts_at": starts_at,
            "ends_at": starts_at + _length(uow),
            "seat": seat,
            "created_at": uow.now(),
        }
        await uow.session.execute(insert(uow, Appointment).values(row).on_conflict_do_nothing())
        booked = await uow.session.get(Appointment, identity)
        if booked is not None:
            return booked
    raise SlotTaken(starts_at)


async def _moved(uow: UnitOfWork, booked: Appointment, starts_at: datetime, seat: int) -> bool:
    """Whether the row could be put there; the unique index refuses a seat that somebody took meanwhile."""
    try:
        async with uow.session.begin_nested():
            booked.starts_at, booked.ends_at, booked.seat = starts_at, starts_at + _length(uow), seat
            await uow.session.flush()
    except IntegrityError:
        await uow.session.refresh(booked)
        return False
    return True


async def _free_seats(uow: UnitOfWork, starts_at: datetime) -> Sequence[int]:
    taken = set(
        await uow.session.scalars(
            select(Appointment.seat).where(Appointment.status == "booked", Appointment.starts_at == starts_at)
        )
    )
    return [seat for seat in range(1, uow.policy.selling.appointments.side_by_side + 1) if seat not in taken]


async def _own(uow: UnitOfWork, conversation_id: str, appointment_id: str) -> Appointment:
    query = (
        select(Appointment)
        .where(
            Appointment.id == appointment_id,
            Appointment.conversation_id == conversation_id,
            Appointment.status == "booked",
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    booked = await uow.session.scalar(query)
    if booked is None:
        raise NotFound("appointment", appointment_id)
    return booked


def _length(uow: UnitOfWork) -> timedelta:
    return uow.policy.selling.appointments.length


def _told(uow: UnitOfWork, moment: datetime) -> str:
    return f"{uow.policy.selling.opening.local(moment):%Y-%m-%d %H:%M}"


def _note(uow: UnitOfWork, booked: Appointment, what: str, summary: str) -> None:
    audit.note(
        uow,
        f"appointment.{what}",
        summary,
        conversation_id=booked.conversation_id,
        contact_id=booked.contact_id,
        data={"appointment": booked.id, "starts_at": booked.starts_at.isoformat()},
    )
    audit.record(uow, f"appointment.{what}", f"appointment:{booked.id}", actor=audit.CUSTOMER)


def _view(row: Appointment) -> AppointmentView:
    return AppointmentView(
        id=row.id,
        status="booked" if row.status == "booked" else "cancelled",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        name=row.name or "",
        email=row.email,
        phone=row.phone,
        topic=row.topic,
        conversation_id=row.conversation_id,
    )
