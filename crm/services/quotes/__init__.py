"""Quotes: calculating one, making it once, reading it, and turning it into an order while it is valid."""

from crm.services.quotes.accepting import accept, withdraw
from crm.services.quotes.calculating import Wanted, calculate
from crm.services.quotes.making import make
from crm.services.quotes.reading import get, latest_of_conversation, listed

__all__ = [
    "Wanted",
    "accept",
    "calculate",
    "get",
    "latest_of_conversation",
    "listed",
    "make",
    "withdraw",
]
