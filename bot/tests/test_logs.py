"""The bot's log lines: traces without what customers typed, whoever logs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BOT = Path(__file__).resolve().parents[1]
PROGRAM = """
import logging, structlog
from components import logs
logs.configure("WARNING")
def breaks(typed):
    return int(typed)
for log in (structlog.get_logger(), logging.getLogger("rasa.core.processor")):
    log.info("left_out")
    try:
        breaks("my name is Zebulon Quill")
    except ValueError:
        log.exception("it_broke")
"""


def test_traces_have_frames_and_types_and_neither_messages_nor_variables() -> None:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        cwd=BOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr.count("it_broke") == 2
    assert done.stderr.count("ValueError") == 2
    assert "in breaks" in done.stderr
    assert "Quill" not in done.stderr
    assert "left_out" not in done.stderr
