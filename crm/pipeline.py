"""The stages a deal goes through, with the chance that it is won from there."""

from decimal import Decimal
from typing import Final

PROSPECTING: Final = "prospecting"
QUALIFICATION: Final = "qualification"
PROPOSAL: Final = "proposal"
NEGOTIATION: Final = "negotiation"
WON: Final = "won"
LOST: Final = "lost"

# In order; the usual scale of CRM systems (EspoCRM and SuiteCRM ship the same ends).
PROBABILITY: Final[dict[str, Decimal]] = {
    PROSPECTING: Decimal("0.10"),
    QUALIFICATION: Decimal("0.25"),
    PROPOSAL: Decimal("0.50"),
    NEGOTIATION: Decimal("0.90"),
    WON: Decimal(1),
    LOST: Decimal(0),
}
FIRST_STAGE: Final = PROSPECTING
CLOSED: Final = (WON, LOST)
