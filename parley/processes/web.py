"""The web channel: gateway, chat API, widget and the background jobs, served by uvicorn."""

from __future__ import annotations

import uvicorn

from connectors.web.server import server_config
from parley import logs
from parley.settings import Settings
from parley.web_channel import web_app


def main() -> None:
    settings = Settings.load()
    logs.configure(settings.log_level)
    config = server_config(
        web_app(settings), host=settings.host, port=settings.port, log_level=settings.log_level.lower()
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
