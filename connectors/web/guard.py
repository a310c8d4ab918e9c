"""What every request passes, as plain ASGI: size, origin, CORS and the headers that keep browsers safe."""

from collections.abc import Collection, Mapping
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.web.errors import error_body

SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
METHODS = "GET, POST, DELETE"
ALLOWED_HEADERS = "Authorization, Content-Type"


def origin_allowed(headers: Headers, allowed: Collection[str]) -> bool:
    """Whether a request may come from where it says. No Origin: not a browser's cross-site request."""
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return True
    _, separator, authority = origin.partition("://")
    return bool(separator) and authority.lower() == headers.get("host", "").lower()


class TooLarge(Exception):
    """The body went over the cap while it was being read."""


class CappedBody:
    """A request's body, for as long as it keeps under the cap: it may come in pieces of no announced length."""

    def __init__(self, receive: Receive, cap: int) -> None:
        self._receive = receive
        self._left = cap
        self.exceeded = False

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.exceeded = True
                raise TooLarge
        return message


class Guard:
    """Wraps the app."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_origins: Collection[str],
        max_body_bytes: int,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        """`larger` are the caps of paths that take more than a customer's message, by how they begin."""
        self._app = app
        self._allowed = frozenset(allowed_origins)
        self._cap = max_body_bytes
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        api = scope["path"].startswith("/api/")
        decorated = self._decorating(send, origin if origin_allowed(headers, self._allowed) else None)
        refusal = self._refusal(scope, headers) if api else None
        if refusal is not None:
            await refusal(scope, receive, decorated)
            return
        body = CappedBody(receive, self._cap_of(scope["path"]))

        async def answer(message: Message) -> None:
            if not body.exceeded:
                await decorated(message)

        with suppress(TooLarge):
            await self._app(scope, body, answer)
        if body.exceeded:
            await self._too_large()(scope, receive, decorated)

    def _cap_of(self, path: str) -> int:
        return next((cap for start, cap in self._larger.items() if path.startswith(start)), self._cap)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if not origin_allowed(headers, self._allowed):
            told = "This site isn't allowed to open chats here."
            return JSONResponse(error_body("origin_refused", told), 403)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            return Response(status_code=204, headers={"access-control-max-age": "600"})
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._cap:
            return self._too_large()
        return None

    def _too_large(self) -> Response:
        told = f"That is too large to be a chat message: at most {self._cap // 1024} KB."
        return JSONResponse(error_body("too_large", told), 413)

    def _decorating(self, send: Send, origin: str | None) -> Send:
        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in SAFE.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", NOTHING)
                headers.setdefault("cache-control", "no-store")
                headers.add_vary_header("Origin")
                if origin is not None:
                    headers["access-control-allow-origin"] = origin
                    headers["access-control-allow-methods"] = METHODS
                    headers["access-control-allow-headers"] = ALLOWED_HEADERS
                    headers["access-control-expose-headers"] = "Retry-After"
            await send(message)

        return decorated
