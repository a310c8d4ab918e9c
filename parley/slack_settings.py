"""The settings of Slack (docs/how-to/connect-slack.md). Without a bot token it is off."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from connectors.slack.settings import API

CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
PREFIXES = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}


class SlackFields(BaseSettings):
    """A part of `parley.settings.Settings`."""

    slack_bot_token: SecretStr = Field(
        SecretStr(""), description="The app's bot token, `xoxb-…`. Off without one."
    )
    slack_app_token: SecretStr = Field(
        SecretStr(""),
        description="An app-level token, `xapp-…`, for Socket Mode: no public address is needed.",
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), description="The app's signing secret, for HTTP: Slack calls `/slack/events`."
    )
    slack_alert_channel: str = Field(
        "", description="Id of the channel that is told of leads and hand-overs."
    )
    slack_cart_from: Decimal = Field(
        Decimal(1000), gt=0, description="Carts of this value or more are told there."
    )
    slack_mood_below: float = Field(
        -0.35, ge=-1, le=0, description="Customers whose mood, from -1 to 1, falls to this are told there."
    )
    slack_api_url: str = Field(API, description="Slack's Web API; another address for tests.")

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _tokens_are_of_their_kind(cls, value: SecretStr, info: object) -> SecretStr:
        beginning = PREFIXES[getattr(info, "field_name", "")]
        if value.get_secret_value() and not value.get_secret_value().startswith(beginning):
            raise ValueError(f"begins otherwise than Slack's tokens of this kind do: {beginning}")
        return value

    @field_validator("slack_alert_channel")
    @classmethod
    def _an_id_is_no_name(cls, value: str) -> str:
        if value and not CHANNEL.fullmatch(value):
            raise ValueError(
                f"{value!r} is no channel id; it looks like C0123456789, at the end of the channel's details"
            )
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _ends_as_the_library_needs_it(cls, value: str) -> str:
        return value.rstrip("/") + "/"

    @model_validator(mode="after")
    def _slack_needs_a_way_in(self) -> Self:
        if self.slack_bot_token.get_secret_value() and not (
            self.slack_app_token.get_secret_value() or self.slack_signing_secret.get_secret_value()
        ):
            raise ValueError(
                "PARLEY_SLACK_BOT_TOKEN needs one more: PARLEY_SLACK_APP_TOKEN for Socket Mode, or "
                "PARLEY_SLACK_SIGNING_SECRET for HTTP"
            )
        return self
