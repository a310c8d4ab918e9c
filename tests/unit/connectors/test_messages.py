"""Messages and replies survive JSON exactly; choices are named by where they were offered."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.bot_replies import to_reply
from connectors.messages import (
    Card,
    Choice,
    InboundMessage,
    Reply,
    Table,
    TableRow,
    choice_id,
    offers,
    parse_choice_id,
)

words = st.text(st.characters(codec="utf-8"), max_size=30)
choices = st.builds(Choice, title=words.filter(bool), payload=words.filter(bool))
amounts = st.decimals(min_value=0, max_value=10**8, places=2, allow_nan=False)
cards = st.builds(
    Card,
    sku=words,
    title=words,
    price=amounts,
    currency=st.just("EUR"),
    price_text=words,
    image=st.none() | words,
    reason=words,
    facts=st.lists(words, max_size=3).map(tuple),
    in_stock=st.booleans(),
    choices=st.lists(choices, max_size=3).map(tuple),
)
tables = st.builds(
    lambda caption, header, labels: Table(
        caption=caption,
        header=header,
        rows=tuple(TableRow(label=label, cells=header, best=(len(header) - 1,)) for label in labels),
    ),
    caption=words.filter(bool),
    header=st.lists(words, min_size=1, max_size=4).map(tuple),
    labels=st.lists(words.filter(bool), max_size=3),
)
replies = st.builds(
    Reply,
    text=words,
    kind=st.sampled_from(["message", "notice"]),
    choices=st.lists(choices, max_size=3).map(tuple),
    cards=st.lists(cards, max_size=3).map(tuple),
    table=st.none() | tables,
)


@given(replies)
def test_a_reply_survives_json_exactly(reply: Reply) -> None:
    assert Reply.model_validate_json(reply.model_dump_json()) == reply
    assert Reply.from_content(reply.to_content(), text="", kind="") == reply


@given(
    st.builds(InboundMessage, channel=words, conversation_id=words, delivery_id=words, text=st.none() | words)
)
def test_an_inbound_message_survives_json_exactly(message: InboundMessage) -> None:
    assert InboundMessage.model_validate_json(message.model_dump_json()) == message


def test_money_keeps_its_cents() -> None:
    card = Card(sku="A", title="A", price=Decimal("1299.00"), currency="EUR", price_text="€1,299.00")
    assert card.model_dump(mode="json")["price"] == "1299.00"
    with pytest.raises(ValidationError):
        Card(sku="A", title="A", price=Decimal("1.005"), currency="EUR", price_text="?")


def test_nothing_can_be_changed() -> None:
    with pytest.raises(ValidationError):
        Reply(text="a").text = "b"  # type: ignore[misc]  # that it is refused is what is tested


@given(replies, st.integers(1, 10**6))
def test_every_offer_is_found_again_by_its_id(reply: Reply, seq: int) -> None:
    for number, choice in enumerate(offers(reply)):
        found = parse_choice_id(choice_id(seq, number))
        assert found == (seq, number)
        assert offers(reply)[found[1]] is choice


@given(st.text(max_size=20))
def test_other_ids_are_no_choices(text: str) -> None:
    found = parse_choice_id(text)
    assert found is None or min(found) >= 0


@pytest.mark.parametrize("text", ["", ".", "1", "1.", ".1", "1.2.3", "-1.0", "١.٢", "1 .2", "9" * 17 + ".1"])
def test_malformed_ids_are_no_choices(text: str) -> None:
    assert parse_choice_id(text) is None


def test_a_row_without_content_is_its_text() -> None:
    assert Reply.from_content(None, text="Hello", kind="message") == Reply(text="Hello")
    assert Reply.from_content(None, text="Dana is here", kind="notice").kind == "notice"


TABLE = Table(
    caption="Two side by side",
    header=("Fjell", "Hana"),
    rows=(
        TableRow(label="price", cells=("€1,199", "€999"), best=(1,)),
        TableRow(label="colour", cells=("grey", "–")),
    ),
)


def test_a_table_reads_as_plain_lines_where_tables_cant_be_shown() -> None:
    assert Reply(text="Here they are.", table=TABLE).as_text() == (
        "Here they are.\n\n1. Fjell\n2. Hana\n• price: 1. €1,199 | 2. €999 ✓\n• colour: 1. grey | 2. –"
    )
    assert Reply(text="Hello").as_text() == "Hello"


@pytest.mark.parametrize(
    "row", [{"cells": ["a"]}, {"cells": ["a", "b", "c"]}, {"cells": ["a", "b"], "best": [2]}]
)
def test_a_row_that_doesnt_fit_its_table_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="column"):
        Table.model_validate({"caption": "x", "header": ["A", "B"], "rows": [{"label": "price", **row}]})


@pytest.mark.parametrize(
    "table", [3, {}, {"caption": "x", "header": ["A"], "rows": [{"label": "y", "cells": []}]}]
)
def test_a_malformed_table_of_the_bot_is_left_out_and_the_text_stays(table: object) -> None:
    assert to_reply({"text": "Look:", "custom": {"table": table}}) == Reply(text="Look:")
    told = to_reply({"text": "Look:", "custom": {"table": TABLE.model_dump(mode="json")}})
    assert told.table == TABLE
