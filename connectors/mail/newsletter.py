"""Asking mailboxes to confirm the newsletter: each letter leaves at least once, and is noted when it has."""

import structlog

from connectors.mail.mailer import Letter, Mailer, NotSent
from crm.database import Database
from crm.links import NEWSLETTER, Links
from crm.services import newsletter

log = structlog.get_logger(__name__)
TEXT = """\
Somebody asked in {shop}'s chat that our newsletter be sent to this address.

If that was you, confirm it within seven days:
{link}

If it wasn't, do nothing: you'll hear no more of it, and the address is forgotten.
"""


class Confirmations:
    """The letters of double opt-in."""

    def __init__(self, database: Database, mailer: Mailer, *, links: Links, shop: str) -> None:
        self._database = database
        self._mailer = mailer
        self._links = links
        self._shop = shop

    async def send_waiting(self) -> int:
        """Send what waits, the oldest first, until one fails; answers how many left."""
        async with self._database.read() as uow:
            waiting = await newsletter.unmailed(uow)
        for place, asked in enumerate(waiting):
            link = self._links.make(NEWSLETTER, asked.id, valid=newsletter.UNCONFIRMED_FOR)
            text = TEXT.format(shop=self._shop, link=link)
            try:
                await self._mailer.send(Letter(asked.email, f"{self._shop}: confirm our newsletter?", text))
            except NotSent as exc:
                log.warning("newsletter_letter_not_sent", subscription=asked.id, reason=str(exc))
                return place
            async with self._database.write() as uow:
                await newsletter.mark_mailed(uow, asked.id)
                await uow.commit()
        return len(waiting)

    async def forget_unconfirmed(self) -> None:
        """Forget addresses that nobody confirmed in time."""
        async with self._database.write() as uow:
            await newsletter.drop_unconfirmed(uow)
            await uow.commit()
