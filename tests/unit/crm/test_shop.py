"""The shop's folder: read, or refused with file, key and fix."""

from decimal import Decimal
from pathlib import Path

import pytest

from crm.errors import InvalidInput
from crm.shop import load_shop

SHOP = Path(__file__).parents[3] / "data" / "shop"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("shop.toml", "categories.yml"):
        (tmp_path / name).write_bytes((SHOP / name).read_bytes())
    return tmp_path


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize("path", [SHOP, SHOP / "shop.toml"])
def test_the_demo_shop_is_read_from_its_folder_or_file(path: Path) -> None:
    shop = load_shop(path)
    assert shop.policy.vat_rate == Decimal("0.20")
    assert shop.policy.delivery == Decimal("4.90")
    assert shop.policy.unpaid_release_hours >= shop.policy.payment_days * 24
    assert len(shop.categories) >= 12
    assert shop.name


@pytest.mark.parametrize(
    ("before", "after", "key", "fix"),
    [
        ('delivery = "4.90"', "delivery = 4.90", "policy.delivery", "as text"),
        ('delivery = "4.90"', 'delivery = "-1"', "policy.delivery", "greater"),
        ('delivery = "4.90"', 'delivery = "free"', "policy.delivery", "decimal"),
        ('vat_rate = "0.20"', 'vat_rate = "20"', "policy.vat_rate", "less than 1"),
        ('vat_rate = "0.20"', "", "policy.vat_rate", "required"),
        ('currency = "EUR"', 'currency = "euro"', "currency", "pattern"),
        ("max_quantity = 10", "max_quantity = 0", "policy.max_quantity", "greater"),
        ("unpaid_release_hours = 384", "unpaid_release_hours = 72", "policy", "at least 336"),
        ("payment_days = 14", 'payment_days = 14\npayment = "shells"', "policy.payment", "invoice"),
        ("[policy]", "[policy", "shop.toml", "TOML"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key_and_fix(
    folder: Path, before: str, after: str, key: str, fix: str
) -> None:
    change(folder / "shop.toml", before, after)
    with pytest.raises(InvalidInput, match=fix) as refused:
        load_shop(folder)
    assert refused.value.field.startswith("shop.toml")
    assert refused.value.field.endswith(key)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "categories.yml").unlink()
    with pytest.raises(InvalidInput, match=r"categories\.yml"):
        load_shop(folder)


@pytest.mark.parametrize(
    "text", ["- {slug: Bad Slug, name: A, singular: a}", "- [", "just words", "- {slug: a}"]
)
def test_wrong_categories_are_refused(folder: Path, text: str) -> None:
    (folder / "categories.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"categories\.yml"):
        load_shop(folder)


def test_a_slug_used_twice_is_refused(folder: Path) -> None:
    entry = "- {slug: a, name: A, singular: a}\n"
    (folder / "categories.yml").write_text(entry * 2, encoding="utf-8")
    with pytest.raises(InvalidInput, match="once"):
        load_shop(folder)


def test_the_demo_shops_selling_rules_are_read() -> None:
    selling = load_shop(SHOP).policy.selling
    assert [(tier.least, tier.percent) for tier in selling.tiers] == [
        (5, Decimal(3)),
        (11, Decimal(5)),
        (25, Decimal(8)),
        (100, None),
    ]
    assert selling.opening.zone.key == "Europe/Paris"
    assert selling.opening.week[6] == ()
    assert selling.appointments.minutes == 30


def test_a_shop_without_selling_rules_gives_no_discounts_and_no_appointments(folder: Path) -> None:
    path = folder / "shop.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("# From so many pieces")], encoding="utf-8")
    selling = load_shop(folder).policy.selling
    assert selling.tiers == ()
    assert not any(selling.opening.week)


@pytest.mark.parametrize(
    ("before", "after", "fix"),
    [
        ('percent = "3"', "percent = 3.0", "as text"),
        ('percent = "3"', 'percent = "0"', "greater than 0"),
        ('percent = "3"', 'percent = "100"', "less than 100"),
        ('percent = "3"', 'percent = "3"\nask = true', "either"),
        ('percent = "3"', "", "either"),
        ('percent = "3"', 'percent = "9"', "smaller percentage"),
        ("from = 11", "from = 5", "each quantity once"),
        ('monday = "9:00-18:30"', 'monday = "9-18"', "9:00-12:30"),
        ('monday = "9:00-18:30"', 'monday = "18:30-9:00"', "ends after it begins"),
        ('monday = "9:00-18:30"', 'monday = "9:00-25:00"', "no such time"),
        ("minutes = 30", "minutes = 0", "greater than or equal to 5"),
        ("valid_days = 14", "valid_days = 0", "greater than or equal to 1"),
        ('time_zone = "Europe/Paris"', 'time_zone = "Strasbourg"', "Europe/Paris"),
        (
            "[appointments]",
            '[[promotions]]\ntext = "x"\nfirst = 2026-02-01\nlast = 2026-01-01\n[appointments]',
            "before",
        ),
    ],
)
def test_a_wrong_selling_rule_is_refused_with_its_fix(
    folder: Path, before: str, after: str, fix: str
) -> None:
    change(folder / "shop.toml", before, after)
    with pytest.raises(InvalidInput, match=fix):
        load_shop(folder)
