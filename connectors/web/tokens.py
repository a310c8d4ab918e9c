"""Proof that a client may read and write one conversation: a signed token that says nothing else."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt

from connectors.web.errors import ApiError

ALGORITHM = "HS256"
AUDIENCE = "parley-chat"


def _now() -> datetime:
    return datetime.now(UTC)


class Tokens:
    """Issues and checks tokens. The signing key is derived, so that one secret serves several purposes."""

    def __init__(self, secret: str, *, days: int, now: Callable[[], datetime] = _now) -> None:
        self._key = derived_key(secret, "chat-token")
        self._life = timedelta(days=days)
        self._now = now

    def issue(self, conversation_id: str) -> str:
        """A token for this conversation."""
        now = self._now()
        claims = {"sub": conversation_id, "aud": AUDIENCE, "iat": now, "exp": now + self._life}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def check(self, token: str, conversation_id: str) -> None:
        """Raises ApiError 401 when the token is forged or expired, 403 when it is for another conversation."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={"require": ["sub", "exp", "aud"]},
            )
        except jwt.ExpiredSignatureError as exc:
            raise ApiError(
                401, "token_expired", "This chat is too old to go on. Please start a new one."
            ) from exc
        except jwt.PyJWTError as exc:
            raise ApiError(401, "token_invalid", "This chat can't be opened with that token.") from exc
        if not hmac.compare_digest(str(claims["sub"]).encode(), conversation_id.encode()):
            raise ApiError(403, "token_mismatch", "That token belongs to another conversation.")


def derived_key(secret: str, purpose: str) -> bytes:
    """A key for one purpose; knowing it tells nothing of the secret or of other keys."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
