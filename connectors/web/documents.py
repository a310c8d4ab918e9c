"""A customer's invoice or return slip, as a page that prints well, for whoever holds its signed link."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from connectors.web import document_pages
from connectors.web.context import WebContext, context_of
from connectors.web.errors import ApiError
from crm.errors import InvalidInput, NotFound
from crm.links import INVOICE, RETURN
from crm.services import invoices, returns

router = APIRouter(prefix="/documents", include_in_schema=False)


@router.get("/invoice/{token}")
async def invoice(request: Request, token: str) -> Response:
    """The invoice, as it was issued."""
    web = context_of(request)
    number = _number(web, INVOICE, token)
    try:
        async with web.gateway.database.read() as uow:
            found = await invoices.get(uow, number)
    except NotFound as exc:
        raise _gone() from exc
    return _page(document_pages.invoice_page(found, web.settings.seller))


@router.get("/return/{token}")
async def return_slip(request: Request, token: str) -> Response:
    """The slip for the parcel."""
    web = context_of(request)
    number = _number(web, RETURN, token)
    try:
        async with web.gateway.database.read() as uow:
            found = await returns.get(uow, number)
    except NotFound as exc:
        raise _gone() from exc
    return _page(document_pages.return_slip(found, web.settings.seller))


def _number(web: WebContext, purpose: str, token: str) -> str:
    try:
        return str(web.links.read(purpose, token)["sub"])
    except InvalidInput as exc:
        raise _gone() from exc


def _gone() -> ApiError:
    """The same for what is forged, over, or was never there."""
    return ApiError(404, "link_invalid", "This link isn't valid any more. Ask for a new one in the chat.")


def _page(page: str) -> Response:
    """Nobody keeps a copy: neither browsers' caches nor search engines."""
    headers = {
        "content-security-policy": document_pages.content_security_policy(),
        "cache-control": "private, no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
    }
    return HTMLResponse(page, headers=headers)
