"""Rules of selling beyond one order: quantities, quotes, promotions, opening hours and appointments. Pure values."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

CENT = Decimal("0.01")
Span = tuple[time, time]


@dataclass(frozen=True, slots=True)
class QuantityTier:
    """From `least` pieces of one product on: `percent` off its price, or None: somebody makes an offer."""

    least: int
    percent: Decimal | None


def tier_for(tiers: tuple[QuantityTier, ...], quantity: int) -> QuantityTier | None:
    """The highest tier that the quantity reaches."""
    reached = [tier for tier in tiers if quantity >= tier.least]
    return max(reached, key=lambda tier: tier.least, default=None)


def reduced(price: Decimal, percent: Decimal) -> Decimal:
    """A unit price less `percent`, rounded half up to the cent, so that lines multiply exactly."""
    return (price * (100 - percent) / 100).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Promotion:
    """Something the shop offers to everybody for a while, in its own words; `first` and `last` day are included."""

    text: str
    first: date | None = None
    last: date | None = None

    def runs_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Opening:
    """When somebody is there: spans of each weekday (Monday first) in local time, less single `closed` days."""

    week: tuple[tuple[Span, ...], ...] = ((),) * 7
    closed: frozenset[date] = frozenset()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def spans(self, day: date) -> tuple[Span, ...]:
        """The day's opening hours; empty when closed."""
        return () if day in self.closed else self.week[day.weekday()]

    def local(self, moment: datetime) -> datetime:
        """An aware time as the shop's clock shows it."""
        return moment.astimezone(self.zone)

    def instant(self, day: date, at: time) -> datetime:
        """The shop's clock time as an aware UTC time. Of a time that comes twice in autumn, the first."""
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)

    def starts(self, day: date, length: timedelta) -> Iterator[datetime]:
        """Times at which something of this length can begin: one after the other from each opening, within hours."""
        for opens, closes in self.spans(day):
            begin, end = self.instant(day, opens), self.instant(day, closes)
            while begin + length <= end:
                yield begin
                begin += length


@dataclass(frozen=True, slots=True)
class AppointmentRules:
    """How long an appointment is, how many go on side by side, and how soon and how far ahead one is given."""

    minutes: int = 30
    side_by_side: int = 1
    notice_hours: int = 2
    days_ahead: int = 60

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class SellingRules:
    """All of it. The defaults give no discount and no appointments."""

    tiers: tuple[QuantityTier, ...] = ()
    quote_days: int = 14
    promotions: tuple[Promotion, ...] = ()
    opening: Opening = field(default_factory=Opening)
    appointments: AppointmentRules = field(default_factory=AppointmentRules)
