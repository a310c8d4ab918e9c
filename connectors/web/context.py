"""What every request of the web channel works with, made once per app."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.requests import HTTPConnection

from connectors.gateway import Gateway
from connectors.web.address import ClientHash, client_address
from connectors.web.errors import ApiError
from connectors.web.limits import RateLimits
from connectors.web.settings import WebSettings
from connectors.web.tokens import Tokens
from crm.links import Links


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another channel that a customer can go on with: `link` makes the address for a code, or None for now."""

    channel: str
    link: Callable[[str], str | None]
    valid_for: timedelta


@dataclass(frozen=True)
class WebContext:
    """The gateway and the channel's own parts."""

    gateway: Gateway
    settings: WebSettings
    tokens: Tokens
    limits: RateLimits
    client_hash: ClientHash
    links: Links
    elsewhere: tuple[Elsewhere, ...] = ()
    sockets: dict[str, int] = field(default_factory=dict)

    @classmethod
    def build(
        cls, gateway: Gateway, settings: WebSettings, elsewhere: tuple[Elsewhere, ...] = ()
    ) -> "WebContext":
        """Everything for these settings. Raises ValueError for a malformed rate."""
        return cls(
            gateway=gateway,
            elsewhere=elsewhere,
            settings=settings,
            tokens=Tokens(settings.secret, days=settings.token_days),
            limits=RateLimits(settings),
            client_hash=ClientHash(settings.secret),
            links=Links(settings.secret, site=""),
        )

    @property
    def continue_on(self) -> list[str]:
        """The channels that a conversation can be taken along to now."""
        return [one.channel for one in self.elsewhere if one.link("code") is not None]

    def address(self, connection: HTTPConnection) -> str:
        """The client's address, for counting only."""
        peer = connection.client.host if connection.client else None
        return client_address(peer, connection.headers, trusted_proxies=self.settings.trusted_proxies)

    def authorise(self, connection: HTTPConnection, conversation_id: str) -> None:
        """Raises ApiError unless the request carries this conversation's token."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(
                401,
                "token_missing",
                "This chat's token is missing. Send it as 'Authorization: Bearer …'.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        self.tokens.check(token.strip(), conversation_id)


def context_of(connection: HTTPConnection) -> WebContext:
    """The app's context."""
    found: WebContext = connection.app.state.web
    return found
