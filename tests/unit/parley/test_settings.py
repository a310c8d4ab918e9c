"""Settings: what is wrong is named with its value and the fix, and secrets stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.errors import SettingsError
from parley.settings import Settings
from tests.own_settings import leave_out_the_machines


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_out_the_machines(monkeypatch, tmp_path)


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = Settings.load()
    assert settings.database_url == f"sqlite:///{tmp_path / 'state' / 'parley.db'}"
    assert settings.tracker_url == f"sqlite:///{tmp_path / 'state' / 'bot.db'}"
    assert len(settings.secret.get_secret_value()) >= 24
    assert settings.secret != settings.bot_token


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("PARLEY_PORT", "99999", "65535"),
        ("PARLEY_PORT", "eighty", "integer"),
        ("PARLEY_QUEUE_TIMEOUT", "0", "greater than 0"),
        ("PARLEY_QUEUE_TIMEOUT", "soon", "number"),
        ("PARLEY_TRUSTED_PROXIES", "-1", "greater than or equal to 0"),
        ("PARLEY_ALLOWED_ORIGINS", "shop.example", "https://shop.example"),
        ("PARLEY_ALLOWED_ORIGINS", "https://shop.example/path", "https://shop.example"),
        ("PARLEY_LOG_LEVEL", "chatty", "WARNING"),
        ("PARLEY_MESSAGES_PER_ADDRESS", "lots", "30/minute"),
        ("PARLEY_CONVERSATIONS_PER_ADDRESS", "60 per fortnight", "60/hour"),
        ("PARLEY_SLACK_ALERT_CHANNEL", "#alerts", "C0123456789"),
        ("PARLEY_SLACK_CART_FROM", "0", "greater than 0"),
        ("PARLEY_SLACK_MOOD_BELOW", "2", "less than or equal to 0"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_the_fix(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, fix: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    said = str(refused.value)
    assert said.startswith(f"{name}: ")
    assert value in said
    assert fix in said
    assert "\n" not in said


@pytest.mark.parametrize("value", ["change-me", "CHANGEME", "short", "placeholder"])
@pytest.mark.parametrize("name", ["PARLEY_SECRET", "PARLEY_BOT_TOKEN"])
def test_a_placeholder_refuses_to_start_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: ") as refused:
        Settings.load()
    assert f"'{value}'" not in str(refused.value)


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_PORT", "0")
    monkeypatch.setenv("PARLEY_LOG_LEVEL", "chatty")
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    assert "PARLEY_PORT" in str(refused.value)
    assert "PARLEY_LOG_LEVEL" in str(refused.value)


def test_an_empty_setting_counts_as_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_PORT", "")
    monkeypatch.setenv("DATABASE_URL", "")
    assert Settings.load().port == 8080


def test_the_dialogue_state_goes_where_a_server_keeps_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://parley@db.example/parley")
    settings = Settings.load()
    assert settings.database_url == settings.tracker_url == "postgresql://parley@db.example/parley"


def test_secrets_are_in_no_print_of_the_settings() -> None:
    settings = Settings.load()
    for secret in (settings.secret, settings.bot_token):
        assert secret.get_secret_value() not in f"{settings!r} {settings} {settings.model_dump()}"


def test_several_origins_are_split_and_lose_their_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_ALLOWED_ORIGINS", "https://a.example/, http://localhost:3000")
    assert Settings.load().allowed_origins == ("https://a.example", "http://localhost:3000")


@pytest.mark.parametrize(
    ("name", "beginning"), [("PARLEY_SLACK_BOT_TOKEN", "xoxb-"), ("PARLEY_SLACK_APP_TOKEN", "xapp-")]
)
def test_a_slack_token_of_the_wrong_kind_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, beginning: str
) -> None:
    monkeypatch.setenv(name, "xoxp-something-secret")
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    assert str(refused.value).startswith(f"{name}: ")
    assert beginning in str(refused.value)
    assert "something-secret" not in str(refused.value)


def test_a_slack_bot_token_alone_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_SLACK_BOT_TOKEN", "xoxb-something")
    with pytest.raises(SettingsError, match=r"PARLEY_SLACK_APP_TOKEN.*PARLEY_SLACK_SIGNING_SECRET"):
        Settings.load()
    monkeypatch.setenv("PARLEY_SLACK_SIGNING_SECRET", "signing")
    assert Settings.load().slack_bot_token.get_secret_value() == "xoxb-something"
