"""Brands that aren't sold here, where parcels don't go, and how many a correction says."""

from __future__ import annotations

import pytest

from actions.support.counted import only_number
from actions.support.delivery_place import not_delivered_to
from actions.support.other_brands import not_sold
from actions.support.turn import Entity, Turn
from crm.policy import ShopPolicy

SHOP = ShopPolicy(other_brands=("Asus", "Bose", "iPhone", "Sony"), delivers_to=("FR", "DE", "NL"))


def turn(text: str, *entities: Entity) -> Turn:
    return Turn("c1", "m1", text=text, intent="find_product", entities=entities)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("anything from asus?", "We don't sell Asus."),
        ("do you have the iPhone 15", "We don't sell iPhone."),
        ("is the iphone in stock", "We don't sell iPhone."),
        ("sony or bose headphones", "We don't sell Sony or Bose."),
        ("not sony, bose", "We don't sell Bose."),
        ("a case for my iphone", ""),
        ("i have an iphone, need a charger", ""),
        ("headphones like bose but cheaper", ""),
        ("something to diagnose asusceptible things", ""),
        ("headphones", ""),
    ],
)
def test_a_brand_that_is_asked_for_and_not_sold_is_named(text: str, told: str) -> None:
    assert not_sold(turn(text), SHOP) == told


def test_beside_a_brand_that_is_sold_nothing_is_told() -> None:
    assert not_sold(turn("sony or okaru", Entity("brand", "Okaru")), SHOP) == ""


def test_a_shop_without_a_list_tells_nothing() -> None:
    assert not_sold(turn("anything from asus?"), ShopPolicy()) == ""


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("Bahnhofstrasse 1, 8001 Zürich, Schweiz", "Switzerland"),
        ("221B Baker Street, London NW1 6XE, UK", "United Kingdom"),
        ("Kungsgatan 4, 111 43 Stockholm Sweden", "Sweden"),
    ],
)
def test_an_address_elsewhere_is_refused_by_the_name_of_its_country(address: str, country: str) -> None:
    assert f"don't deliver to {country}, only to France, Germany and Netherlands" in not_delivered_to(
        address, SHOP
    )


@pytest.mark.parametrize(
    "address",
    [
        "Hauptstr. 5, 10115 Berlin",
        "Domshof 8, 28195 Bremen, Deutschland",
        "12 rue de la Suisse, 67000 Strasbourg, France",
        "Chausseestraße 3, 10115 Berlin (on the map: 1, 2)",
    ],
)
def test_other_addresses_are_taken(address: str) -> None:
    assert not_delivered_to(address, SHOP) == ""


def test_without_a_list_parcels_go_everywhere() -> None:
    assert not_delivered_to("Bahnhofstrasse 1, 8001 Zürich, Schweiz", ShopPolicy()) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("no wait 1", 1),
        ("sorry, just two", 2),
        ("three", 3),
        ("change the first one", None),
        ("2 or 3", None),
        ("the 2.5 m one", None),
    ],
)
def test_the_only_number_of_a_correction_is_how_many(text: str, number: int | None) -> None:
    assert only_number(turn(text)) == number
