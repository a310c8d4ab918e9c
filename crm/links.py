"""Signed links to what a customer may fetch or confirm without logging in: for one purpose, and for a time."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt

from crm.clock import Clock, utcnow
from crm.errors import InvalidInput

ALGORITHM = "HS256"
EXPORT = "export"
NEWSLETTER = "newsletter"
INVOICE = "invoice"
RETURN = "return"
PATHS: Mapping[str, str] = {
    EXPORT: "api/exports",
    NEWSLETTER: "api/newsletter",
    INVOICE: "documents/invoice",
    RETURN: "documents/return",
}


class Links:
    """Makes and reads links. Each purpose has a key of its own, so a link for one is worth nothing for another."""

    def __init__(self, secret: str, *, site: str, clock: Clock = utcnow) -> None:
        self._secret = secret.encode()
        self._site = site.rstrip("/")
        self._clock = clock

    def make(self, purpose: str, subject: str, *, valid: timedelta, **claims: str) -> str:
        """The address at which `subject` (an id, never personal data) can be had until `valid` is over."""
        body = {**claims, "sub": subject, "aud": purpose, "exp": self._clock() + valid}
        return f"{self._site}/{PATHS[purpose]}/{jwt.encode(body, self._key(purpose), algorithm=ALGORITHM)}"

    def read(self, purpose: str, token: str) -> dict[str, Any]:
        """What was signed. Raises InvalidInput when it is forged, for something else, or over."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(purpose),
                algorithms=[ALGORITHM],
                audience=purpose,
                options={"require": ["sub", "exp", "aud"], "verify_exp": False},
            )
        except jwt.PyJWTError as exc:
            raise InvalidInput("link", "…", "ask for a new one in the chat") from exc
        if claims["exp"] < self._clock().timestamp():
            raise InvalidInput("link", "…", "it is no longer valid; ask for a new one in the chat")
        return claims

    def _key(self, purpose: str) -> bytes:
        return hmac.new(self._secret, f"link-{purpose}".encode(), hashlib.sha256).digest()
