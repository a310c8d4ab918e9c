"""What people type about themselves, checked and brought to one form."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from crm.errors import InvalidInput

NAME_LENGTH = 200
ADDRESS_LENGTH = 500


def checked_name(text: str) -> str:
    """A name in one line. Raises InvalidInput("name", …)."""
    name = " ".join(_printable(text).split())
    if not any(character.isalpha() for character in name):
        raise InvalidInput("name", text, "write a name, such as Dana Fischer")
    if len(name) > NAME_LENGTH:
        raise InvalidInput("name", f"{len(name)} characters", f"keep it within {NAME_LENGTH} characters")
    return name


def checked_email(text: str) -> str:
    """An address as mail systems take it. Whether anybody reads it isn't asked. Raises InvalidInput."""
    try:
        valid = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError as exc:
        raise InvalidInput("email", text, "write an address such as dana@example.com") from exc
    return valid.normalized


def email_key(text: str) -> str:
    """What is compared when two addresses are: case never tells two people apart in practice."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def checked_phone(text: str, region: str) -> str:
    """A phone number as E.164. Raises InvalidInput("phone", …)."""
    fix = "write a number with country code, such as +33 3 53 01 20 14"
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as exc:
        raise InvalidInput("phone", text, fix) from exc
    # Possible rather than valid: numbering plans change faster than the library's tables.
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput("phone", text, fix)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def readable_phone(number: str) -> str:
    """An E.164 number with spaces, as people write it; anything else as it is."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def checked_address(text: str) -> str:
    """A postal address, lines kept. Raises InvalidInput("address", …)."""
    lines = [" ".join(line.split()) for line in _printable(text).splitlines()]
    address = "\n".join(line for line in lines if line)
    if len(address) > ADDRESS_LENGTH:
        fix = f"keep it within {ADDRESS_LENGTH} characters"
        raise InvalidInput("address", f"{len(address)} characters", fix)
    if len(re.findall(r"\w", address)) < 5:
        raise InvalidInput("address", text, "write street, postal code and town")
    return address


def checked_text(field: str, text: str, limit: int) -> str:
    """Free text without control characters, not empty, within `limit` characters."""
    cleaned = _printable(text).strip()
    if not cleaned:
        raise InvalidInput(field, text, "write at least a word")
    if len(cleaned) > limit:
        raise InvalidInput(field, f"{len(cleaned)} characters", f"keep it within {limit} characters")
    return cleaned


def _printable(text: str) -> str:
    """Without control characters (PostgreSQL refuses NUL) other than line breaks and tabs."""
    return "".join(c for c in text if c in "\n\r\t" or unicodedata.category(c) not in ("Cc", "Cs"))
