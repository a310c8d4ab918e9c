"""The demo shop's files as they are."""

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

SHOP = Path(__file__).parents[3] / "data" / "shop"

Record = dict[str, Any]


def read_yaml(name: str) -> Any:
    return yaml.safe_load((SHOP / name).read_text(encoding="utf-8"))


def repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]
