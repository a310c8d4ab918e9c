"""What the web channel serves besides the chat API: the widget, the demo shop, pictures, health."""

from os import PathLike
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from connectors.web.context import WebContext, context_of
from connectors.web.errors import ApiError
from connectors.web.images import product_image
from connectors.web.storefront import CONTENT_SECURITY_POLICY, storefront_page
from connectors.web.widget import widget_script
from crm.errors import StorageUnavailable
from crm.services import catalogue

router = APIRouter(include_in_schema=False)
health = APIRouter(tags=["health"])

BRIEFLY = "public, max-age=300"
LONG = "public, max-age=31536000, immutable"
SHARED = {"cross-origin-resource-policy": "cross-origin"}


class ShopFiles(StaticFiles):
    """The shop page's files, with validators; fonts never change, everything else is asked for again soon."""

    def file_response(self, full_path: str | PathLike[str], *args: Any, **options: Any) -> Response:
        response = super().file_response(full_path, *args, **options)
        response.headers["cache-control"] = LONG if str(full_path).endswith(".woff2") else BRIEFLY
        return response


@router.get("/")
async def shop(request: Request) -> Response:
    """The demo shop's page, from whatever catalogue is installed."""
    web = context_of(request)
    front = web.settings.storefront
    if front is None:
        raise ApiError(
            404, "no_storefront", "This installation has no demo shop. The widget is at /widget.js."
        )
    async with web.gateway.database.read() as uow:
        products = await catalogue.all_active(uow)
    page = storefront_page(
        name=front.name,
        tagline=front.tagline,
        products=products,
        categories=front.categories,
        promises=front.promises,
    )
    headers = {"content-security-policy": CONTENT_SECURITY_POLICY, "cache-control": "no-cache"}
    return HTMLResponse(page, headers=headers)


@router.get("/widget.js")
async def widget(request: Request) -> Response:
    """The chat widget: one script tag puts it into any page."""
    script = widget_script()
    headers = {"etag": script.etag, "cache-control": BRIEFLY, "vary": "Accept-Encoding", **SHARED}
    if script.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        packed = {**headers, "content-encoding": "gzip"}
        return Response(script.gzipped, media_type="text/javascript", headers=packed)
    return Response(script.text, media_type="text/javascript", headers=headers)


@router.get("/shop/images/{sku}.svg")
async def picture(request: Request, sku: str) -> Response:
    """A drawing for a product that has no picture of its own."""
    async with context_of(request).gateway.database.read() as uow:
        product = await catalogue.get(uow, sku.upper())
    if product is None:
        raise ApiError(404, "product_unknown", "There is no such product.")
    drawing = product_image(product.sku, product.category, product.name)
    headers = {"cache-control": "public, max-age=86400", **SHARED}
    return Response(drawing, media_type="image/svg+xml", headers=headers)


@health.get("/healthz")
async def healthz() -> Response:
    """The process is up. Says nothing of what it needs: a restart wouldn't help those."""
    return JSONResponse({"status": "ok"})


@health.get("/readyz", responses={503: {"description": "Something that it needs doesn't answer; says what."}})
async def readyz(request: Request) -> Response:
    """Whether customers can be served: the database and the bot answer."""
    checks = await readiness(context_of(request))
    ready = all(state == "ok" for state in checks.values())
    return JSONResponse({"status": "ok" if ready else "unavailable", **checks}, 200 if ready else 503)


async def readiness(web: WebContext) -> dict[str, str]:
    """Each thing that serving needs, as "ok" or "unavailable"."""
    checks = {"database": "ok", "bot": "ok"}
    try:
        async with web.gateway.database.read() as uow:
            await catalogue.version(uow)
    except StorageUnavailable:
        checks["database"] = "unavailable"
    if not await web.gateway.bot.is_ready():
        checks["bot"] = "unavailable"
    return checks
