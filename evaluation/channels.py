"""The chat apps under load: the real stack against local servers that speak the apps' APIs.

Telegram: 1,000 updates at once from 200 chats, a third of them product searches. Each must be answered once, in
order within its chat. Slack: 50 deliveries a second for half a minute; how fast each is acknowledged, and that none is
lost. Writes `var/evaluation/channels.json`. Run it by `make bench` on a quiet machine; one
channel by `python -m evaluation.channels telegram`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from rich.table import Table

from evaluation import channels_slack, channels_telegram
from evaluation.timing import console, write
from parley.settings import ROOT

RESULT = ROOT / "var" / "evaluation" / "channels.json"
# Each measures one channel and answers its figures by name.
CHANNELS: dict[str, Callable[[], dict[str, Any]]] = {
    "telegram": channels_telegram.measure,
    "slack": channels_slack.measure,
}
BARS = {
    "telegram_messages_per_second": (20.0, "at least"),
    "telegram_lost": (0, "at most"),
    "telegram_doubled": (0, "at most"),
    "telegram_out_of_order": (0, "at most"),
    "slack_ack_p99_ms": (500.0, "at most"),
    "slack_refused": (0, "at most"),
    "slack_lost": (0, "at most"),
}


def main() -> int:
    wanted = sys.argv[1:] or list(CHANNELS)
    figures: dict[str, Any] = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for name in wanted:
        console.print(f"{name} …")
        figures |= CHANNELS[name]()
    write(RESULT, figures)
    table = Table("figure", "Parley", "bar", title="Chat apps")
    for name, (bar, kind) in BARS.items():
        if name in figures:
            held = figures[name] <= bar if kind == "at most" else figures[name] >= bar
            table.add_row(name, str(figures[name]), f"{kind} {bar} {'✓' if held else '✗'}")
    console.print(table)
    console.print(f"Written to {RESULT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
