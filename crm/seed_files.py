"""`customers.yml` as it is read for seeding: staff, customers and their orders. Checked before any write."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm import order_number
from crm.errors import InvalidInput
from crm.services.users import Role
from crm.views import OrderStatus


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeedUser(_Entry):
    """Somebody who works in the shop."""

    email: str
    name: str
    role: Role


class SeedLine(_Entry):
    """What was ordered; the price is the catalogue's."""

    sku: str
    quantity: int = Field(ge=1)


class SeedOrder(_Entry):
    """An order placed `days_ago` days before the seeding."""

    number: str
    status: OrderStatus
    days_ago: int = Field(ge=0)
    tracking: str | None = None
    lines: tuple[SeedLine, ...] = Field(min_length=1)


class SeedAddress(_Entry):
    """Where a parcel goes."""

    street: str
    postal_code: str
    city: str
    country: str

    def text(self) -> str:
        """As an address is written on a parcel."""
        return f"{self.street}\n{self.postal_code} {self.city}\n{self.country}"


class SeedCustomer(_Entry):
    """Somebody who buys."""

    name: str
    email: str
    phone: str | None = None
    address: SeedAddress
    orders: tuple[SeedOrder, ...] = ()


class SeedPeople(_Entry):
    """The whole file."""

    users: tuple[SeedUser, ...] = ()
    customers: tuple[SeedCustomer, ...] = ()


def read_people(path: Path) -> SeedPeople:
    """The staff and customers of the file. Raises InvalidInput naming the entry and the fix."""
    try:
        people = SeedPeople.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as exc:
        raise InvalidInput(path.name, str(path), f"make it a readable YAML file: {exc}") from exc
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{path.name}: {where}", first["input"], first["msg"]) from exc
    for customer in people.customers:
        for order in customer.orders:
            if order_number.parse(order.number) != order.number:
                fix = "write PL-dddd-dddd with a valid check digit"
                raise InvalidInput(f"{path.name}: {customer.name}'s order", order.number, fix)
    return people
