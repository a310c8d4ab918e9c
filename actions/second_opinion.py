"""A look at the words themselves where the classifier wasn't sure of its reading.

"Cheaper?" with products on the screen is a wish whatever it sounds like, and what the shop's FAQ answers
almost word for word is a question about the shop.
"""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop

from actions.faq import faq_answer
from actions.find import SearchProducts
from actions.support.base import ShopAction
from actions.support.refine import is_only_relative
from actions.support.reply import Reply
from actions.support.turn import Turn
from parley.bootstrap import ActionsContext

SURE = 0.8
BRIEF = 2  # words: "cheeper!!" with products on the screen leaves no doubt, however sure of something else a reading is
SHORTHAND = 4
POINTING = ("product", "ordinal", "order_number", "quantity")


def beyond_doubt(turn: Turn, context: ActionsContext) -> ShopAction | None:
    """What answers a word or two that can only be about the products on the screen; None for anything else."""
    if turn.pressed or turn.loop is not None or not turn.slot("shown") or turn.role == "rep":
        return None
    # Shorthand ("nah 2 expensiv") is what a classifier knows least.
    most = SHORTHAND if turn.respelt else BRIEF
    if any(turn.any_of(name) for name in POINTING) or not 0 < len(turn.words.split()) <= most:
        return None
    return SearchProducts() if is_only_relative(turn, context.vocabulary) else None


async def second_opinion(turn: Turn, context: ActionsContext) -> Reply | None:
    """The answer that the words ask for; None when they speak for the reading at hand, or don't speak."""
    if turn.pressed or any(turn.any_of(name) for name in POINTING):
        return None
    brief = len(turn.words.split()) <= BRIEF
    if (
        (brief or turn.confidence < SURE)
        and turn.slot("shown")
        and is_only_relative(turn, context.vocabulary)
    ):
        return await SearchProducts().answer(turn, context)
    if turn.confidence >= SURE:
        return None
    if turn.any_of("category") and turn.any_of("price"):
        # "A laptop under 200": a kind of product and a limit are a wish, however it was read.
        return await SearchProducts().answer(turn, context)
    answer = await faq_answer(turn, context)
    if answer is not None and turn.loop is not None:
        # Whatever the reading would have done to the form: a question about the shop doesn't end it.
        return answer.with_events(ActiveLoop(turn.loop))
    return answer
