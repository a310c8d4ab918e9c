"""Cells as people and feeds write them, read exactly: amounts, counts, attributes. ValueError says what to write."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Protocol

from babel.numbers import NumberFormatError, get_currency_symbol, parse_decimal

from crm.catalogue_import.texts import plain
from crm.views import AttributeValue

PLAIN = re.compile(r"-?\d+(\.\d{1,2})?")
SPACES = re.compile(r"[\s'’]+")
CODE = re.compile(r"^([A-Z]{3})\b|\b([A-Z]{3})$")
# A locale for each decimal sign: what groups digits follows from it.
LOCALES = {".": "en", ",": "de"}
YES = frozenset({"yes", "y", "true", "1", "x", "on", "✓"})
NO = frozenset({"no", "n", "false", "0", "off", "-", ""})
LONGEST = 1000
LARGEST = 1e12
MEASURE = re.compile(r"^\s*([-+]?[\d.,\s]*\d)\s*([^\d\s].*?)?\s*$")


class AttributeKind(Protocol):
    """What attributes.yml says of an attribute, as far as reading a cell needs it."""

    @property
    def kind(self) -> str: ...
    @property
    def many(self) -> bool: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def units(self) -> Mapping[str, float]: ...


def amount(value: object, *, decimal: str | None, currency: str) -> Decimal:
    """A price: "1299.00", "1.299,00", "€1,299", "1 299,00 EUR". What can be read in two ways is refused."""
    if isinstance(value, bool) or value is None:
        raise ValueError("write an amount, such as 1299.00")
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value))
    text = str(value).strip()
    if PLAIN.fullmatch(text) and decimal != ",":
        return Decimal(text)
    text = _without_currency(text, currency)
    readings = {
        read for sign in (decimal or ".,") if (read := _read(SPACES.sub("", text), LOCALES[sign])) is not None
    }
    if len(readings) > 1:
        high, low = max(readings), min(readings)
        raise ValueError(
            f'it could be {high} or {low}; write {high}.00, or say decimal: "." or "," in a mapping file'
        )
    if not readings:
        raise ValueError("write an amount, such as 1299.00")
    return readings.pop()


def _without_currency(text: str, currency: str) -> str:
    if (code := CODE.search(text)) is not None:
        said = code.group(1) or code.group(2)
        if said != currency:
            raise ValueError(f"prices are in {currency}, as shop.toml says")
        return text.replace(said, "", 1).strip()
    symbol = get_currency_symbol(currency, locale="en")
    if symbol in text:
        return text.replace(symbol, "", 1).strip()
    if any(unicodedata.category(sign) == "Sc" for sign in text):
        raise ValueError(f"prices are in {currency} ({symbol}), as shop.toml says")
    return text


def _read(text: str, locale: str) -> Decimal | None:
    try:
        read = parse_decimal(text, locale=locale, strict=True)
    except (NumberFormatError, InvalidOperation):
        return None
    return Decimal(read) if read.is_finite() else None


def count(value: object) -> int:
    """Whole pieces in stock."""
    if isinstance(value, bool):
        raise ValueError("write a whole number of pieces, such as 12")  # noqa: TRY004 - refused like any other value
    if isinstance(value, int):
        return value
    text = str(value).strip()
    try:
        exact = Decimal(text)
    except InvalidOperation:
        exact = None
    # The exponent first: to write 1e999999999 as a whole number would take all memory.
    if exact is None or not exact.is_finite() or exact.adjusted() > 15 or exact != exact.to_integral_value():
        raise ValueError("write a whole number of pieces, such as 12")
    return int(exact)


def attribute(value: object, kind: AttributeKind, *, separator: str, decimal: str | None) -> AttributeValue:
    """An attribute's value in the form that attributes.yml says; a number may carry one of its units."""
    if kind.kind == "flag":
        return _flag(value)
    if kind.kind == "number":
        return _number(value, kind, decimal)
    if kind.many or isinstance(value, list):
        parts = value if isinstance(value, list) else str(value).split(separator)
        return [text for part in parts if (text := short(str(part)))]
    return short(str(value))


def short(text: str) -> str:
    """A word attribute's value, made plain."""
    text = plain(text)
    if len(text) > LONGEST:
        raise ValueError(f"write at most {LONGEST} characters; longer text belongs in the description")
    return text


def bounded(number: float) -> int | float:
    """A number attribute's value, small enough to compare with."""
    if not abs(number) < LARGEST:
        raise ValueError("write a number below a thousand billion")
    return number


def _flag(value: object) -> bool:
    folded = str(value).strip().casefold()
    if folded in YES:
        return True
    if folded in NO:
        return False
    raise ValueError("write yes or no")


def _number(value: object, kind: AttributeKind, decimal: str | None) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return bounded(value)
    example = f"16 {kind.unit}" if kind.unit else "16"
    measure = MEASURE.match(str(value))
    number = None if measure is None else _either(SPACES.sub("", measure.group(1)), decimal)
    if measure is None or number is None:
        raise ValueError(f"write a number, such as {example}")
    unit = (measure.group(2) or "").casefold()
    units = {(kind.unit or "").casefold(): 1.0, "": 1.0} | {
        name.casefold(): float(factor) for name, factor in kind.units.items()
    }
    if unit not in units:
        known = ", ".join(sorted(name for name in units if name)) or "no unit"
        raise ValueError(f"write a number, such as {example}; its unit may be {known}")
    exact = number * Decimal(str(units[unit]))
    bounded(float(exact))
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _either(text: str, decimal: str | None) -> Decimal | None:
    """A measure's number; unlike money, "1,299" is what English readers take it for unless the mapping says else."""
    for sign in decimal or ".,":
        if (read := _read(text, LOCALES[sign])) is not None:
            return read
    return None
