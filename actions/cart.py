"""The cart: put in, change how many, take out, show."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from actions.find import SearchProducts
from actions.second_opinion import second_opinion
from actions.support.asked import asked_about, otherwise
from actions.support.base import ShopAction, WritingAction
from actions.support.cart_lines import ask_line, find_line
from actions.support.cart_text import cart_reply, total_sentence
from actions.support.counted import only_number, wanted_quantity
from actions.support.other_brands import told_first
from actions.support.reference import Reference, ask_which, resolve
from actions.support.reply import Button, Event, Reply, button, leave, listed, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase, readings
from crm.database import UnitOfWork
from crm.errors import CrmError, NotFound, OutOfStock, QuantityTooLarge
from crm.services import carts, catalogue, exposures
from crm.views import CartLine, CartView, Product
from parley.bootstrap import ActionsContext
from parley.errors import NotReady

ALL = re.compile(
    r"\b(everything|all of (it|them)|(empty|clear)\b.*\b(cart|basket|bag)|remove all|the whole (cart|basket))\b",
    re.IGNORECASE,
)
SWAP = re.compile(r"\b(instead|add|put in|replace|swap|rather)\b", re.IGNORECASE)
PRIVACY = frozenset({"privacy_info", "export_data", "delete_data"})
FEWER = re.compile(r"\b(one (less|fewer)|less by one)\b", re.IGNORECASE)
ONE_MORE = re.compile(r"\b(one more|another (one|of)|add another|an extra one)\b", re.IGNORECASE)
DOUBLE = re.compile(r"\b(double|twice (as|that)|twice the)\b", re.IGNORECASE)
AGAIN = re.compile(r"\b(again|another|more|second|too|also|as well|extra)\b", re.IGNORECASE)
# With one of these a question is a wish all the same: "can you add it?", "could I have the second one, too?"
WANTS = re.compile(
    r"\b(add|put|throw|take|taking|buy|order|have|get|want|need|cart|basket|bag|go (for|with)|both|also|too|as well"
    r"|extra|more|another)\b",
    re.IGNORECASE,
)


class CartAction(WritingAction):
    """What the cart's actions share: how limits are told."""

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, OutOfStock):
            return await _too_few(context, turn, error)
        if isinstance(error, QuantityTooLarge):
            quote = await _quote_button(turn, error.limit, context)
            return say(_limit_text(error.limit, context), *quote, button("Show my cart", "show_cart"))
        if isinstance(error, NotFound):
            return say(
                "That product isn't sold any more, I'm sorry. Shall I look for something like it?",
                button("Find a product", "find_product"),
            )
        raise error


async def _quote_button(turn: Turn, limit: int, context: ActionsContext) -> tuple[Button, ...]:
    """A quote of what is too much for a cart."""
    async with context.database.read() as uow:
        product = (await resolve(turn, uow)).product
    quantity = wanted_quantity(turn) or 0
    if product is None or quantity <= limit or limit == context.shop.max_lines:
        return ()
    return (button("Make it a quote", "request_quote", product=product.sku, quantity=str(quantity)),)


def _limit_text(limit: int, context: ActionsContext) -> str:
    if limit == context.shop.max_lines:
        return (
            f"One order holds at most {limit} different products, and your cart is at that limit. "
            "You can take something out, or order these first."
        )
    return (
        f"I can put at most {limit} of one product into an order. "
        "For a larger number I can write you a quote, often at a lower price."
    )


async def _too_few(context: ActionsContext, turn: Turn, error: OutOfStock) -> Reply:
    async with context.database.read() as uow:
        product = await catalogue.get(uow, error.sku)
    name = product.name if product else "That product"
    if error.available <= 0:
        return say(
            f"I'm sorry, the {name} is sold out at the moment. Shall I show you something similar?",
            button("Something else", "refine_search", choice="more"),
            button("Show my cart", "show_cart"),
        )
    left = "only one is" if error.available == 1 else f"only {error.available} are"
    return say(
        f"Sorry, {left} left of the {name}. I haven't changed anything.",
        button(
            "Take one" if error.available == 1 else f"Take {error.available}",
            "change_quantity",
            product=error.sku,
            quantity=str(error.available),
        ),
        button("Show my cart", "show_cart"),
    )


