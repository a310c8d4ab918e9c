"""Product pictures as Telegram takes them: an address that it fetches, or a drawing that is uploaded once.

Telegram shows JPEG, not SVG. What was uploaded has a `file_id` there, by which it is sent from then on.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from telegram import InputFile, PhotoSize

from connectors.telegram.outgoing import Picture
from connectors.web.images import product_image
from connectors.web.raster import jpeg
from crm.database import Database
from crm.services import catalogue

KEPT: Final = 5000


class Photos:
    """What to send for a picture."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._uploaded: OrderedDict[Picture, str] = OrderedDict()
        self._drawing = asyncio.Semaphore(1)  # a drawing keeps a core busy; answers come first

    async def get(self, picture: Picture) -> str | InputFile:
        """A file id, an address, or a drawing to upload."""
        if (known := self._uploaded.get(picture)) is not None:
            self._uploaded.move_to_end(picture)
            return known
        if picture.url is not None:
            return picture.url
        async with self._database.read() as uow:
            product = await catalogue.get(uow, picture.sku)
        name, category = (product.name, product.category) if product else (picture.sku, "")
        async with self._drawing:
            drawn = await asyncio.to_thread(jpeg, product_image(picture.sku, category, name))
        return InputFile(drawn, filename=f"{picture.sku}.jpg", attach=True)

    def learn(self, picture: Picture, sizes: Sequence[PhotoSize]) -> None:
        """Remember what Telegram calls a picture that it has now."""
        if sizes:
            self._uploaded[picture] = sizes[-1].file_id
            self._uploaded.move_to_end(picture)
            while len(self._uploaded) > KEPT:
                self._uploaded.popitem(last=False)
