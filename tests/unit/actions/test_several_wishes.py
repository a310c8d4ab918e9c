"""Several things asked at once are all done, once each; what is taken back is taken back wholly."""

from __future__ import annotations

from typing import Any

import pytest

from actions.abuse import AnswerAbuse
from actions.cart import AddToCart, RemoveFromCart
from actions.correct import Correct
from actions.fallback import Fallback
from actions.find import SearchProducts
from actions.newsletter import RequestNewsletter
from actions.not_interested import BackOff
from actions.order_status import StartOrderStatus
from actions.praise import KeepPraise
from actions.shared import Affirm
from crm.services import carts
from tests.unit.actions.conftest import Chat


def part(text: str, piece: str, intent: str, confidence: float = 0.95) -> dict[str, Any]:
    start = text.index(piece)
    return {
        "start": start,
        "end": start + len(piece),
        "intent": intent,
        "confidence": confidence,
        "ranking": [],
    }


def entity(text: str, piece: str, name: str, value: Any) -> dict[str, Any]:
    start = text.index(piece)
    return {"entity": name, "value": value, "start": start, "end": start + len(piece)}


async def lines(chat: Chat) -> dict[str, int]:
    async with chat.context.database.read() as uow:
        return {line.sku: line.quantity for line in (await carts.view(uow, chat.id)).lines}


async def both(chat: Chat, *, repeat: bool = False) -> Any:
    text = "add the first one and where is my order"
    wishes = [
        part(text, "add the first one", "add_to_cart"),
        part(text, "where is my order", "order_status"),
    ]
    return await chat.do(
        StartOrderStatus(),
        text,
        intent="order_status",
        entities=[entity(text, "first", "ordinal", 1)],
        parsed={"wishes": wishes},
        repeat=repeat,
    )


