"""What a customer wants to know about one product: details, price, whether it is in stock."""

from __future__ import annotations

from abc import abstractmethod

from actions.bulk_purchase import AnswerBulk
from actions.second_opinion import second_opinion
from actions.support.asked import asked_about, name_of, told
from actions.support.base import ShopAction
from actions.support.cards import details_card
from actions.support.counted import wanted_quantity
from actions.support.exposed import opened
from actions.support.need import Need
from actions.support.other_brands import not_sold
from actions.support.quantities import PIECES
from actions.support.reference import Reference, ask_which, resolve
from actions.support.reply import Button, Reply, button, money, say, set_slots
from actions.support.search import query
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from crm.views import Product
from models.reasons import facts
from parley.bootstrap import ActionsContext

FEW = 5
FACTS = 8


class ProductAction(ShopAction):
    """Finds the product meant, or asks which; `intent` is what its buttons say."""

    intent: str

    @abstractmethod
    def tell(self, product: Product, turn: Turn, context: ActionsContext) -> Reply:
        """The answer about a product that is still for sale."""

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if other := await second_opinion(turn, context):
            return other
        async with context.database.read() as uow:
            reference: Reference = await resolve(turn, uow, vocabulary=context.vocabulary.attributes)
        product = reference.product
        if product is None and (unsold := not_sold(turn, context.shop)):
            near = button("Something like it", "find_product", said=turn.words)
            return say(f"{unsold} Shall I show you what comes near?", near)
        if product is None:
            return ask_which(reference.candidates, self.intent)
        if not product.active:
            return say(
                f"The {product.name} isn't sold any more. Shall I look for something like it?",
                button("Something similar", "similar_products", product=product.sku),
            )
        return self.tell(product, turn, context).with_events(*set_slots(focus=product.sku))


def buy_buttons(product: Product) -> tuple[Button, ...]:
    if product.stock > 0:
        return (button("Add to cart", "add_to_cart", product=product.sku),)
    return (button("Something similar", "similar_products", product=product.sku),)


def stock_sentence(product: Product) -> str:
    """Whether it can be bought now, with the number when it is small enough to matter."""
    if product.stock <= 0:
        return "It's sold out at the moment."
    if product.stock == 1:
        return "There is only one left in stock."
    if product.stock <= FEW:
        return f"There are only {product.stock} left in stock."
    return "It's in stock."


class ProductDetails(ProductAction):
    """Just what was asked for ("how long does the battery last?"), else everything worth knowing, with the card."""

    action = "action_product_details"
    intent = "product_details"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        return await attribute_answer(turn, context) or await super().answer(turn, context)

    def tell(self, product: Product, turn: Turn, context: ActionsContext) -> Reply:
        known = "\n".join(f"• {fact}" for fact in facts(product, context.vocabulary, limit=FACTS))
        text = f"{product.name} by {product.brand}, {money(product.price, product.currency)}.\n{product.description}"
        text = "\n".join(part for part in (text, known, stock_sentence(product)) if part)
        need = Need.from_slot(turn.slot("need"))
        asked = query(need if need.category == product.category else Need())
        return say(text, custom=details_card(product, asked, context.vocabulary))


async def attribute_answer(turn: Turn, context: ActionsContext) -> Reply | None:
    """The attributes that the message asks for, and nothing else; None when it asks for none of a known product.

    With several products on the screen and none pointed at, each one's is told.
    """
    asked = asked_about(turn, context.vocabulary)
    if not asked:
        return None
    async with context.database.read() as uow:
        reference = await resolve(turn, uow, vocabulary=context.vocabulary.attributes)
    product = reference.product
    if product is not None and product.active:
        all_details = button("All details", "product_details", product=product.sku)
        if answer := told(product, asked, turn):
            return say(
                f"{product.name}: {answer}.",
                *buy_buttons(product),
                all_details,
                custom=opened(product.sku),
                events=set_slots(focus=product.sku),
            )
        return say(
            f"Our data on the {product.name} doesn't say anything about {name_of(asked)}, and I won't guess. "
            "A colleague can find out.",
            all_details,
            button("Talk to a person", "human"),
            events=set_slots(focus=product.sku),
        )
    each = [(other, answer) for other in reference.candidates if (answer := told(other, asked, turn))]
    if not each:
        return None
    return say(
        "\n".join(f"• {other.name}: {answer}" for other, answer in each),
        *(button(other.name, "product_details", product=other.sku) for other, _ in each),
    )


class ProductPrice(ProductAction):
    """The price, and what comes on top of it; of several pieces what they cost together."""

    action = "action_product_price"
    intent = "product_price"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if PIECES.search(turn.words) or (wanted_quantity(turn) or 1) > 1:
            return await AnswerBulk().answer(turn, context)
        return await super().answer(turn, context)

    def tell(self, product: Product, turn: Turn, context: ActionsContext) -> Reply:
        shop = context.shop
        if product.price >= shop.free_delivery_from:
            delivery = "delivery is free"
        else:
            delivery = f"delivery is {money(shop.delivery, product.currency)}"
        text = f"The {product.name} costs {money(product.price, product.currency)} including VAT; {delivery}."
        return say(
            f"{text} {stock_sentence(product) if product.stock <= 0 else ''}".strip(), *buy_buttons(product)
        )


class ProductAvailability(ProductAction):
    """Whether it is in stock, from the stock itself."""

    action = "action_product_availability"
    intent = "product_availability"

    def tell(self, product: Product, turn: Turn, context: ActionsContext) -> Reply:
        if product.stock > 0:
            text = f"Yes. {product.name}: {stock_sentence(product)[0].lower()}{stock_sentence(product)[1:]}"
        else:
            text = f"I'm sorry, the {product.name} is sold out at the moment."
        return say(text, *buy_buttons(product))


USE_CASE = UseCase(
    readings={
        "product_details": Reading("Tell me about a product", ProductDetails(), about_product=True),
        "product_price": Reading("Ask for a price", ProductPrice(), about_product=True),
        "product_availability": Reading("Is it in stock?", ProductAvailability(), about_product=True),
    }
)
