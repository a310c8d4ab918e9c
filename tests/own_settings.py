"""Settings that come from the test alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.settings import Settings


def leave_out_the_machines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside, and a state folder of the test's own."""
    for name in ("DATABASE_URL", *(f"PARLEY_{name.upper()}" for name in Settings.model_fields)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("PARLEY_STATE", str(tmp_path / "state"))
