"""What the files hold, read once for each module."""

import json
import tomllib

import pytest

from tests.unit.shop.files import SHOP, Record, read_yaml


@pytest.fixture(scope="module")
def products() -> list[Record]:
    lines = (SHOP / "catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def vocabulary() -> dict[str, Record]:
    attributes: dict[str, Record] = read_yaml("attributes.yml")
    return attributes


@pytest.fixture(scope="module")
def categories() -> dict[str, Record]:
    return {entry["slug"]: entry for entry in read_yaml("categories.yml")}


@pytest.fixture(scope="module")
def faq() -> list[Record]:
    entries: list[Record] = read_yaml("faq.yml")
    return entries


@pytest.fixture(scope="module")
def people() -> Record:
    answer: Record = read_yaml("customers.yml")
    return answer


@pytest.fixture(scope="module")
def rules() -> Record:
    return tomllib.loads((SHOP / "shop.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def orders(people: Record) -> list[Record]:
    return [order for customer in people["customers"] for order in customer["orders"]]
