"""Serving the app: uvicorn with what the chat needs."""

import uvicorn
from fastapi import FastAPI

# A frame holds at most one message: what is larger is refused by the protocol itself, before it is read.
MAX_FRAME_BYTES = 64 * 1024


def server_config(app: FastAPI, *, host: str, port: int, log_level: str = "info") -> uvicorn.Config:
    """uvicorn's configuration. The app reads X-Forwarded-For itself, so uvicorn mustn't.

    It logs as the process does: its own handlers would print traces with what customers typed.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level=log_level,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws_max_size=MAX_FRAME_BYTES,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        limit_concurrency=2000,
    )
