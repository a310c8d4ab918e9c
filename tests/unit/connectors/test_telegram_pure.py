"""Telegram's translations: captured updates in, messages out; replies in, Telegram's messages out."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from telegram import Bot, Update

from connectors.messages import Card, Choice, Reply
from connectors.telegram import callbacks, phrases, to_inbound, to_telegram
from connectors.telegram.inbound import Inbound, Sender
from connectors.telegram.markup import TEXT_LIMIT, escape, parts, shortened, width
from connectors.telegram.render import carousel_page
from connectors.telegram.settings import TelegramSettings
from connectors.telegram.updates import as_delivered
from connectors.web import images
from connectors.web.raster import jpeg
from tests.fakes.telegram.api import TOKEN
from tests.fakes.telegram.markup import visible
from tests.unit.connectors.test_reply_shapes import CONVERSATION, stored

FIXTURES = Path(__file__).parents[2] / "fixtures" / "telegram"
SENDER = Sender(CONVERSATION, "hash")


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def inbound(name: str) -> tuple[Inbound, ...]:
    return to_inbound(Update.de_json(payload(name), Bot(TOKEN)), SENDER, delivery="7:1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("text", "I need a light laptop, up to 1500"),
        ("contact_own", "+4915123456789"),
        ("location", "Map location 48.58315, 7.74788"),
        ("venue", "Cathedral Café, 12 Place de la Cathédrale, 67000 Strasbourg"),
    ],
)
def test_what_says_something_is_text_for_the_bot(name: str, text: str) -> None:
    (one,) = inbound(name)
    assert (one.message.text, one.reply) == (text, None)
    assert (one.message.channel, one.message.delivery_id, one.message.client) == ("telegram", "7:1", "hash")


@pytest.mark.parametrize(
    ("name", "text", "reply"),
    [
        ("sticker", "[sticker]", phrases.STICKER),
        ("dice", "[sticker]", phrases.STICKER),
        ("voice", "[voice message]", phrases.VOICE),
        ("photo", "[photo]", phrases.PICTURE),
        ("animation", "[animation]", phrases.PICTURE),
        ("document", "[file]", phrases.FILE),
        ("edited", "[edited] I need a light laptop, up to 1200", phrases.EDITED),
        ("contact_other", "[somebody's contact]", phrases.NOT_YOUR_CONTACT),
        ("contact_unknown", "[somebody's contact]", phrases.NOT_YOUR_CONTACT),
    ],
)
def test_what_the_bot_cant_read_has_the_channels_own_answer(name: str, text: str, reply: Reply) -> None:
    (one,) = inbound(name)
    assert (one.message.text, one.reply) == (text, reply)


def test_a_photos_caption_is_said_and_the_photo_noted() -> None:
    said, noted = inbound("photo_caption")
    assert (said.message.text, said.reply) == ("do you have this in black?", None)
    assert (noted.message.text, noted.reply) == ("[photo]", phrases.PICTURE)
    assert said.message.delivery_id != noted.message.delivery_id


def test_a_press_is_a_choice_and_a_turned_page_is_no_message() -> None:
    (one,) = inbound("press")
    assert (one.message.choice, one.message.text) == ("17.1", None)
    assert inbound("press_inaccessible") == ()
    assert inbound("pinned") == ()


@pytest.mark.parametrize("name", sorted(path.stem for path in FIXTURES.glob("*.json")))
def test_every_update_has_a_lane_and_a_number(name: str) -> None:
    update = payload(name)
    delivered = as_delivered(update, 7)
    assert delivered.delivery_id == f"7:{update['update_id']}"
    assert delivered.lane == ("-1002034567891" if name.startswith("group") else "5512340987")


def test_another_shape_is_no_update() -> None:
    for malformed in ({}, {"update_id": "1"}, {"update_id": None}):
        with pytest.raises(ValueError, match="update_id"):
            as_delivered(malformed, 7)


@given(st.text(st.characters(codec="utf-8")))
def test_escaped_text_is_read_as_it_was(text: str) -> None:
    assert visible(escape(text), "HTML") == text


@given(st.text(st.characters(codec="utf-8"), max_size=300), st.integers(8, 60))
def test_parts_keep_every_visible_character_and_the_limit(text: str, limit: int) -> None:
    pieces = parts(text, limit)
    assert all(0 < width(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert width(shortened(text, limit)) <= limit


def test_callback_data_is_short_and_comes_back() -> None:
    pressed = callbacks.choice_data(CONVERSATION, "999999999.99999")
    turned = callbacks.page_data(CONVERSATION, 999999999, 9999)
    assert max(len(pressed), len(turned)) <= callbacks.DATA_LIMIT
    assert callbacks.parse(pressed) == callbacks.Pressed("1f3a9b2c", "999999999.99999")
    assert callbacks.parse(turned) == callbacks.Turned("1f3a9b2c", 999999999, 9999)
    assert callbacks.parse(callbacks.ending_data(CONVERSATION, sure=True)) == callbacks.Ending(
        "1f3a9b2c", True
    )


@given(st.text(max_size=64))
def test_nobodys_data_is_nothing(data: str) -> None:
    assert callbacks.parse(data) is None or data[:2] in ("c:", "p:", "e:")


def card(number: int, **changes: Any) -> Card:
    values = {"sku": f"A-{number}", "title": f"Thing {number}", "price": "5.00", "currency": "EUR",
              "price_text": "€5.00", "choices": (Choice(title="Buy", payload="/buy"),)}  # fmt: skip
    return Card.model_validate(values | changes)


def test_a_carousel_numbers_choices_as_the_gateway_does() -> None:
    reply = Reply(text="Two.", choices=(Choice(title="Cheaper", payload="/c"),), cards=(card(1), card(2)))
    (first,) = to_telegram(stored(reply))
    second = carousel_page(stored(reply), reply, 1)
    assert second is not None
    assert [button.data for row in first.rows for button in row] == [
        "c:1f3a9b2c:17.1", "p:1f3a9b2c:17:1", "-", "p:1f3a9b2c:17:1", "c:1f3a9b2c:17.0",
    ]  # fmt: skip
    assert second.rows[0][0].data == "c:1f3a9b2c:17.2"
    assert carousel_page(stored(reply), reply, 2) is None
    assert carousel_page(stored(reply), reply, -1) is None


def test_a_text_too_long_for_a_caption_stands_above_with_its_choices() -> None:
    reply = Reply(text="word " * 300, choices=(Choice(title="More", payload="/m"),), cards=(card(1),))
    text, picture = to_telegram(stored(reply))
    assert text.picture is None
    assert [button.title for row in text.rows for button in row] == ["More"]
    assert [button.title for row in picture.rows for button in row] == ["Buy"]


def test_only_pictures_that_telegram_can_fetch_are_addresses() -> None:
    def url(image: str | None) -> str | None:
        (one,) = to_telegram(stored(Reply(cards=(card(1, image=image),))))
        assert one.picture is not None
        return one.picture.url

    assert url("https://shop.example/a.jpg") == "https://shop.example/a.jpg"
    for other in (None, "/shop/images/A-1.svg", "http://shop.example/a.jpg", "https://shop.example/a.svg"):
        assert url(other) is None


def test_a_text_that_is_only_cards_or_nothing_still_is_a_message() -> None:
    assert to_telegram(stored(Reply()))[0].plain == "…"
    assert "Thing 1" in to_telegram(stored(Reply(cards=(card(1),))))[0].plain
    assert width(to_telegram(stored(Reply(text="x" * 9000)))[0].plain) == TEXT_LIMIT


@pytest.mark.parametrize("category", [*sorted(images._DRAWINGS), "anything else"])
def test_every_drawing_becomes_a_picture_that_telegram_shows(category: str) -> None:
    drawn = jpeg(images.product_image("LAP-0001", category, "Norrvik Fjell 13"))
    picture = Image.open(io.BytesIO(drawn))
    assert (picture.format, picture.size) == ("JPEG", (960, 600))
    colours = picture.resize((48, 30)).getcolors(48 * 30)
    assert colours is not None
    assert len(colours) > 60, "it is nearly blank"


def test_a_drawing_with_an_element_that_cant_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="polygon"):
        jpeg('<svg xmlns="http://www.w3.org/2000/svg"><polygon points="0,0 1,1" fill="#fff"/></svg>')


def test_settings_refuse_what_telegram_would() -> None:
    good = TelegramSettings(token=TOKEN, secret="s" * 24, shop="Plover Lane")
    assert good.bot_id == 6839201547
    with pytest.raises(ValueError, match="token"):
        replace(good, token="abc")  # noqa: S106 - a test's own
    with pytest.raises(ValueError, match="webhook_secret"):
        replace(good, mode="webhook", webhook_secret="short")  # noqa: S106 - a test's own
    assert TOKEN not in repr(good)