async def test_the_first_is_done_and_what_needs_questions_comes_last(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    said = await both(chat)
    assert await lines(chat) == {"LAP-0001": 1}
    assert "in your cart now" in said.text
    assert "Shall we check out?" not in said.text
    assert said.loop == "order_status_form"


async def test_a_repeated_message_does_each_wish_once(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    first = await both(chat)
    again = await both(chat, repeat=True)
    assert await lines(chat) == {"LAP-0001": 1}
    assert again.messages == first.messages


async def test_two_of_the_same_kind_of_change_are_both_written(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    await chat.do(AddToCart(), "the first", entities=[{"entity": "ordinal", "value": 1}])
    text = "remove the fjell and add the second one"
    await chat.do(
        AddToCart(),
        text,
        intent="add_to_cart",
        entities=[entity(text, "fjell", "product", "LAP-0001"), entity(text, "second", "ordinal", 2)],
        parsed={
            "wishes": [
                part(text, "remove the fjell", "remove_from_cart"),
                part(text, "add the second one", "add_to_cart"),
            ]
        },
    )
    assert await lines(chat) == {"LAP-0003": 1}


async def test_of_two_forms_the_second_is_kept_offered_and_done_on_a_yes(chat: Chat) -> None:
    text = "newsletter please and where is my order PL-5013-8924"
    kept = await chat.do(
        Fallback(),
        text,
        entities=[entity(text, "PL-5013-8924", "order_number", "PL-5013-8924")],
        parsed={
            "wishes": [
                part(text, "newsletter please", "newsletter_subscribe"),
                part(text, "where is my order PL-5013-8924", "order_status"),
            ]
        },
    )
    assert (kept.loop, kept.slots["later"]["intent"]) == ("newsletter_form", "order_status")
    chat.loop = None
    chat.slots |= {"newsletter_email": "dana@example.org", "newsletter_consent": True}
    offered = await chat.do(RequestNewsletter(), "yes", intent="affirm")
    assert "You also wrote: “where is my order PL-5013-8924”" in offered.text
    assert offered.slots["offer"] == {"kind": "later"}
    done = await chat.do(Affirm(), "yes", intent="affirm")
    assert (done.loop, done.slots["order_number"], done.slots["later"]) == (
        "order_status_form",
        "PL-5013-8924",
        None,
    )


async def test_what_was_kept_is_dropped_when_the_offer_is_passed_over(chat: Chat) -> None:
    chat.slots |= {
        "later": {"text": "where is my order", "intent": "order_status", "entities": {}},
        "offer": {"kind": "later"},
    }
    said = await chat.do(KeepPraise(), "you are great", intent="praise")
    assert said.slots["later"] is None


async def test_a_correction_takes_the_cart_back_and_puts_the_other_in(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    await chat.do(
        AddToCart(), "the first", intent="add_to_cart", entities=[{"entity": "ordinal", "value": 1}]
    )
    chat.before = [
        {"event": "user", "text": "add the first", "parse_data": {"intent": {"name": "add_to_cart"}}}
    ]
    text = "no, I meant the second one"
    said = await chat.do(
        Correct(),
        text,
        intent="correct",
        entities=[entity(text, "second", "ordinal", 2)],
        parsed={"meant": part(text, "the second one", "inform", 0.4)},
    )
    assert await lines(chat) == {"LAP-0003": 1}
    assert "out of your cart again" in said.text


async def test_a_removal_is_taken_back_with_its_quantity(chat: Chat) -> None:
    await chat.do(
        AddToCart(),
        "two",
        entities=[{"entity": "product", "value": "LAP-0001"}, {"entity": "quantity", "value": 2}],
    )
    await chat.do(RemoveFromCart(), "remove it", intent="remove_from_cart")
    assert await lines(chat) == {}
    said = await chat.do(Correct(), "that's not what I meant", intent="correct")
    assert await lines(chat) == {"LAP-0001": 2}
    assert "2 × Norrvik Fjell 13 again" in said.text


async def test_a_correction_without_more_restores_the_search_and_offers_the_other_readings(
    chat: Chat,
) -> None:
    chat.slots |= {"shown": ["LAP-0001"], "focus": "LAP-0001"}
    await chat.do(
        SearchProducts(),
        "show me laptops for video editing under 2000",
        intent="find_product",
        entities=[{"entity": "category", "value": "laptops"}],
    )
    chat.before = [
        {
            "event": "user",
            "text": "how much",
            "parse_data": {
                "intent": {"name": "find_product"},
                "intent_ranking": [
                    {"name": "find_product", "confidence": 0.6},
                    {"name": "product_price", "confidence": 0.3},
                ],
            },
        }
    ]
    said = await chat.do(Correct(), "that's not what I meant", intent="correct")
    assert (said.slots["shown"], said.slots["focus"]) == (["LAP-0001"], "LAP-0001")
    assert "Ask for a price" in said.titles


async def test_the_third_misunderstanding_in_a_row_offers_a_person(chat: Chat) -> None:
    said = [await chat.do(Correct(), "no, you misunderstood", intent="correct") for _ in range(3)]
    assert said[2].slots["offer"] == {"kind": "human"}
    assert said[1].slots.get("offer") is None


async def test_a_corrected_number_goes_where_the_first_one_went(chat: Chat) -> None:
    chat.slots |= {"callback_saved": True, "contact_name": "Emil Haas"}
    number = {"entity": "phone", "value": "+493023125015", "start": 29, "end": 41}
    said = await chat.do(
        Correct(), "wait I gave the wrong number, 030 23125015", intent="correct", entities=[number]
    )
    assert said.loop == "callback_form"
    assert said.slots["contact_phone"] == "+493023125015"


@pytest.mark.parametrize("text", ["thanks but I already have everything", "I've got all I need at home"])
async def test_who_has_all_they_need_is_left_alone(chat: Chat, text: str) -> None:
    assert "won't suggest anything" in (await chat.do(BackOff(), text, intent="not_interested")).text


async def test_insults_in_a_row_end_with_a_person_and_civility_starts_anew(chat: Chat) -> None:
    first = await chat.do(AnswerAbuse(), "idiot", intent="abuse")
    await chat.do(KeepPraise(), "sorry, you are fine", intent="praise")
    assert chat.slots["insults"] == 0
    replies = [await chat.do(AnswerAbuse(), "idiot", intent="abuse") for _ in range(3)]
    assert replies[0].text == first.text
    assert replies[1].slots["offer"] == {"kind": "calm"}
    assert replies[2].messages[0]["custom"]["handoff"]["reason"] == "abuse"


@pytest.mark.parametrize(("language", "word"), [("de", "Englisch"), ("other", "only speak English")])
async def test_another_language_is_answered_kindly(chat: Chat, language: str, word: str) -> None:
    said = await chat.do(
        Fallback(), "wo ist mein Paket", intent="nlu_fallback", parsed={"language": language}
    )
    assert word in said.text
    assert "I'm afraid I only speak English" in said.text
    assert "Talk to a person" in said.titles


async def test_a_question_that_must_be_answered_first_keeps_what_was_wished_for_next(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    text = "put it into my cart and where is my order"
    said = await chat.do(
        AddToCart(),
        text,
        intent="add_to_cart",
        parsed={
            "wishes": [
                part(text, "put it into my cart", "add_to_cart"),
                part(text, "where is my order", "order_status"),
            ]
        },
    )
    assert "Which one shall I put into your cart?" in said.text
    assert said.loop == "unchanged"
    assert said.slots["later"]["text"] == "where is my order"


async def test_the_other_one_is_asked_for_when_there_are_several(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0002", "LAP-0003"]
    await chat.do(
        AddToCart(), "the first", intent="add_to_cart", entities=[{"entity": "ordinal", "value": 1}]
    )
    chat.before = [
        {"event": "user", "text": "add the first", "parse_data": {"intent": {"name": "add_to_cart"}}}
    ]
    text = "no I meant the other one"
    said = await chat.do(
        Correct(), text, intent="correct", parsed={"meant": part(text, "the other one", "inform", 0.3)}
    )
    assert said.titles == ["Norrvik Fjell Studio", "Okaru Hana 13"]
    assert await lines(chat) == {}


async def test_another_kind_of_product_is_found_before_it_goes_into_the_cart(chat: Chat) -> None:
    chat.slots |= {"shown": ["LAP-0001"], "focus": "LAP-0001"}
    said = await chat.do(
        AddToCart(),
        "put a mouse in too",
        intent="add_to_cart",
        entities=[{"entity": "category", "value": "mice"}],
    )
    assert await lines(chat) == {}
    assert "in your cart" not in said.text


async def test_both_on_the_screen_go_into_the_cart(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    said = await chat.do(AddToCart(), "add both", intent="add_to_cart")
    assert await lines(chat) == {"LAP-0001": 1, "LAP-0003": 1}
    assert "Norrvik Fjell 13 is in your cart" in said.text


async def test_what_is_not_in_the_cart_takes_nothing_else_out(chat: Chat) -> None:
    await chat.do(
        AddToCart(), "it", intent="add_to_cart", entities=[{"entity": "product", "value": "LAP-0001"}]
    )
    said = await chat.do(
        RemoveFromCart(),
        "remove the mouse",
        intent="remove_from_cart",
        entities=[{"entity": "category", "value": "mice"}],
    )
    assert await lines(chat) == {"LAP-0001": 1}
    assert "Which one shall I take out?" in said.text


async def test_small_talk_holds_up_no_wish(chat: Chat) -> None:
    text = "haha fair enough. show me headphones up to 100"
    said = await chat.do(
        Fallback(),
        text,
        intent="chitchat",
        entities=[
            entity(text, "headphones", "category", "headphones"),
            entity(text, "up to 100", "price", "100"),
        ],
        parsed={
            "wishes": [
                part(text, "haha fair enough", "chitchat"),
                part(text, "show me headphones up to 100", "find_product"),
            ]
        },
    )
    assert {card["sku"][:3] for card in said.cards} == {"HEA"}
    assert not said.slots.get("later")


async def test_a_no_with_another_wish_is_understood_whichever_of_both_it_is(chat: Chat) -> None:
    chat.slots |= {
        "shown": ["LAP-0001", "LAP-0002", "LAP-0003"],
        "need": {"category": "laptops", "asked": True},
    }
    chat.before = [
        {"event": "user", "text": "show me laptops", "parse_data": {"intent": {"name": "find_product"}}}
    ]
    text = "no, the cheaper one"
    said = await chat.do(
        Fallback(),
        text,
        intent="nlu_fallback",
        confidence=0.5,
        ranking=[("nlu_fallback", 0.5), ("correct", 0.5), ("refine_search", 0.43)],
        parsed={"meant": part(text, "the cheaper one", "refine_search", 0.9)},
    )
    assert "Is it one of these" not in said.text
    assert said.cards


async def test_the_cheaper_one_after_a_no_is_shown_though_it_is_sure_of_nothing_else(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0002", "LAP-0003"]
    chat.before = [
        {"event": "user", "text": "show me laptops", "parse_data": {"intent": {"name": "find_product"}}}
    ]
    text = "no, the cheaper one"
    meant = part(text, "the cheaper one", "nlu_fallback", 0.0)
    said = await chat.do(Correct(), text, intent="correct", parsed={"meant": meant})
    assert "what did you mean" not in said.text
    assert said.slots["focus"] == "LAP-0003"
