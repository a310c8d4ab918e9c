"""Every setting of Parley, typed and built once. `.env.example` lists them for operators."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from limits import parse
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from parley.errors import SettingsError
from parley.secrets import PLACEHOLDERS, stored_secrets
from parley.slack_settings import SlackFields
from parley.telegram_settings import TelegramFields

ROOT = Path(__file__).resolve().parent.parent
MIN_SECRET = 24
# Secrets that are made on the first start when none is set.
MADE = ("secret", "bot_token", "telegram_webhook_secret")


class Settings(SlackFields, TelegramFields, BaseSettings):
    """Read from the environment (prefix `PARLEY_`, but `DATABASE_URL` as hosts name it) and from `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="PARLEY_", env_file=ROOT / ".env", extra="ignore", env_ignore_empty=True
    )

    state: Path = Field(ROOT / "var", description="Folder for the database, logs, secrets and other state.")
    artifacts: Path = Field(ROOT / "models" / "artifacts", description="Folder of the trained models.")
    shop: Path = Field(ROOT / "data" / "shop", description="Folder of the shop: catalogue, FAQ, policies.")
    bot_python: Path = Field(
        ROOT / "bot" / ".venv" / "bin" / "python", description="The Python of the bot's own environment."
    )

    database_url: str = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL", "PARLEY_DATABASE_URL"),
        description="`sqlite:///path` or `postgresql://user:password@host/name`. Default: in the state folder.",
    )
    tracker_url: str = Field(
        "",
        description="The bot's dialogue state, the same forms. Default: the PostgreSQL database, or a file of its own.",
    )

    host: str = Field("127.0.0.1", description="Address that the web channel listens on.")
    port: int = Field(8080, ge=1, le=65535, description="Port of the web channel.")
    bot_port: int = Field(5005, ge=1, le=65535, description="Loopback port of the bot.")
    actions_port: int = Field(5055, ge=1, le=65535, description="Loopback port of the action server.")

    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Other sites that may embed the widget, comma-separated: `https://shop.example`."
    )
    site_url: str = Field(
        "",
        description="Where customers reach the web channel, for links in messages: `https://chat.shop.example`. "
        "Default: this machine.",
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many reverse proxies of yours stand in front and set X-Forwarded-For."
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Mail server for letters: `smtp://user:password@host:587`. Without one they are files in "
        "`mail/` of the state folder.",
    )
    mail_from: str = Field("shop@localhost", description="Sender of letters: `Shop <hello@shop.example>`.")
    secret: SecretStr = Field(
        SecretStr(""),
        description="Signs conversation tokens. Made on the first start and kept in the state folder.",
    )
    bot_token: SecretStr = Field(
        SecretStr(""),
        description="What the gateway shows the bot. Made on the first start, as the secret is.",
    )

    queue_timeout: float = Field(
        180, gt=0, description="Seconds a customer waits for a person before the bot offers a call-back."
    )
    conversations_per_address: str = Field(
        "60/hour", description="New conversations that one address may begin, as `count/period`."
    )
    messages_per_address: str = Field(
        "120/minute", description="Messages that one address may send, as `count/period`."
    )
    messages_per_conversation: str = Field(
        "30/minute", description="Messages that one conversation takes, as `count/period`."
    )
    log_level: str = Field("INFO", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`.")

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("allowed_origins")
    @classmethod
    def _origins_have_a_scheme(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not origin.startswith(("https://", "http://")) or origin.count("/") != 2:
                raise ValueError(f"{origin!r} is no origin; write it as https://shop.example")
        return value

    @field_validator("secret", "bot_token")
    @classmethod
    def _secrets_are_secret(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and (text.lower() in PLACEHOLDERS or len(text) < MIN_SECRET):
            raise ValueError(
                f"is a placeholder or shorter than {MIN_SECRET} characters; leave it out to have one made"
            )
        return value

    @field_validator("conversations_per_address", "messages_per_address", "messages_per_conversation")
    @classmethod
    def _rates_can_be_read(cls, value: str) -> str:
        try:
            parse(value)
        except ValueError:
            raise ValueError(f"{value!r} is no rate; write it as 30/minute or 60/hour") from None
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError(f"{value!r} is unknown; use DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        self.state = self.state.absolute()
        self.database_url = self.database_url or f"sqlite:///{self.state / 'parley.db'}"
        if not self.tracker_url:
            on_file = self.database_url.startswith("sqlite")
            self.tracker_url = f"sqlite:///{self.state / 'bot.db'}" if on_file else self.database_url
        return self

    @classmethod
    def load(cls) -> Settings:
        """Build the settings, with secrets made where none are set.

        Raises SettingsError naming the setting, its value and the fix.
        """
        try:
            settings = cls()
        except ValidationError as exc:
            raise SettingsError(_sentence(exc)) from exc
        made = stored_secrets(settings.state, MADE)
        for name in MADE:
            if not getattr(settings, name).get_secret_value():
                setattr(settings, name, SecretStr(made[name]))
        return settings

    @property
    def gazetteer(self) -> Path:
        return self.state / "gazetteer.json"

    @property
    def search_index(self) -> Path:
        return self.state / "search"

    @property
    def bot_model(self) -> Path:
        return self.artifacts / "rasa" / "bot.tar.gz"

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{self.bot_port}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port}"

    @cached_property
    def public_url(self) -> str:
        """Where a customer opens the demo shop and what messages link to."""
        if self.site_url:
            return f"{self.site_url.rstrip('/')}/"
        host = "localhost" if self.host in {"0.0.0.0", "127.0.0.1", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}/"


def _sentence(exc: ValidationError) -> str:
    problems = []
    for error in exc.errors():
        name = str(error["loc"][0]).upper() if error["loc"] else "SETTINGS"
        name = name if name.startswith(("PARLEY_", "DATABASE_")) else f"PARLEY_{name}"
        field = Settings.model_fields.get(str(error["loc"][0])) if error["loc"] else None
        secret = field is not None and field.annotation is SecretStr
        given = "" if secret or error["type"] == "value_error" else f" (it is {str(error['input'])[:80]!r})"
        problems.append(f"{name}: {error['msg'].removeprefix('Value error, ')}{given}")
    return "; ".join(problems)
