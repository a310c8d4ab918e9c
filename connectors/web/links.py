"""What signed links lead to: a copy of one's data, and the yes to the newsletter."""

import json
from html import escape

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from connectors.web.context import context_of
from connectors.web.errors import ApiError
from crm.errors import InvalidInput, NotFound
from crm.links import EXPORT, NEWSLETTER
from crm.services import newsletter, privacy

router = APIRouter(prefix="/api", include_in_schema=False)
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}}
button{{font:inherit;padding:.6rem 1.2rem;cursor:pointer}}</style>
<main><h1>{title}</h1><p>{text}</p>{form}</main></html>
"""
BUTTON = '<form method="post"><button>Yes, send me the newsletter</button></form>'


@router.get("/exports/{token}")
async def copy_of_data(request: Request, token: str) -> Response:
    """Everything that is stored about whoever was given the link, as a file, made now."""
    web = context_of(request)
    try:
        claims = web.links.read(EXPORT, token)
        async with web.gateway.database.read() as uow:
            copy = await privacy.export(uow, claims["sub"], contact_id=claims.get("contact"))
    except (InvalidInput, NotFound) as exc:
        raise ApiError(
            404, "link_invalid", "This link isn't valid any more. Ask for a new one in the chat."
        ) from exc
    headers = {
        "content-disposition": 'attachment; filename="my-data.json"',
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
    }
    content = json.dumps(copy, ensure_ascii=False, indent=1)
    return Response(content, media_type="application/json", headers=headers)


@router.get("/newsletter/{token}")
async def ask(request: Request, token: str) -> Response:
    """The page that a letter's link opens. It only asks: mail programs follow links by themselves."""
    try:
        context_of(request).links.read(NEWSLETTER, token)
    except InvalidInput:
        return _gone()
    return _page("One more step", "Press the button, and our newsletter comes to your mailbox.", form=BUTTON)


@router.post("/newsletter/{token}")
async def confirm(request: Request, token: str) -> Response:
    """The mailbox's yes."""
    web = context_of(request)
    try:
        claims = web.links.read(NEWSLETTER, token)
        async with web.gateway.database.write() as uow:
            await newsletter.confirm(uow, claims["sub"])
            await uow.commit()
    except (InvalidInput, NotFound):
        return _gone()
    return _page(
        "Done", "You're on the list. To leave it, say “stop the newsletter” in our chat at any time."
    )


def _gone() -> Response:
    return _page("This link isn't valid any more", "Ask for the newsletter in our chat again.", status=404)


def _page(title: str, text: str, *, form: str = "", status: int = 200) -> Response:
    page = PAGE.format(title=escape(title), text=escape(text), form=form)
    headers = {
        "content-security-policy": PAGE_POLICY,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
    }
    return HTMLResponse(page, status, headers=headers)
