"""The chat API over plain HTTP: begin, say, read on, end."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, Response

from connectors.gateway import phrases
from connectors.web.context import context_of
from connectors.web.errors import ApiError
from connectors.web.render import CHANNEL, to_inbound, to_web
from connectors.web.schemas import (
    UUID_PATTERN,
    DelayedOut,
    LinkOut,
    LinkRequest,
    MessageRequest,
    MessagesOut,
    StartRequest,
    StartResponse,
    errors,
)

router = APIRouter(prefix="/api/conversations", tags=["chat"])
ConversationId = Annotated[str, Path(pattern=UUID_PATTERN, description="As it was given at the beginning.")]


@router.post(
    "", status_code=201, responses={201: {"model": StartResponse}, **errors(400, 403, 413, 422, 429, 503)}
)
async def begin(request: Request, body: StartRequest | None = None) -> Response:
    """Begin a conversation. The token in the answer opens it, for 30 days."""
    web = context_of(request)
    await web.limits.begin_conversation(web.address(request))
    locale = body.locale if body else None
    conversation_id = await web.gateway.start_conversation(channel=CHANNEL, locale=locale)
    return JSONResponse(
        {
            "conversation": conversation_id,
            "token": web.tokens.issue(conversation_id),
            "cursor": 0,
            "limits": {"max_characters": web.gateway.policy.max_characters},
            "continue_on": web.continue_on,
        },
        201,
    )


@router.post(
    "/{conversation_id}/messages",
    responses={
        200: {"model": MessagesOut, "description": "Answered. `messages` is what was said in reply."},
        202: {
            "model": DelayedOut,
            "description": "Kept; the answer follows after the cursor. `notice` says so.",
        },
        **errors(400, 401, 403, 404, 409, 413, 422, 429, 503),
    },
)
async def say(request: Request, conversation_id: ConversationId, body: MessageRequest) -> Response:
    """Say something, or press what was offered, and wait for the replies (12 s at most).

    Sent again with the same `client_id` it is answered once, with the same answer. While a person answers
    instead of the bot, `messages` is empty: read on after the cursor.
    """
    web = context_of(request)
    web.authorise(request, conversation_id)
    address = web.address(request)
    await web.limits.send_message(address, conversation_id)
    receipt = await web.gateway.receive(to_inbound(body, conversation_id, web.client_hash(address)))
    outcome = await web.gateway.answer(receipt)
    messages = [to_web(message) for message in outcome.messages]
    cursor = messages[-1]["seq"] if messages else receipt.seq
    told: dict[str, Any] = {"cursor": cursor, "status": outcome.status, "messages": messages}
    if outcome.complete:
        return JSONResponse(told)
    return JSONResponse({**told, "notice": outcome.notice or phrases.SLOW.text}, 202)


@router.get(
    "/{conversation_id}/messages",
    responses={200: {"model": MessagesOut}, **errors(401, 403, 404, 422, 503)},
)
async def read(
    request: Request,
    conversation_id: ConversationId,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The cursor: only what came later.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """Read the transcript after a cursor, oldest first; go on while it rises."""
    web = context_of(request)
    web.authorise(request, conversation_id)
    found = await web.gateway.history(conversation_id, after=after, limit=limit, channel=CHANNEL)
    told: dict[str, Any] = {
        "cursor": max(found.cursor, after),
        "status": found.status,
        "messages": [to_web(message) for message in found.messages],
    }
    return JSONResponse(told)


@router.post(
    "/{conversation_id}/links",
    status_code=201,
    responses={201: {"model": LinkOut}, **errors(401, 403, 404, 422, 429, 503)},
)
async def link(request: Request, conversation_id: ConversationId, body: LinkRequest) -> Response:
    """An address that takes the conversation along to another channel, once.

    Whoever opens it there has the conversation from then on; this token opens it no longer (404).
    """
    web = context_of(request)
    web.authorise(request, conversation_id)
    await web.limits.send_message(web.address(request), conversation_id)
    there = next((one for one in web.elsewhere if one.channel == body.channel), None)
    if there is None or there.link("code") is None:
        raise ApiError(404, "channel_unknown", "The chat can't go on there at the moment.", field="channel")
    await web.gateway.conversation(conversation_id, channel=CHANNEL)
    code = await web.gateway.link_code(conversation_id, to=there.channel, valid_for=there.valid_for)
    seconds = round(there.valid_for.total_seconds())
    return JSONResponse({"channel": there.channel, "url": there.link(code), "expires_in": seconds}, 201)


@router.delete(
    "/{conversation_id}", status_code=204, response_model=None, responses=errors(401, 403, 404, 422, 503)
)
async def end(request: Request, conversation_id: ConversationId) -> Response:
    """End the chat and erase its transcript, here and at the bot. Orders stay."""
    web = context_of(request)
    web.authorise(request, conversation_id)
    await web.gateway.conversation(conversation_id, channel=CHANNEL)
    await web.gateway.end(conversation_id)
    return Response(status_code=204)
