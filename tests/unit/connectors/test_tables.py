"""Every channel says what a comparison says, in its own way or in plain lines."""

from datetime import UTC, datetime

from connectors.messages import Reply, Table, TableRow
from connectors.slack.render import to_slack
from connectors.telegram.render import to_telegram
from connectors.web.render import to_web
from crm.services.conversation_views import MessageView

REPLY = Reply(
    text="Here they are.",
    table=Table(
        caption="Two side by side",
        header=("Fjell <13>", "Hana"),
        rows=(TableRow(label="price", cells=("€1,199", "€999"), best=(1,)),),
    ),
)
LINES = "Here they are.\n\n1. Fjell <13>\n2. Hana\n• price: 1. €1,199 | 2. €999 ✓"


def stored() -> MessageView:
    return MessageView(
        id="m-1",
        conversation_id="c-1",
        seq=2,
        direction="out",
        author="bot",
        text=REPLY.text,
        state="ready",
        created_at=datetime(2026, 11, 25, tzinfo=UTC),
        content=REPLY.to_content(),
    )


def test_the_web_gets_the_table_itself() -> None:
    assert to_web(stored())["table"] == {
        "caption": "Two side by side",
        "header": ["Fjell <13>", "Hana"],
        "rows": [{"label": "price", "cells": ["€1,199", "€999"], "best": [1]}],
    }


def test_telegram_gets_its_lines() -> None:
    (message,) = to_telegram(stored())
    assert message.plain == LINES
    assert "Fjell &lt;13&gt;" in message.html


def test_slack_gets_its_lines() -> None:
    told = to_slack(REPLY, conversation_id="c-1", seq=2)
    assert "• price: 1. €1,199 | 2. €999 ✓" in str(told.blocks)
    assert "• price: 1. €1,199 | 2. €999 ✓" in told.text