class AddToCart(CartAction):
    """ "Add it", "two of the second one": puts a product into the cart. What goes with it is offered once."""

    action = "action_add_to_cart"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        details = readings()["product_details"].action
        if details is not None and _only_asks(turn, context):
            return await details.answer(turn, context)
        reply = await super().answer(turn, context)
        return await with_accessories(reply, turn, context)

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        reference = await resolve(turn, uow, vocabulary=context.vocabulary.attributes)
        if _another_kind(turn, reference):
            # "Put a mouse in, too" with laptops on the screen: it has to be found first.
            return await SearchProducts().answer(turn, context)
        if reference.product is None and (meant := _all_meant(turn, reference)):
            for product in meant[:-1]:
                await put(uow, turn, product, 1)
            reply = await put(uow, turn, meant[-1], 1)
            names = listed(product.name for product in meant[:-1])
            return say(f"The {names} {'is' if len(meant) == 2 else 'are'} in your cart.").then(reply)
        if reference.product is None:
            return ask_which(
                reference.candidates, "add_to_cart", question="Which one shall I put into your cart?"
            )
        if _just_added(turn, reference.product):
            return await _there_already(turn, uow, reference.product)
        reply = await put(uow, turn, reference.product, wanted_quantity(turn) or 1)
        return told_first(reply, otherwise(reference.product, turn, context.vocabulary))


def _just_added(turn: Turn, product: Product) -> bool:
    """True when the last message put this product in and this one says so again: "put it in my cart"."""
    change = turn.slot("undo_cart")
    again = isinstance(change, dict) and change["sku"] == product.sku
    return again and not (turn.pressed or wanted_quantity(turn) or AGAIN.search(turn.wording))


async def _there_already(turn: Turn, uow: UnitOfWork, product: Product) -> Reply:
    cart = await carts.view(uow, turn.conversation_id)
    number = next((line.quantity for line in cart.lines if line.sku == product.sku), 0)
    if not number:
        return await put(uow, turn, product, 1)
    text = f"The {product.name} is in your cart{f', {number} times' if number > 1 else ''}. {total_sentence(cart)}"
    reply = _after_change(turn, cart, text, focus=product.sku)
    more = button("One more", "change_quantity", product=product.sku, quantity=str(number + 1))
    last = reply.messages[-1]
    return replace(reply, messages=(*reply.messages[:-1], replace(last, buttons=(*last.buttons, more))))


def _only_asks(turn: Turn, context: ActionsContext) -> bool:
    """ "And the third?", "and the battery": a question about what is on the screen, which puts nothing into a cart."""
    if turn.pressed or turn.any_of("quantity") or WANTS.search(turn.wording):
        return False
    return turn.wording.rstrip().endswith("?") or bool(asked_about(turn, context.vocabulary))


def _all_meant(turn: Turn, reference: Reference) -> tuple[Product, ...]:
    """ "Both", "all three": the products on the screen, when there are as many; empty otherwise."""
    number = 2 if re.search(r"\bboth\b", turn.words, re.IGNORECASE) else None
    if re.search(r"\b(all (three|3|of (them|these))|them all)\b", turn.words, re.IGNORECASE):
        number = len(reference.candidates)
    return reference.candidates if number and number == len(reference.candidates) else ()


def _another_kind(turn: Turn, reference: Reference) -> bool:
    """True when a kind of product or a brand is named that nothing in sight belongs to."""
    category, brand = turn.value("category"), turn.value("brand")
    if turn.pressed or turn.any_of("product") or turn.any_of("ordinal"):
        return False
    seen = (reference.product,) if reference.product else reference.candidates
    return any(
        isinstance(wanted, str) and all(getattr(product, name) != wanted for product in seen if product)
        for name, wanted in (("category", category), ("brand", brand))
    )


