"""Every shape that a reply can have is shown on every channel, or falls back to its text.

The replies are generated from the model's own fields, so a shape that is added later is in here without a change.
"""

import io
import re
import types
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from rich.console import Console

from connectors.messages import Card, Choice, Reply, Table, TableRow
from connectors.slack.render import to_slack
from connectors.telegram import to_telegram
from connectors.telegram.callbacks import DATA_LIMIT
from connectors.telegram.markup import CAPTION_LIMIT, TEXT_LIMIT, width
from connectors.telegram.outgoing import Outgoing
from connectors.terminal import to_terminal
from connectors.web.render import to_web
from crm.services.conversation_views import MessageView
from tests.fakes.telegram.markup import visible

CONVERSATION = "1f3a9b2c-0d4e-4c8a-9b7e-2f5d6c7a8b90"
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
sentences = st.lists(words, min_size=1, max_size=6).map(" ".join) | st.just("<b>&</b> 🎧 " * 9)


def of_field(annotation: Any, field: FieldInfo | None = None) -> st.SearchStrategy[Any]:
    """Values for a field of a reply, by its type. Raises for a type that nothing here knows."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation is str:
        return sentences
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(0, 100)
    if annotation is Decimal:
        return st.decimals(0, 10**6, places=2)
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(of_field(args[0]), max_size=4).map(tuple)
    if origin in (Union, types.UnionType):
        return st.one_of([st.none() if one is type(None) else of_field(one) for one in args])
    if hasattr(annotation, "__metadata__"):
        return of_field(args[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return of_model(annotation)
    raise TypeError(f"say in this test how a {annotation} is made")


def of_tables() -> st.SearchStrategy[Table]:
    """A table's rows are as wide as its header, which its fields' types don't say."""

    def wide(width: int) -> st.SearchStrategy[Table]:
        cells = st.lists(sentences, min_size=width, max_size=width).map(tuple)
        best = st.lists(st.integers(0, width - 1), max_size=width).map(tuple)
        rows = st.lists(st.builds(TableRow, label=sentences, cells=cells, best=best), max_size=4).map(tuple)
        return st.builds(Table, caption=sentences, header=cells, rows=rows)

    return st.integers(1, 4).flatmap(wide)


def of_model(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    if model is Table:
        return of_tables()
    return st.builds(
        model, **{name: of_field(field.annotation, field) for name, field in model.model_fields.items()}
    )


def stored(reply: Reply, *, author: str = "bot", seq: int = 17) -> MessageView:
    return MessageView(
        id="m", conversation_id=CONVERSATION, seq=seq, direction="out", author=author, text=reply.text,
        state="ready", created_at=datetime.now(UTC), content=reply.to_content(),
    )  # fmt: skip


def on_web(reply: Reply) -> str:
    return str(to_web(stored(reply)))


def on_telegram(reply: Reply) -> str:
    sent = to_telegram(stored(reply))
    for one in sent:
        keeps_to_telegrams_limits(one)
    return "\n".join(one.plain for one in sent)


def on_slack(reply: Reply) -> str:
    shown = to_slack(reply, conversation_id=CONVERSATION, seq=17)
    assert shown.text
    assert len(shown.blocks) <= 50
    return shown.text + str(shown.blocks)


def on_terminal(reply: Reply) -> str:
    screen = io.StringIO()
    console = Console(file=screen, width=2000)
    for line in to_terminal(stored(reply))[0]:
        console.print(line)
    return screen.getvalue()


CHANNELS: dict[str, Callable[[Reply], str]] = {
    "web": on_web,
    "telegram": on_telegram,
    "slack": on_slack,
    "terminal": on_terminal,
}


def keeps_to_telegrams_limits(one: Outgoing) -> None:
    limit = CAPTION_LIMIT if one.picture else TEXT_LIMIT
    assert 1 <= width(visible(one.html, "HTML")) <= limit
    buttons = [button for row in one.rows for button in row]
    assert len(buttons) <= 100
    assert all(button.title and 1 <= len(button.data.encode()) <= DATA_LIMIT for button in buttons)


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reply=of_model(Reply))
def test_every_shape_is_shown_or_falls_back_to_its_text(channel: str, reply: Reply) -> None:
    shown = CHANNELS[channel](reply)
    first = re.findall(r"\w{2,}", reply.text[:200])[:5]
    if reply.table is not None:
        first += re.findall(r"\w{2,}", reply.table.header[0][:40])[:2]
    assert all(word in shown for word in first), f"{first} are not all in {shown[:400]!r}"


@pytest.mark.parametrize("channel", CHANNELS)
def test_everything_at_its_longest_is_shown_within_the_limits(channel: str) -> None:
    long = "<b>&</b> 🎧 " * 700
    choices = tuple(Choice(title=long[:60], payload="/x") for _ in range(60))
    card = Card(
        sku="A-1", title=long, price=Decimal(5), currency="EUR", price_text=long[:40], reason=long,
        facts=(long,) * 9, choices=choices,
    )  # fmt: skip
    for reply in (Reply(text=long, choices=choices, cards=(card,) * 3), Reply(text="Short.", cards=(card,))):
        assert reply.text[:6] in CHANNELS[channel](reply)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_shape_from_the_future_falls_back_to_its_text(channel: str) -> None:
    content = {"text": "A chart of your orders.", "chart": {"bars": [1, 2, 3]}, "choices": [], "cards": []}
    assert "A chart of your orders." in CHANNELS[channel](Reply.from_content(content, text="", kind=""))
