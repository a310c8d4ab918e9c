"""What a customer says about themselves when they order."""

from dataclasses import dataclass
from typing import Self

from crm.people import checked_address, checked_email, checked_name, checked_phone


@dataclass(frozen=True, slots=True)
class CheckoutDetails:
    """Who orders and where it goes."""

    name: str
    email: str
    phone: str | None
    address: str

    def checked(self, region: str) -> Self:
        """The same in canonical form (phone as E.164). Raises InvalidInput naming the field."""
        return type(self)(
            name=checked_name(self.name),
            email=checked_email(self.email),
            phone=checked_phone(self.phone, region) if self.phone else None,
            address=checked_address(self.address),
        )
