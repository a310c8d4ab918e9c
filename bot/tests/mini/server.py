"""Runs serve.py with the mini bot's model and speaks its HTTP."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

BOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-the-tests"  # noqa: S105 - of the tests


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, *, seconds: float = 240) -> None:
    """Until the address answers 200."""
    host, _, path = url.removeprefix("http://").partition("/")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection(host, timeout=2)
            connection.request("GET", f"/{path}")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{url} wasn't ready within {seconds} s")


class MiniBot:
    """One process of the bot."""

    def __init__(
        self, model: Path, artifacts: Path, actions_port: int, database: Path, *, url: str | None = None
    ) -> None:
        self.model, self.artifacts, self.actions_port, self.database = (
            model,
            artifacts,
            actions_port,
            database,
        )
        self.url = url or f"sqlite:///{database}"
        self.port = free_port()
        self.log = database.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = os.environ | {
            "PARLEY_ARTIFACTS": str(self.artifacts),
            "PARLEY_BOT_TOKEN": TOKEN,
            "PARLEY_ACTIONS_URL": f"http://127.0.0.1:{self.actions_port}",
            "PARLEY_TRACKER_URL": self.url,
            "PARLEY_GAZETTEER": str(self.database.with_name("none.json")),
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                [sys.executable, "serve.py", "--port", str(self.port), "--model", str(self.model)],
                cwd=BOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        wait_until_ready(f"http://127.0.0.1:{self.port}/webhooks/gateway/health")

    def stop(self, *, kill: bool = False) -> None:
        if self._process is not None:
            (self._process.kill if kill else self._process.terminate)()
            self._process.wait(20)

    def request(
        self, method: str, path: str, body: Any = None, *, token: str | None = TOKEN, timeout: float = 30
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        try:
            connection.request(method, path, raw, headers)
            response = connection.getresponse()
            payload = response.read()
        finally:
            connection.close()
        return response.status, json.loads(payload) if payload else None

    def turn(self, conversation: str, text: str | None = None, /, **fields: Any) -> tuple[int, Any]:
        body = {"conversation": conversation, "message_id": str(uuid.uuid4()), "text": text, "channel": "web"}
        return self.request(
            "POST", "/webhooks/gateway/turn", body | {"metadata": {"role": "customer"}} | fields
        )

    def say(self, conversation: str, text: str | None = None, /, **fields: Any) -> list[str]:
        """The texts of the answer; fails unless the status is 200."""
        status, answer = self.turn(conversation, text, **fields)
        assert status == 200, answer
        return [message.get("text", "") for message in answer["messages"]]

    def action_server(self, method: str, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.actions_port, timeout=10)
        connection.request(method, path)
        payload = connection.getresponse().read()
        connection.close()
        return json.loads(payload) if payload else None

    def stored(self, conversation: str) -> dict[str, Any] | None:
        """The row of a conversation as it is in the database."""
        connection = sqlite3.connect(self.database)
        connection.row_factory = sqlite3.Row
        try:
            row = connection.execute(
                "SELECT * FROM bot_tracker WHERE conversation = ?", (conversation,)
            ).fetchone()
        finally:
            connection.close()
        return None if row is None else dict(row)
