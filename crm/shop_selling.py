"""Selling rules in `shop.toml`: quantity_discounts, quotes, promotions, opening and appointments."""

import re
from datetime import date, time
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from crm.selling import AppointmentRules, Opening, Promotion, QuantityTier, SellingRules, Span
from crm.shop_fields import FileTable, Percent

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


def _spans(text: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        found = HOURS.fullmatch(part)
        if not found:
            raise ValueError(f'{part!r}: write hours such as "9:00-12:30, 14:00-18:30", or "" for closed')
        first, first_minute, last, last_minute = map(int, found.groups())
        try:
            span = time(first, first_minute), time(last, last_minute)
        except ValueError as exc:
            raise ValueError(f"{part!r}: there is no such time; 23:59 is the last of a day") from exc
        if span[0] >= span[1] or (spans and span[0] < spans[-1][1]):
            raise ValueError(f"{part!r}: each span ends after it begins, and after the one before")
        spans.append(span)
    return tuple(spans)


def known_zone(name: str) -> str:
    """The name, if it is a time zone's. Raises ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ValueError('write a time zone such as "Europe/Paris"') from exc
    return name


Hours = Annotated[str, AfterValidator(lambda text: (_spans(text), text)[1])]


class QuantityDiscount(FileTable):
    """From so many pieces of one product on: a percentage, or somebody makes an offer."""

    least: int = Field(ge=2, alias="from")
    percent: Percent | None = None
    ask: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.percent is None) != self.ask:
            raise ValueError('write either percent = "5" or ask = true')
        return self


class Quotes(FileTable):
    """How long a quote holds."""

    valid_days: int = Field(default=14, ge=1, le=365)


class PromotionEntry(FileTable):
    """What is offered to everybody, in words, from `first` until `last`."""

    text: str = Field(min_length=1, max_length=400)
    first: date | None = None
    last: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first and self.last and self.last < self.first:
            raise ValueError(f"last: {self.last} is before first, {self.first}")
        return self


class OpeningEntry(FileTable):
    """Hours of each weekday; a day that is left out is closed."""

    monday: Hours = ""
    tuesday: Hours = ""
    wednesday: Hours = ""
    thursday: Hours = ""
    friday: Hours = ""
    saturday: Hours = ""
    sunday: Hours = ""
    closed: tuple[date, ...] = ()

    def opening(self, zone: str) -> Opening:
        return Opening(
            week=tuple(_spans(getattr(self, day)) for day in DAYS),
            closed=frozenset(self.closed),
            zone=ZoneInfo(zone),
        )


class AppointmentsEntry(FileTable):
    """How appointments are given."""

    minutes: int = Field(default=30, ge=5, le=480)
    side_by_side: int = Field(default=1, ge=1, le=50)
    notice_hours: int = Field(default=2, ge=0)
    days_ahead: int = Field(default=60, ge=1, le=366)


class SellingTables(FileTable):
    """The tables of `shop.toml` that this module knows; all may be left out."""

    quantity_discounts: tuple[QuantityDiscount, ...] = ()
    quotes: Quotes = Quotes()
    promotions: tuple[PromotionEntry, ...] = ()
    opening: OpeningEntry = OpeningEntry()
    appointments: AppointmentsEntry = AppointmentsEntry()

    @model_validator(mode="after")
    def _tiers_rise(self) -> Self:
        tiers = sorted(self.quantity_discounts, key=lambda tier: tier.least)
        if len({tier.least for tier in tiers}) != len(tiers):
            raise ValueError("quantity_discounts: give each quantity once")
        shares = [tier.percent for tier in tiers if tier.percent is not None]
        if shares != sorted(shares):
            raise ValueError("quantity_discounts: more pieces must not get a smaller percentage")
        return self

    def rules(self, zone: str) -> SellingRules:
        tiers = sorted(self.quantity_discounts, key=lambda tier: tier.least)
        return SellingRules(
            tiers=tuple(QuantityTier(tier.least, tier.percent) for tier in tiers),
            quote_days=self.quotes.valid_days,
            promotions=tuple(Promotion(one.text, one.first, one.last) for one in self.promotions),
            opening=self.opening.opening(zone),
            appointments=AppointmentRules(**self.appointments.model_dump()),
        )
