"""The shop as its folder describes it: `shop.toml` and `categories.yml`.

Errors name the file, the key and what would be right, all of them at once, because an operator edits these.
"""

import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from babel.numbers import format_currency
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from crm import payment
from crm.errors import InvalidInput
from crm.policy import ShopPolicy
from crm.shop_fields import FileTable, Money, exact
from crm.shop_selling import SellingTables, known_zone


def _known_payment(name: str) -> str:
    try:
        return payment.provider(name).name
    except InvalidInput as exc:
        raise ValueError(exc.fix) from exc


# What has been sent can be neither cancelled nor changed, whatever a shop would like.
NotSent = Literal["placed", "paid"]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class _Policy(FileTable):
    vat_rate: Annotated[Decimal, BeforeValidator(exact), Field(ge=0, lt=1, decimal_places=4)]
    delivery: Money
    free_delivery_from: Money
    max_quantity: int = Field(ge=1)
    max_lines: int = Field(ge=1)
    payment: Annotated[str, AfterValidator(_known_payment)] = "invoice"
    payment_days: int = Field(ge=0)
    unpaid_release_hours: int = Field(ge=1)
    delivery_days_max: int = Field(default=3, ge=0)
    return_days: int = Field(default=14, ge=0)
    return_postage: Money = Decimal("0.00")
    refund_days: int = Field(default=5, ge=0)
    warranty_years: int = Field(default=2, ge=0)
    cancellable: tuple[NotSent, ...] = ("placed", "paid")
    changeable: tuple[NotSent, ...] = ("placed", "paid")

    @model_validator(mode="after")
    def _due_before_released(self) -> Self:
        due = self.payment_days * 24
        if self.unpaid_release_hours < due:
            raise ValueError(
                f"unpaid_release_hours: write at least {due}, or an order is cancelled before its invoice "
                f"is due ({self.payment_days} days)"
            )
        return self


class ShopContact(FileTable):
    """Where the shop is and how it is reached, as its documents say it. What is left out isn't printed."""

    country: str = Field(default="FR", pattern=r"^[A-Z]{2}$")
    email: str = ""
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    vat_id: str = ""
    iban: str = ""
    time_zone: Annotated[str, AfterValidator(known_zone)] = "UTC"


class _Delivery(FileTable):
    carrier: str = ""
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()


class _Catalogue(FileTable):
    other_brands: tuple[Annotated[str, Field(min_length=2)], ...] = ()


class _Shop(SellingTables):
    name: str = Field(min_length=1)
    tagline: str = ""
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    policy: _Policy
    contact: ShopContact = ShopContact()
    delivery: _Delivery = _Delivery()
    catalogue: _Catalogue = _Catalogue()


class Category(FileTable):
    """A kind of product. `synonyms` are what customers type for it; `used_for` ends a question about use."""

    slug: Slug
    name: str = Field(min_length=1)
    singular: str = Field(min_length=1)
    synonyms: tuple[str, ...] = ()
    used_for: str = ""


@dataclass(frozen=True)
class Shop:
    """What the shop's folder says. `promises` are headings with what stands below them, for its page."""

    policy: ShopPolicy
    categories: tuple[Category, ...]
    tagline: str = ""
    promises: tuple[tuple[str, str], ...] = ()
    contact: ShopContact = field(default_factory=ShopContact)
    carrier: str = ""

    @property
    def name(self) -> str:
        return self.policy.name


def load_shop(path: Path) -> Shop:
    """Read the shop from its folder, or from its `shop.toml` with `categories.yml` beside it.

    Raises InvalidInput naming file, key and fix.
    """
    folder = path.parent if path.suffix == ".toml" else path
    file = _file(folder / "shop.toml")
    return Shop(
        policy=_policy(file),
        categories=load_categories(folder / "categories.yml"),
        tagline=file.tagline,
        promises=_promises(file),
        contact=file.contact,
        carrier=file.delivery.carrier,
    )


def load_categories(path: Path) -> tuple[Category, ...]:
    """The categories of `categories.yml`, in its order. Raises InvalidInput naming key and fix."""
    try:
        content = yaml.safe_load(_read(path))
    except yaml.YAMLError as exc:
        raise InvalidInput(path.name, str(path), f"write valid YAML: {exc}") from exc
    categories: tuple[Category, ...] = _checked(TypeAdapter(tuple[Category, ...]), content, path)
    slugs = [category.slug for category in categories]
    twice = {slug for slug in slugs if slugs.count(slug) > 1}
    if twice:
        raise InvalidInput(path.name, sorted(twice), "use each slug once")
    return categories


def _file(path: Path) -> _Shop:
    try:
        content = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as exc:
        raise InvalidInput(path.name, str(path), f"write valid TOML: {exc}") from exc
    shop: _Shop = _checked(TypeAdapter(_Shop), content, path)
    return shop


def _policy(shop: _Shop) -> ShopPolicy:
    return ShopPolicy(
        name=shop.name,
        currency=shop.currency,
        region=shop.contact.country,
        delivery_days=shop.policy.delivery_days_max,
        delivers_to=shop.delivery.countries,
        other_brands=shop.catalogue.other_brands,
        selling=shop.rules(shop.contact.time_zone),
        **shop.policy.model_dump(exclude={"delivery_days_max"}),
    )


def _promises(shop: _Shop) -> tuple[tuple[str, str], ...]:
    rules, currency = shop.policy, shop.currency

    def money(amount: Decimal) -> str:
        return format_currency(amount, currency, locale="en")

    return (
        ("Delivery", f"{money(rules.delivery)}, free from {money(rules.free_delivery_from)}."),
        ("Invoice", f"Pay within {rules.payment_days} days, no card needed."),
        (
            "Returns",
            f"{rules.return_days} days to change your mind, {rules.warranty_years} years of warranty.",
        ),
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidInput(path.name, str(path), f"make it a readable UTF-8 file: {exc}") from exc


def _checked(adapter: TypeAdapter[Any], content: object, path: Path) -> Any:
    try:
        return adapter.validate_python(content)
    except ValidationError as exc:
        errors = exc.errors(include_url=False)
        keys = [".".join(str(part) for part in error["loc"]) or "the file" for error in errors]
        fixes = "; ".join(f"{key}: {error['msg']}" for key, error in zip(keys, errors, strict=True))
        value = errors[0]["input"] if errors[0]["type"] != "missing" else None
        raise InvalidInput(f"{path.name}: {keys[0]}", value, fixes) from exc
