"""Who may: a Slack account matched to the staff list by the verified e-mail address that Slack knows.

Slack is asked for the address at most every ten minutes; the staff list with every delivery, so that somebody who left
or whose role changed is noticed at once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from crm.database import Database
from crm.services import users
from crm.services.users import UserView

STRANGER = "Sorry, I can only talk with members of {team}. Please ask the colleague who invited you."
UNKNOWN = (
    "Sorry, I don't know you yet: nobody on the staff list has your Slack account's e-mail address. "
    "An administrator of Parley can add you."
)
UNVERIFIED = (
    "Sorry, your Slack account's e-mail address isn't confirmed, so I can't be sure who you are. "
    "Please confirm it in Slack and try again."
)
LEFT = "Sorry, you aren't on the staff list any more. An administrator of Parley can change that."


@dataclass(frozen=True, slots=True)
class Account:
    """A Slack account as Slack tells it."""

    email: str | None
    verified: bool
    stranger: bool
    bot: bool


@dataclass(frozen=True, slots=True)
class Member:
    """Whoever did something: a member of staff, or nobody, with what to tell them (nothing tells a program)."""

    user: UserView | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace that the token belongs to."""

    team_id: str
    team: str
    enterprise_id: str | None
    bot_user: str


class Members:
    """Answers who somebody is."""

    def __init__(
        self,
        client: AsyncWebClient,
        database: Database,
        *,
        remember_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._database = database
        self._remember = remember_seconds
        self._clock = clock
        self._accounts: dict[str, tuple[float, Account]] = {}
        self._workspace: Workspace | None = None

    async def workspace(self) -> Workspace:
        """Whose token it is. Raises SlackApiError, also for a revoked one."""
        if self._workspace is None:
            told = await self._client.auth_test()
            self._workspace = Workspace(
                str(told["team_id"]),
                str(told.get("team") or "our team"),
                told.get("enterprise_id"),
                str(told["user_id"]),
            )
        return self._workspace

    async def who(self, slack_user: str) -> Member:
        """The member of staff behind a Slack account. Raises SlackApiError, StorageUnavailable."""
        account = await self._account(slack_user)
        if account.bot:
            return Member(None)
        if account.stranger:
            return Member(None, STRANGER.format(team=(await self.workspace()).team))
        if not account.email:
            return Member(None, UNKNOWN)
        if not account.verified:
            return Member(None, UNVERIFIED)
        async with self._database.read() as uow:
            user = await users.by_email(uow, account.email)
        if user is None:
            return Member(None, UNKNOWN)
        return Member(user) if user.active else Member(None, LEFT)

    def forget(self, slack_user: str) -> None:
        """Slack says that the account changed."""
        self._accounts.pop(slack_user, None)

    async def _account(self, slack_user: str) -> Account:
        known = self._accounts.get(slack_user)
        if known is not None and known[0] > self._clock():
            return known[1]
        workspace = await self.workspace()
        try:
            told = (await self._client.users_info(user=slack_user))["user"]
        except SlackApiError as exc:
            if exc.response["error"] not in ("user_not_found", "user_not_visible"):
                raise
            told = {"is_stranger": True}
        account = read_account(told, workspace)
        if len(self._accounts) > 5000:
            self._accounts.clear()
        self._accounts[slack_user] = (self._clock() + self._remember, account)
        return account


def read_account(told: dict[str, Any], workspace: Workspace) -> Account:
    """Slack's user object. Somebody of another workspace is a stranger, also in a channel that both share."""
    profile = told.get("profile") or {}
    enterprise = (told.get("enterprise_user") or {}).get("enterprise_id")
    ours = told.get("team_id") == workspace.team_id or (
        enterprise is not None and enterprise == workspace.enterprise_id
    )
    return Account(
        email=profile.get("email") or None,
        verified=told.get("is_email_confirmed") is True,
        stranger=bool(told.get("is_stranger")) or not ours or bool(told.get("deleted")),
        bot=bool(told.get("is_bot")) or told.get("id") == "USLACKBOT",
    )
