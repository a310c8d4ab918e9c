"""What all tables share: the declarative base, exact money, aware times, portable JSON and ids."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, MetaData, Numeric, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from crm.clock import Clock, utcnow

__all__ = ["Base", "Clock", "Id", "Json", "Key", "Money", "Rate", "UtcDateTime", "new_id", "utcnow"]

# Named constraints, so that a migration can change one on either database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every table of the CRM."""

    metadata = MetaData(naming_convention=NAMING)


def new_id() -> str:
    """A new random id: UUID4 as 36 characters, unguessable, made without asking the database."""
    return str(uuid.uuid4())


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time with microseconds. SQLite keeps it as sortable text, PostgreSQL as timestamptz."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; pass an aware time")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An exact amount of money, up to 9,999,999,999.99.

    SQLite has no decimals and would make floats of them, so there it is a whole number of hundredths, which
    compares and sums exactly. An amount with a fraction of a cent is refused instead of rounded: who rounds
    must say how.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int = 12, scale: int = 2) -> None:
        super().__init__(precision=precision, scale=scale)
        self.precision = precision
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | None:
        if value is None:
            return None
        units = self._units(value)
        return units if dialect.name == "sqlite" else Decimal(units).scaleb(-self.scale)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return Decimal(int(value)).scaleb(-self.scale)
        return Decimal(value).quantize(Decimal(1).scaleb(-self.scale))

    def _units(self, value: Decimal) -> int:
        if type(value) not in (Decimal, int):
            raise TypeError(f"{value!r} is no exact amount; pass a Decimal")
        scaled = Decimal(value).scaleb(self.scale)
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.scale} decimals; round it first")
        if abs(scaled) >= Decimal(10) ** self.precision:
            raise ValueError(f"{value} is larger than {self.precision} digits hold")
        return int(scaled)


class Rate(Money):
    """An exact share such as a VAT rate, with four decimals: 0.2000."""

    cache_ok = True

    def __init__(self, precision: int = 6, scale: int = 4) -> None:
        super().__init__(precision, scale)


# JSON that both databases hold; Python's None is SQL NULL.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

Id = Annotated[str, mapped_column(String(36), primary_key=True, default=new_id)]
Key = Annotated[str, mapped_column(String(36))]
