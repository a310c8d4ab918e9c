"""The real encoder, exported from the installed weights, and the demo shop's real catalogue."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from crm.views import Product
from models import catalogue_files
from models.encoder_export.weights import installed_source
from models.export_encoder import export
from models.search import ProductIndex
from models.vocabulary import Vocabulary
from parley_encoder import Encoder

SHOP = Path(__file__).parents[3] / "data" / "shop"


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifacts") / "encoder"
    export(installed_source(), folder)
    return folder


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    return Encoder.load(encoder_folder)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return catalogue_files.read(SHOP)


@pytest.fixture(scope="session")
def products() -> list[Product]:
    lines = (SHOP / "catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines if line.strip()]
    return [Product(**{**record, "price": Decimal(record["price"])}) for record in records]


@pytest.fixture(scope="session")
def index(products: list[Product], encoder: Encoder, vocabulary: Vocabulary) -> ProductIndex:
    return ProductIndex.build(products, encoder, vocabulary, version=3)