async def with_accessories(reply: Reply, turn: Turn, context: ActionsContext) -> Reply:
    """The reply with a way to what belongs to the product put into the cart, the first time there is something."""
    put_in = next((e["value"] for e in reply.events if e.get("name") == "focus"), None)
    bought = any(button["payload"].startswith("/checkout") for m in reply.messages for button in m.buttons)
    if turn.slot("quiet") or turn.slot("accessories_offered") or not bought or not isinstance(put_in, str):
        return reply
    try:
        recommender = context.recommender
    except NotReady:
        return reply
    if not await asyncio.to_thread(recommender.goes_with, [put_in], limit=1):
        return reply
    last = reply.messages[-1]
    offer = button("What goes with it?", "accessories", product=put_in)
    offered = replace(last, buttons=(*last.buttons, offer))
    return Reply((*reply.messages[:-1], offered), reply.events).with_events(
        *set_slots(accessories_offered=True)
    )


async def put(uow: UnitOfWork, turn: Turn, product: Product, quantity: int) -> Reply:
    """Put a product into the cart and say what is in it now. Raises what `carts.add` raises."""
    if quantity < 1:
        return say("How many would you like? At least one.", events=set_slots(focus=product.sku))
    cart = await carts.add(uow, turn.conversation_id, product.sku, quantity)
    await exposures.carted(uow, turn.conversation_id, product.sku)
    line = next(line for line in cart.lines if line.sku == product.sku)
    many = f"{quantity} × {product.name} are" if quantity > 1 else f"The {product.name} is"
    text = f"{many} in your cart now. " + _sum(cart, line, added=quantity)
    reply = _after_change(turn, cart, text, focus=product.sku)
    return reply.with_events(*_undoable(product.sku, line.quantity - quantity))


class ChangeQuantity(CartAction):
    """ "Make it two", "one more", "three of the headphones instead"."""

    action = "action_change_quantity"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        cart = await carts.view(uow, turn.conversation_id)
        quantity = wanted_quantity(turn)
        if not cart.lines:
            return await self._first(turn, uow, quantity)
        line = await find_line(turn, uow, cart.lines)
        if line is None:
            named = await resolve(turn, uow) if turn.any_of("product") else None
            if named is not None and named.product is not None:
                return await put(uow, turn, named.product, quantity or 1)
            return ask_line(cart.lines, "change_quantity", "Of which one?", quantity=quantity)
        if DOUBLE.search(turn.words):
            quantity = line.quantity * 2
        elif ONE_MORE.search(turn.words):
            quantity = line.quantity + (quantity if quantity and quantity > 1 else 1)
        elif FEWER.search(turn.words):
            quantity = line.quantity - 1
        quantity = only_number(turn) if quantity is None else quantity
        if quantity is None:
            return say(
                f"How many of the {line.name} would you like? There's {line.quantity} in your cart.",
                *(button(str(n), "change_quantity", product=line.sku, quantity=str(n)) for n in (1, 2, 3)),
                events=set_slots(focus=line.sku),
            )
        changed = await carts.set_quantity(uow, turn.conversation_id, line.sku, quantity)
        undoable = _undoable(line.sku, line.quantity)
        if quantity == 0:
            return _removed(turn, changed, line).with_events(*undoable)
        now = next(other for other in changed.lines if other.sku == line.sku)
        text = f"OK, {now.quantity} × {now.name}. " + _sum(changed, now, added=now.quantity)
        return _after_change(turn, changed, text, focus=line.sku).with_events(*undoable)

    async def _first(self, turn: Turn, uow: UnitOfWork, quantity: int | None) -> Reply:
        """ "I'll take two" with nothing in the cart is a first order of what is on the screen."""
        reference = await resolve(turn, uow)
        if reference.product is not None and quantity:
            return await put(uow, turn, reference.product, quantity)
        if reference.candidates:
            return ask_which(
                reference.candidates, "add_to_cart", question="Which one shall I put into your cart?"
            )
        return empty_cart()


