"""Where Telegram brings updates: our own web server's route, since it faces the internet already (docs/adr/0141).

The secret in the header proves that it is Telegram. An update is stored before it is acknowledged; while the
database is away nothing is, and Telegram brings it again.
"""

import hmac
import json

import structlog
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from connectors.gateway.intake import Intake
from connectors.telegram.settings import WEBHOOK_PATH
from connectors.telegram.updates import as_delivered
from connectors.web.errors import ApiError

log = structlog.get_logger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"
MOST_BYTES = 1024 * 1024


def webhook_router(intake: Intake, *, secret: str, bot_id: int) -> APIRouter:
    """The route, for the web channel's app."""
    router = APIRouter(include_in_schema=False)

    @router.post(WEBHOOK_PATH)
    async def receive(request: Request) -> Response:
        shown = request.headers.get(HEADER, "")
        if not hmac.compare_digest(shown.encode(), secret.encode()):
            log.warning("telegram_secret_wrong", missing=not shown)
            raise ApiError(403, "secret_wrong", "This address takes updates from Telegram only.")
        try:
            payload = json.loads(await request.body())
            if not isinstance(payload, dict):
                raise ValueError("an update is an object")  # noqa: TRY004, TRY301 - malformed input, met as such
            delivered = as_delivered(payload, bot_id)
        except ValueError as exc:
            log.warning("telegram_update_malformed", reason=type(exc).__name__)
            raise ApiError(400, "malformed", "That is no update.") from exc
        await intake.take((delivered,))
        return JSONResponse({"ok": True})

    return router
