"""Wires the gateway and its web channel, apart from the actions' context: neither loads the other's libraries."""

from __future__ import annotations

import socket

from fastapi import FastAPI

from connectors.gateway import Gateway
from connectors.gateway.housekeeping import Job
from connectors.gateway.policy import GatewayPolicy
from connectors.mail import mailer
from connectors.mail.newsletter import Confirmations
from connectors.rasa import RasaClient
from connectors.slack.app import SlackPart
from connectors.slack.settings import SlackSettings
from connectors.telegram import TelegramPart, TelegramSettings
from connectors.web.app import create_app
from connectors.web.settings import Seller, Storefront, WebSettings
from crm.database import Database
from crm.links import Links
from crm.shop import Shop, load_shop
from parley.settings import Settings

LETTERS_EVERY = 5.0
FORGOTTEN_EVERY = 3600.0


def web_app(settings: Settings) -> FastAPI:
    """The web channel's application with the gateway behind it. Its lifespan closes what is opened here."""
    shop = load_shop(settings.shop)
    database = Database.connect(settings.database_url, policy=shop.policy)
    bot = RasaClient(settings.bot_url, token=settings.bot_token.get_secret_value())
    telegram = _telegram(settings, shop, database)
    parts: tuple[TelegramPart | SlackPart, ...] = (*telegram, *_slack(settings))
    gateway = Gateway(
        database,
        bot,
        policy=GatewayPolicy(queue_seconds=settings.queue_timeout),
        holder=_holder(settings),
        channels=tuple(part.channel for part in parts),
    )
    for part in parts:
        part.join(gateway)
    storefront = Storefront(
        name=shop.name,
        tagline=shop.tagline,
        categories={category.slug: category.name for category in shop.categories},
        promises=shop.promises,
    )
    return create_app(
        gateway,
        jobs=_letters(settings, database, shop.name),
        parts=parts,
        elsewhere=tuple(part.elsewhere for part in telegram),
        resources=(database, bot, *(part.connections for part in telegram)),
        settings=WebSettings(
            secret=settings.secret.get_secret_value(),
            allowed_origins=settings.allowed_origins,
            trusted_proxies=settings.trusted_proxies,
            conversations_per_address=settings.conversations_per_address,
            messages_per_address=settings.messages_per_address,
            messages_per_conversation=settings.messages_per_conversation,
            storefront=storefront,
            seller=_seller(shop),
        ),
    )


def _slack(settings: Settings) -> tuple[SlackPart, ...]:
    """Slack, if it is configured."""
    token = settings.slack_bot_token.get_secret_value()
    if not token:
        return ()
    configured = SlackSettings(
        bot_token=token,
        app_token=settings.slack_app_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        alert_channel=settings.slack_alert_channel,
        api_url=settings.slack_api_url,
        public_url=settings.public_url,
        cart_from=settings.slack_cart_from,
        mood_below=settings.slack_mood_below,
    )
    return (SlackPart(configured),)


def _telegram(settings: Settings, shop: Shop, database: Database) -> tuple[TelegramPart, ...]:
    """Telegram, if it is configured."""
    token = settings.telegram_token.get_secret_value()
    if not token:
        return ()
    configured = TelegramSettings(
        token=token,
        secret=settings.secret.get_secret_value(),
        shop=shop.name,
        mode=settings.telegram_mode,
        webhook_url=settings.telegram_webhook_url,
        webhook_secret=settings.telegram_webhook_secret.get_secret_value(),
        base_url=settings.telegram_api_url,
        messages_per_chat=settings.messages_per_conversation,
    )
    return (TelegramPart(configured, database),)


def _letters(settings: Settings, database: Database, shop: str) -> tuple[Job, ...]:
    """The jobs that write to mailboxes."""
    confirmations = Confirmations(
        database,
        mailer(
            settings.smtp_url.get_secret_value(), folder=settings.state / "mail", sender=settings.mail_from
        ),
        links=Links(settings.secret.get_secret_value(), site=settings.public_url),
        shop=shop,
    )
    return (
        Job("newsletter", LETTERS_EVERY, confirmations.send_waiting),
        Job("newsletter_unconfirmed", FORGOTTEN_EVERY, confirmations.forget_unconfirmed),
    )


def _seller(shop: Shop) -> Seller:
    """The shop as its documents name it."""
    contact = shop.contact
    place = " ".join(part for part in (contact.postal_code, contact.city) if part)
    return Seller(
        name=shop.name,
        address=tuple(line for line in (contact.street, place, contact.country) if line),
        email=contact.email,
        phone=contact.phone,
        vat_id=contact.vat_id,
        iban=contact.iban,
        carrier=shop.carrier,
    )


def _holder(settings: Settings) -> str:
    """The same across restarts, so that a new process takes up at once what the old one left unanswered."""
    return f"{socket.gethostname()}:{settings.port}"[:80]
