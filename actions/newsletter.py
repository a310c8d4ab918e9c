"""The newsletter: asked for with an address and an explicit yes, confirmed from the mailbox, ended at a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from actions.support import fields
from actions.support.base import ShopAction, WritingAction
from actions.support.form import Answer, Ask, FormValidator, clear_form, unfinished_order
from actions.support.reply import Reply, button, enter, say
from actions.support.turn import Turn
from actions.support.use_cases import Form, Reading, UseCase
from crm.database import UnitOfWork
from crm.errors import CrmError, InvalidInput
from crm.services import newsletter
from parley.bootstrap import ActionsContext

FORM, LEAVE_FORM = "newsletter_form", "newsletter_end_form"
STOPPED = "OK, nothing changes about the newsletter."


def consent_words(shop: str, email: str) -> str:
    """The sentence that a yes agrees to, kept as it was shown."""
    return f"Yes, {shop} may send its newsletter to {email}. I can end it at any time, in this chat too."


def said_email(turn: Turn) -> str | None:
    return fields.email(str(turn.value("email") or turn.words))


class StartNewsletter(ShopAction):
    """Begin with the address that was said; one from earlier is only proposed by being shown before the yes."""

    action = "action_start_newsletter"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        known = said_email(turn) or turn.slot("contact_email")
        return Reply(events=enter(FORM, newsletter_email=known, newsletter_consent=None))


class ValidateNewsletterForm(FormValidator):
    """The address, and a clear answer."""

    form = FORM
    own_intent = "newsletter_subscribe"
    why: ClassVar[Mapping[str, str]] = {
        "newsletter_email": "So that the letter reaches you; it's used for nothing else.",
        "newsletter_consent": "Because nobody gets our newsletter who didn't clearly ask for it.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        if email := said_email(turn):
            return Answer({"newsletter_email": email})
        if turn.intent == "newsletter_unsubscribe" or self.interrupts(turn):
            return None
        if turn.requested_slot == "newsletter_consent":
            if turn.intent == "affirm":
                return Answer({"newsletter_consent": True})
            if turn.intent == "deny":
                return Answer({"newsletter_consent": False})
            return (
                None
                if fields.is_question(turn.words)
                else self.again(turn, "I need a clear yes or no for this.")
            )
        if turn.intent == "deny":
            return Answer({"newsletter_email": False, "newsletter_consent": False})
        if fields.is_question(turn.words):
            return None
        return self.again(turn, "I don't see an e-mail address in that.")


class AskNewsletterEmail(Ask):
    action = "action_ask_newsletter_email"
    text = "Gladly. Which e-mail address should the newsletter go to?"


class AskNewsletterConsent(ShopAction):
    """Shows the sentence, word for word."""

    action = "action_ask_newsletter_consent"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        words = consent_words(context.shop.name, str(turn.slot("newsletter_email")))
        return say(f"Please confirm: “{words}”", button("Yes, I agree", "affirm"), button("No", "deny"))


class RequestNewsletter(WritingAction):
    """Keeps the consent and has the mailbox asked; until it answers, nothing is sent."""

    action = "action_request_newsletter"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        email, consent = turn.slot("newsletter_email"), turn.slot("newsletter_consent")
        cleared = clear_form("newsletter_email", "newsletter_consent")
        if consent is not True or not isinstance(email, str):
            return say("That's fine, no newsletter then; I haven't kept your address for it.", events=cleared)
        await newsletter.request(
            uow,
            conversation_id=turn.conversation_id,
            email=email,
            consent=consent_words(context.shop.name, email),
        )
        return say(
            f"Thank you. A short letter with a link is on its way to {email}: press the link within seven days and "
            "you're on the list. Until then nothing else is sent to it.",
            events=cleared,
        ).then(unfinished_order(turn))

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, InvalidInput):
            return say(
                "That address can't be written to. Please check it and tell me again.",
                button("Try again", "newsletter_subscribe"),
                events=clear_form("newsletter_email", "newsletter_consent"),
            )
        raise error


class StartLeavingNewsletter(ShopAction):
    """Asks for the address only where none was said."""

    action = "action_start_leaving_newsletter"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        return Reply(events=enter(LEAVE_FORM, newsletter_leaving=said_email(turn)))


class ValidateNewsletterEndForm(FormValidator):
    """The address."""

    form = LEAVE_FORM
    own_intent = "newsletter_unsubscribe"
    why: ClassVar[Mapping[str, str]] = {
        "newsletter_leaving": "So that I take the right address off the list."
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        if email := said_email(turn):
            return Answer({"newsletter_leaving": email})
        if self.interrupts(turn) or fields.is_question(turn.words):
            return None
        return self.again(turn, "I don't see an e-mail address in that.")


class AskNewsletterLeaving(Ask):
    action = "action_ask_newsletter_leaving"
    text = "I'll stop it. Which e-mail address does the newsletter come to?"


class EndNewsletter(WritingAction):
    """Off the list at once. Whether the address was on it is nobody's business but its owner's."""

    action = "action_end_newsletter"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        email = turn.slot("newsletter_leaving")
        if not isinstance(email, str):
            return Reply()
        await newsletter.end(uow, email=email, conversation_id=turn.conversation_id)
        return say(
            f"Done: {email} gets no newsletter from us any more. Letters about an order of yours still come.",
            events=clear_form("newsletter_leaving"),
        ).then(unfinished_order(turn))


USE_CASE = UseCase(
    readings={
        "newsletter_subscribe": Reading("Get the newsletter", StartNewsletter()),
        "newsletter_unsubscribe": Reading("Stop the newsletter", StartLeavingNewsletter()),
    },
    forms={
        FORM: Form(
            stopped=STOPPED,
            doing="asking for the newsletter",
            cleared=("newsletter_email", "newsletter_consent"),
        ),
        LEAVE_FORM: Form(stopped=STOPPED, doing="leaving the newsletter", cleared=("newsletter_leaving",)),
    },
)
