"""The action server: rasa-sdk's application, on loopback, in one process, warmed up before it says that it is ready."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions.support import exposed
from parley import logs
from parley.bootstrap import actions_context
from parley.settings import Settings


def main() -> None:
    settings = Settings.load()
    logs.configure(settings.log_level)
    # Rasa 3.6.21 asks for rasa-sdk 3.6; the protocol between them is the same up to 3.21 (docs/adr/0003).
    warnings.filterwarnings("ignore", message=".*version", module="rasa_sdk")
    executor = ActionExecutor()
    executor.register_package("actions")
    app = create_app(executor, cors_origins=[])
    app.register_listener(_warm_up, "before_server_start")
    app.register_listener(_wind_down, "before_server_stop")
    app.run(
        host="127.0.0.1",
        port=settings.actions_port,
        single_process=True,
        access_log=False,
        motd=False,
        debug=False,
    )


async def _warm_up(app: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Build what actions need before the first customer waits for it."""
    await actions_context().start()


async def _wind_down(app: Any, loop: asyncio.AbstractEventLoop) -> None:
    """What was shown is written down, connections are given back."""
    await exposed.all_noted()
    await actions_context().stop()


if __name__ == "__main__":
    main()
