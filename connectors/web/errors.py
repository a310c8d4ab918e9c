"""Every refusal and failure as one shape: {"error": {"code", "message", "field"?}}, the message for people."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from connectors.errors import ChoiceNotOffered, ConversationUnknown, GatewayClosed, MessageRefused, MovedAway
from crm.errors import StorageUnavailable

log = structlog.get_logger(__name__)

UNAVAILABLE = "We can't take messages right now. Please try again in a moment; nothing you sent was lost."
WENT_WRONG = "Something went wrong on our side. Please try again in a moment."
SENTENCES = {
    400: "That request can't be read.",
    404: "There is nothing here.",
    405: "That isn't possible here.",
    413: "That is too large to be a chat message.",
}


class ApiError(Exception):
    """A refusal by the web channel itself."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.headers = dict(headers or {})


def error_body(code: str, message: str, field: str | None = None) -> dict[str, Any]:
    """The one shape of an error."""
    named = {"field": field} if field else {}
    return {"error": {"code": code, "message": message, **named}}


def as_api_error(error: Exception) -> ApiError:
    """Any failure as what the client is told of it. Faults of ours are told without their details."""
    match error:
        case ApiError():
            return error
        case ChoiceNotOffered():
            return ApiError(409, error.code, error.sentence, field=error.field)
        case MessageRefused():
            return ApiError(422, error.code, error.sentence, field=error.field)
        case ConversationUnknown():
            return ApiError(
                404, "conversation_unknown", "This conversation was ended. Please start a new one."
            )
        case MovedAway():
            told = f"This chat goes on on {error.channel.capitalize()}. Here you can start a new one."
            return ApiError(404, "conversation_moved", told)
        case StorageUnavailable() | GatewayClosed():
            return ApiError(503, "unavailable", UNAVAILABLE, headers={"Retry-After": "5"})
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            sentence = SENTENCES.get(error.status_code, str(error.detail))
            return ApiError(
                error.status_code, f"http_{error.status_code}", sentence, headers=error.headers or {}
            )
        case _:
            return ApiError(500, "internal", WENT_WRONG)


def install(app: FastAPI) -> None:
    """Make the app answer every failure in the one shape."""

    async def answer(request: Request, error: Exception) -> JSONResponse:
        told = as_api_error(error)
        if told.status >= 500:
            log.error("request_failed", path=request.url.path, status=told.status, exc_info=error)
        return JSONResponse(
            error_body(told.code, told.message, told.field), told.status, headers=told.headers
        )

    for kind in (
        ApiError, MessageRefused, ConversationUnknown, MovedAway, GatewayClosed, StorageUnavailable,
        RequestValidationError, HTTPException, Exception,
    ):  # fmt: skip
        app.add_exception_handler(kind, answer)


def _invalid(error: RequestValidationError) -> ApiError:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return ApiError(400, "invalid_json", "The request's body isn't valid JSON.")
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    field = ".".join(where) or "body"
    message = str(first["msg"]).removeprefix("Value error, ")
    return ApiError(422, "invalid", f"{field}: {message}", field=field)
