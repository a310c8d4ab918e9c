"""Small talk: a short human answer that claims nothing untrue, then back to business without a push."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from actions.support.base import ShopAction
from actions.support.reply import Button, Reply, button, say
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from parley.bootstrap import ActionsContext

Topic = tuple[re.Pattern[str], tuple[str, ...]]


def _topic(pattern: str, *answers: str) -> Topic:
    return re.compile(pattern, re.IGNORECASE), answers


# The first that matches answers. What isn't listed gets an honest general word.
TOPICS: tuple[Topic, ...] = (
    _topic(
        r"\b(joke|funny|laugh|knock)\b",
        "Why did the laptop wear glasses? It had lost its contacts.",
        "I'd tell you a joke about Wi-Fi, but I'm not sure we'd connect.",
        "My favourite cable walked into a bar. It was well charged.",
        "Why was the computer cold? It had left its Windows open.",
    ),
    _topic(
        r"\b(weather|rain\w*|snow\w*|sunny|sunshine|hot (out|to)|cold (out|to))\b",
        "There's no window where I live, so you know more about the weather than I do. Stay dry, or enjoy the sun!",
    ),
    _topic(
        r"\b(who|which company) (made|built|created|programmed|developed|invented|wrote) you\b"
        r"|\byour (boss|maker|creator)\b",
        "I'm Parley, a program that this shop runs on its own computers. People wrote me, and they keep mending me.",
    ),
    _topic(
        r"\bhow (are|r) (you|u)\b|\bhow.?s it going\b|\bhow (was|is) your (day|week)\b|\bwhat.?s up\b",
        "I'm well, thank you: no parcels to carry and nobody spilled coffee on me. How are you?",
        "All fine here, thanks for asking. And you?",
    ),
    _topic(
        r"\b(how old|your age|when were you born)\b",
        "Young enough to like new gadgets, and too much of a program to have birthdays.",
    ),
    _topic(
        r"\b(birthday)\b",
        "Happy birthday! I hope somebody gives you something with a good battery.",
    ),
    _topic(
        r"\b(where (do you live|are you (from|based|located))|your home)\b",
        "On a computer of this shop; not much of a view, but it's warm.",
    ),
    _topic(
        r"\b(love you|marry|married|girlfriend|boyfriend|date me|kiss)\b",
        "That's sweet. I'm a program, though, and taken up by looking after this shop.",
    ),
    _topic(
        r"\b(football|soccer|match|world cup|team|sport|basketball|tennis)\b",
        "I only follow the scores of products, sorry. May the better team win.",
    ),
    _topic(
        r"\b(swear\w*|curse|rude|dirty|bad word|nasty|dare you)\b",
        "I was brought up on product sheets; the rudest word in them is “refurbished”.",
    ),
    _topic(r"\bsouls?\b", "No soul in stock, neither mine nor others'. Chargers I have many."),
    _topic(
        r"\b(politic\w*|religio\w*|god|election|president|war)\b",
        "I keep out of that; I'd only get it wrong. Cables are more my thing.",
    ),
    _topic(
        r"\b(meaning of life|purpose of life)\b",
        "Forty-two, they say. Mine is helping people find something that works.",
    ),
    _topic(
        r"\b(sleep|dream|tired|eat|breakfast|lunch|hungry|drink|free time|tonight|hobb\w+|feel\w*)\b.*\byou\b"
        r"|\byou\b.*\b(sleep|dream|tired|eat|breakfast|lunch|hungry|drink|free time|tonight|hobb\w+|dance|sing)\b",
        "I'm a program, so no meals, no dreams and no evenings off. I'm awake whenever you are.",
    ),
    _topic(
        r"\b(sing|song|dance|poem|story)\b",
        "I'd empty the shop if I sang. But I know every product in it by heart.",
    ),
    _topic(
        r"\b(cats?|dogs?|pets?)\b",
        "Cats, I think: they also like warm keyboards. But dogs return things faster.",
    ),
    _topic(
        r"\b(flip|toss) a coin\b",
        "I'd rather not let chance decide; that's what facts are for. But fine: heads.",
    ),
    _topic(
        r"\b(favou?rite|like best|prefer)\b", "I have no favourites: whatever fits the person in front of me."
    ),
    _topic(
        r"\b(bored|boring|lonely|alone|sad|terrible day|bad day|stressed|monday)\b",
        "I'm sorry to hear that. I'm good company for questions about things with a plug; maybe that helps a little.",
    ),
    _topic(r"\b(lol|haha+|hehe+|rofl|funny)\b", "Glad that made you smile."),
)
GENERAL = (
    "I'm better with products than at small talk, but I like that you ask.",
    "That's beyond what a shop's assistant knows, I'm afraid.",
)
BACK: Mapping[str, tuple[str, tuple[Button, ...]]] = {
    "shown": ("Shall we go on with what I showed you?", ()),
    "fresh": ("Is there something I can find for you?", (button("Find a product", "find_product"),)),
}


class Chat(ShopAction):
    """One line, never the same twice in a row where there are several, and the way back in half a sentence."""

    action = "action_chat"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        line = small_talk(turn.words, turn.message_id)
        if turn.loop is not None or turn.slot("quiet"):
            return say(line)
        back, buttons = BACK["shown" if turn.slot("shown") else "fresh"]
        return say(line if line.endswith("?") else f"{line} {back}", *buttons)


def small_talk(words: str, seed: str) -> str:
    """The answer to what was said; `seed` picks among several, the same for the same message."""
    answers = next((found for pattern, found in TOPICS if pattern.search(words)), GENERAL)
    return answers[zlib.crc32(seed.encode()) % len(answers)]


USE_CASE = UseCase(readings={"chitchat": Reading("Just chat a bit", Chat(), small_talk=True)})