class RemoveFromCart(CartAction):
    """ "Remove the second one", "empty my cart"."""

    action = "action_remove_from_cart"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        cart = await carts.view(uow, turn.conversation_id)
        erase = readings()["delete_data"].action
        if not cart.lines and erase and turn.previous and turn.previous.intent in PRIVACY:
            # "Delete everything", after what is stored was told, isn't about a cart that is empty.
            return await erase.answer(turn, context)
        if not cart.lines:
            return empty_cart()
        if turn.choice == "all" or ALL.search(turn.words):
            await carts.clear(uow, turn.conversation_id)
            return say(
                "Done, your cart is empty.",
                button("Find a product", "find_product"),
                events=(*set_slots(focus=None), *_leave_checkout(turn)),
            )
        line = await find_line(turn, uow, cart.lines)
        if line is None:
            return ask_line(cart.lines, "remove_from_cart", "Which one shall I take out?", everything=True)
        if SWAP.search(turn.words) and (other := await self._other(turn, uow, line)):
            await carts.remove(uow, turn.conversation_id, line.sku)
            reply = await put(uow, turn, other, wanted_quantity(turn) or 1)
            return say(f"I took the {line.name} out.").then(reply)
        quantity = wanted_quantity(turn)
        if quantity is not None and 0 < quantity < line.quantity and not turn.pressed:
            changed = await carts.set_quantity(uow, turn.conversation_id, line.sku, line.quantity - quantity)
            return _after_change(
                turn,
                changed,
                f"I took {quantity} out; {line.quantity - quantity} × {line.name} left. "
                + total_sentence(changed),
            )
        left = await carts.remove(uow, turn.conversation_id, line.sku)
        return _removed(turn, left, line).with_events(*_undoable(line.sku, line.quantity))

    async def _other(self, turn: Turn, uow: UnitOfWork, line: CartLine) -> Product | None:
        """The product that shall come instead of the line's, when one is named."""
        named = (await resolve(turn, uow)).product if turn.any_of("product") else None
        return named if named is not None and named.sku != line.sku else None


class ShowCart(ShopAction):
    """The cart with its sums, and whether anything in it has changed."""

    action = "action_show_cart"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if other := await second_opinion(turn, context):
            return other
        async with context.database.read() as uow:
            cart = await carts.view(uow, turn.conversation_id)
            changes = await carts.changes(uow, turn.conversation_id)
        if not cart.lines:
            return empty_cart()
        if turn.loop == "checkout_form" and turn.requested_slot == "checkout_confirm":
            # The summary that follows shows the cart already.
            return say("Tell me what to change, for example “make it two” or “remove the first one”.")
        return cart_reply(cart, changes, in_checkout=turn.loop == "checkout_form")


def empty_cart() -> Reply:
    """Say so, with a way on."""
    return say(
        "Your cart is empty so far. Tell me what you are looking for and I'll find it.",
        button("Find a product", "find_product"),
    )


def _removed(turn: Turn, cart: CartView, line: CartLine) -> Reply:
    if not cart.lines:
        return say(
            f"I took the {line.name} out. Your cart is empty now.",
            button("Find a product", "find_product"),
            events=(*set_slots(focus=None), *_leave_checkout(turn)),
        )
    return _after_change(turn, cart, f"I took the {line.name} out. " + total_sentence(cart))


def _after_change(turn: Turn, cart: CartView, text: str, *, focus: str | None = None) -> Reply:
    """Say what happened; a checkout that is going on asks its own question next."""
    slots = set_slots(focus=focus) if focus else ()
    if turn.loop == "checkout_form":
        return say(text, events=slots)
    return say(
        f"{text} Shall we check out?",
        button("Check out", "checkout"),
        button("Show my cart", "show_cart"),
        button("Keep looking", "find_product", choice="keep_looking"),
        events=(*slots, *set_slots(offer={"kind": "checkout"})),
    )


def _undoable(sku: str, before: int) -> tuple[Event, ...]:
    """How a correction brings back what the cart held of a product."""
    return set_slots(undo_cart={"sku": sku, "quantity": before})


def _leave_checkout(turn: Turn) -> tuple[Event, ...]:
    return leave() if turn.loop == "checkout_form" else ()


def _sum(cart: CartView, line: CartLine, *, added: int) -> str:
    more = f"That makes {line.quantity} of them. " if line.quantity != added else ""
    return more + total_sentence(cart)


USE_CASE = UseCase(
    readings={
        "add_to_cart": Reading("Put something into the cart", AddToCart(), about_product=True),
        "change_quantity": Reading("Change the quantity", ChangeQuantity(), guessed=False),
        "remove_from_cart": Reading("Take something out", RemoveFromCart(), guessed=False),
        "show_cart": Reading("Show my cart", ShowCart()),
    }
)
