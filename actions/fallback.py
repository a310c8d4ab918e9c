"""When the classifier isn't sure: the likeliest readings as buttons, the FAQ, or what the bot can do. Then a person."""

from __future__ import annotations

import re
from typing import Any

from actions.callback import StartCallback
from actions.cart import PRIVACY
from actions.faq import faq_answer
from actions.find import SearchProducts
from actions.order_status import StartOrderStatus
from actions.product import ProductDetails
from actions.rep_shared import RepHelp
from actions.support.asked import asked_about
from actions.support.base import ShopAction
from actions.support.rep import ROLE
from actions.support.reply import Button, Reply, button, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase, by_action, readings, titles
from parley.bootstrap import ActionsContext

PATIENCE = 3
PLAUSIBLE = 0.15
LIKELY = 0.2
FAR_AHEAD = 3.0
# Entities that a button can carry on, as the customer said them.
CARRIED = ("product", "category", "brand", "price", "quantity", "ordinal", "order_number", "email")

ANOTHER = {"correct", "refine_search"}
ABOUT_A_PRODUCT = ProductDetails()  # what a bare name asks for


class Fallback(ShopAction):
    """Something useful for a message that wasn't understood; the third in a row offers a person."""

    action = "action_fallback"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.role == ROLE:
            return await RepHelp().answer(turn, context)
        if turn.language:
            return speaks_english(turn)
        if action := corroborated(turn) or in_context(turn, context):
            return await action.answer(turn, context)
        return await understood_less(turn, context)


SORRY = {
    "de": "Entschuldigung, ich verstehe nur Englisch.",
    "es": "Lo siento, solo entiendo inglés.",
    "fr": "Désolé, je ne comprends que l'anglais.",
    "it": "Mi dispiace, capisco solo l'inglese.",
    "nl": "Sorry, ik begrijp alleen Engels.",
    "pl": "Przepraszam, rozumiem tylko po angielsku.",
    "pt": "Desculpe, só entendo inglês.",
    "sv": "Tyvärr förstår jag bara engelska.",
    "tr": "Üzgünüm, yalnızca İngilizce anlıyorum.",
}


def speaks_english(turn: Turn) -> Reply:
    """Says so in their language and in English, with somebody who may speak theirs."""
    sorry = SORRY.get(turn.language or "")
    english = "I'm afraid I only speak English. Could you write it in English? Or I fetch a colleague."
    return say(
        f"{sorry}\n{english}" if sorry else english,
        button("Find a product", "find_product"),
        button("Talk to a person", "human"),
        events=set_slots(misses=turn.misses + 1),
    )


def corroborated(turn: Turn) -> ShopAction | None:
    """The likeliest reading's action, when what was named in the message speaks for it or nothing else comes near.

    Only for readings that change nothing which can't be taken back.
    """
    if typed := titles().get(turn.words.casefold().strip(" .!?")):
        return typed.action
    likely = by_action(turn.ranking)
    likeliest, confidence = likely[0] if likely else (None, 0.0)
    runner_up = likely[1][1] if len(likely) > 1 else 0.0
    if turn.any_of("ordinal") and turn.slot("shown") and not turn.any_of("product"):
        return ABOUT_A_PRODUCT
    if turn.any_of("product"):
        return likeliest.action if likeliest and likeliest.about_product else ABOUT_A_PRODUCT
    if turn.any_of("order_number"):
        return likeliest.action if likeliest and likeliest.about_order else StartOrderStatus()
    wish = turn.any_of("attribute") or turn.any_of("brand")
    searching = likeliest is not None and isinstance(likeliest.action, SearchProducts)
    if turn.any_of("category") or (wish and (turn.slot("shown") or searching)):
        return SearchProducts()
    if likeliest and likeliest.about_product and not (turn.slot("shown") or turn.slot("focus")):
        return None  # nothing is in sight that it could be about
    if likeliest and likeliest.guessed and confidence >= LIKELY and confidence >= FAR_AHEAD * runner_up:
        return likeliest.action
    return None


def in_context(turn: Turn, context: ActionsContext) -> ShopAction | None:
    """What the message can only be about after what was said before; None when it could be anything."""
    if turn.slot("callback_saved") and (turn.any_of("phone") or turn.any_of("email")):
        return StartCallback()  # "wait, the number is wrong", which asks again before anything is kept
    likely = [name for name, _ in turn.ranking if name in readings()][:2]
    if turn.meant and turn.slot("shown") and set(likely) == ANOTHER:
        # "No, the cheaper one": whichever of both it is, another one is meant.
        return readings()["correct"].action
    if turn.previous and turn.previous.intent in PRIVACY and _is_plausible(turn, "delete_data"):
        return readings()["delete_data"].action  # which asks before anything is erased
    if (turn.slot("focus") or turn.slot("shown")) and asked_about(turn, context.vocabulary):
        return ABOUT_A_PRODUCT
    return None


def _is_plausible(turn: Turn, intent: str) -> bool:
    return any(name == intent and confidence >= PLAUSIBLE for name, confidence in turn.ranking)


async def understood_less(turn: Turn, context: ActionsContext) -> Reply:
    """The best that can be said to a message of which not enough was understood; counts when that isn't an answer."""
    if re.search(r"[^\W_]", turn.words) and (answer := await faq_answer(turn, context)):
        return answer
    return _at_a_loss(turn).with_events(*set_slots(misses=turn.misses + 1))


def _at_a_loss(turn: Turn) -> Reply:
    if turn.misses >= PATIENCE - 1:
        return say(
            "I'm sorry, I keep missing your point. Shall I fetch a person who can help?",
            button("Talk to a person", "human"),
            button("Call me back", "callback"),
            button("What can you do?", "help"),
            events=set_slots(offer={"kind": "human"}),
        )
    if not re.search(r"[^\W_]", turn.words):
        return say(
            "I read words better than pictures. Tell me in a few words what you need?",
            button("Find a product", "find_product"),
            button("What can you do?", "help"),
        )
    if readings := plausible_readings(turn):
        return say(
            "I'm not quite sure what you mean. Is it one of these?",
            *readings,
            button("Something else", "help"),
        )
    return say(
        "I'm afraid I didn't get that. I can find a product, take your order, tell you where an order is, or answer "
        "questions about delivery, returns and payment.",
        button("Find a product", "find_product"),
        button("Track an order", "order_status"),
        button("Talk to a person", "human"),
    )


def plausible_readings(turn: Turn) -> tuple[Button, ...]:
    """The two likeliest intents as buttons that carry on what was named; none when both are far-fetched."""
    known = readings()
    likely = [name for name, confidence in turn.ranking if name in known and confidence >= PLAUSIBLE][:2]
    return tuple(button(known[name].title, name, **_carried(turn)) for name in likely)


def _carried(turn: Turn) -> dict[str, Any]:
    found: dict[str, Any] = {"said": turn.words}
    for name in CARRIED:
        value = turn.value(name)
        if isinstance(value, str | int):
            found[name] = str(value)
    return found


USE_CASE = UseCase(readings={"help": Reading("What can you do?")})
