"""Pure translation: captured payloads in, messages out; every reply fits into what Slack takes."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.messages import Card, Choice, Reply, offers
from connectors.slack import inbound, limits
from connectors.slack.app import LISTENERS, PATH
from connectors.slack.inbound import Place
from connectors.slack.listeners.command import to_inbound as command_to_inbound
from connectors.slack.members import Workspace, read_account
from connectors.slack.render import to_slack
from connectors.slack.text import escaped, plain, reply_in
from tests.fakes import slack_blocks
from tests.fakes.slack import ARGUMENTS, MANIFESTS, SCOPES, SUBSCRIPTIONS, Manifest

FIXTURES = Path(__file__).parents[3] / "fixtures" / "slack"
OURS = Workspace("T0PLOVER", "Ploverlane", None, "U0PARLEY")


def fixture(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return told


choices = st.builds(Choice, title=st.text(min_size=1, max_size=120), payload=st.just("/rep_help"))
cards = st.builds(
    Card,
    sku=st.text(min_size=1, max_size=20),
    title=st.text(min_size=1, max_size=300),
    price=st.decimals(0, 9999, places=2),
    currency=st.just("EUR"),
    price_text=st.text(min_size=1, max_size=20),
    image=st.sampled_from([None, "/shop/images/A.svg", "/shop/images/A.png", "https://cdn.example/a.jpg"]),
    reason=st.text(max_size=400),
    facts=st.lists(st.text(max_size=80), max_size=4).map(tuple),
    in_stock=st.booleans(),
    choices=st.lists(choices, max_size=3).map(tuple),
)
replies = st.builds(
    Reply,
    text=st.text(max_size=9000),
    choices=st.lists(choices, max_size=60).map(tuple),
    cards=st.lists(cards, max_size=30).map(tuple),
)


@given(replies)
@settings(max_examples=60, deadline=None)
def test_every_reply_is_what_slack_takes(reply: Reply) -> None:
    shown = to_slack(reply, conversation_id="c" * 36, seq=12, public_url="https://shop.example")
    assert 1 <= len(shown.text) <= limits.MESSAGE_TEXT
    if shown.blocks:
        slack_blocks.blocks(shown.blocks)


def test_each_choice_is_named_by_its_place_in_the_reply() -> None:
    one, two, of_card = (Choice(title=name, payload="/x") for name in ("One", "Two", "Details"))
    card = Card(sku="A", title="A", price=Decimal(1), currency="EUR", price_text="€1.00", choices=(of_card,))
    reply = Reply(text="Which?", choices=(one, two), cards=(card,))
    shown = to_slack(reply, conversation_id="talk", seq=7)
    rows = [block["elements"] for block in shown.blocks if block["type"] == "actions"]
    values = {button["text"]["text"]: button["value"] for row in rows for button in row}
    expected = {choice.title: f"talk|7.{number}" for number, choice in enumerate(offers(reply))}
    assert values == expected


def test_equal_choices_keep_their_own_numbers() -> None:
    same = Choice(title="Yes", payload="/rep_affirm")
    again = Choice(title="Yes", payload="/rep_affirm")
    shown = to_slack(Reply(text="?", choices=(same, again)), conversation_id="talk", seq=1)
    (row,) = [block["elements"] for block in shown.blocks if block["type"] == "actions"]
    assert [button["value"] for button in row] == ["talk|1.0", "talk|1.1"]


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("who is <mailto:dana@example.com|dana@example.com>", "who is dana@example.com"),
        ("<@U0PARLEY> new leads?", "new leads?"),
        ("see <https://a.example/x?y=1&amp;z=2>", "see https://a.example/x?y=1&z=2"),
        ("see <https://a.example|our page>", "see our page"),
        ("ask <#C1|sales> or <!subteam^S1|@reps>", "ask #sales or @reps"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt;", "&lt;"),
        ("<!channel> hey", "hey"),
    ],
)
def test_what_was_typed_is_read_as_it_was_seen(typed: str, seen: str) -> None:
    assert plain(typed) == seen


@given(st.text(max_size=200))
def test_what_we_say_mentions_nobody_and_reads_as_it_was(text: str) -> None:
    safe = escaped(text)
    assert "<" not in safe
    assert plain(safe) == text.strip()


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("!r Hello", "Hello"),
        ("!R hello\nthere", "hello\nthere"),
        ("  !r   spaced", "spaced"),
        ("!r", ""),
        ("!really?", None),
        ("not !r this", None),
        ("!rHello", None),
        ("", None),
    ],
)
def test_only_what_stands_behind_r_is_for_the_customer(typed: str, sent: str | None) -> None:
    assert reply_in(typed) == sent


@pytest.mark.parametrize(
    ("name", "key", "lane", "user"),
    [
        ("message_im", "e:Ev0IM", "D0ADA:im", "U0ADA"),
        ("message_thread", "e:Ev0THREAD", "C0ALERTS:1764072200.000100", "U0ADA"),
        ("message_changed", "e:Ev0CHANGED", "C0ALERTS:1764072200.000100", "U0ADA"),
        ("app_mention", "e:Ev0MENTION", "U0ADA", "U0ADA"),
        ("app_home_opened", "e:Ev0HOME", "U0ADA", "U0ADA"),
        ("user_change", "e:Ev0USER", "U0ADA", "U0ADA"),
        ("slash_command", "t:13345224609.738474920.8088930838d88f008e0", "U0ADA", "U0ADA"),
        ("block_actions", "t:12466734323.1395872398.d3b8c0a0", "U0ADA", "U0ADA"),
        ("view_submission", "v:V0REPLY:1764072700.abcdef", "U0ADA", "U0ADA"),
    ],
)
def test_a_captured_delivery_is_named_and_put_in_its_lane(name: str, key: str, lane: str, user: str) -> None:
    body = fixture(name)
    assert (inbound.key_of(body), inbound.lane_of(body), inbound.user_of(body)) == (key, lane, user)
    assert inbound.position_of(body, 5.0) == (
        5_000_000 if name in ("slash_command", "view_submission") else pytest.approx(1.764072e15, rel=1e-6)
    )


def test_a_long_trigger_still_has_a_key_of_its_own() -> None:
    one, two = ({"trigger_id": "1" * 300 + end} for end in "ab")
    assert inbound.key_of(one) != inbound.key_of(two)
    assert len(inbound.key_of(one) or "") <= 120


def test_a_message_becomes_the_gateways_with_the_place_for_its_answer() -> None:
    event = fixture("message_im")["event"]
    message = inbound.to_inbound(event, "talk")
    assert (message.text, message.channel) == ("who is dana@example.com", "slack")
    assert Place.of(message.delivery_id) == Place("m", "D0ADA", "", "1764072000.000100")
    mention = inbound.to_inbound(fixture("app_mention")["event"], "talk")
    assert Place.of(mention.delivery_id) == Place("m", "C0SALES", "1764072400.000100", "1764072400.000100")


@pytest.mark.parametrize("other", [None, "", "web-1", "a|b", "m||x|y", "a|b|c|d|e"])
def test_another_channels_delivery_id_is_no_place(other: str | None) -> None:
    assert Place.of(other) is None


def test_a_command_is_told_by_its_first_word() -> None:
    message = command_to_inbound(fixture("slash_command"), "talk")
    assert (message.command, message.text) == ("rep_leads", "17")
    plain_words = command_to_inbound(fixture("slash_command") | {"text": "who is waiting"}, "talk")
    assert (plain_words.command, plain_words.text) == (None, "who is waiting")


@pytest.mark.parametrize(
    ("told", "stranger"),
    [
        ({"team_id": "T0PLOVER"}, False),
        ({"team_id": "T0OTHER"}, True),
        ({"team_id": "T0PLOVER", "is_stranger": True}, True),
        ({"team_id": "T0PLOVER", "deleted": True}, True),
        ({}, True),
    ],
)
def test_whoever_belongs_to_another_workspace_is_a_stranger(told: dict[str, Any], stranger: bool) -> None:
    assert read_account(told, OURS).stranger is stranger


def test_a_grid_workspace_of_the_same_enterprise_is_ours() -> None:
    grid = Workspace("T0PLOVER", "Ploverlane", "E1", "U0PARLEY")
    same, other = ({"team_id": "T2", "enterprise_user": {"enterprise_id": one}} for one in ("E1", "E2"))
    assert not read_account(same, grid).stranger
    assert read_account(other, grid).stranger


def test_only_a_confirmed_address_counts() -> None:
    told = {"team_id": "T0PLOVER", "profile": {"email": "ada@plover.example.com"}}
    assert not read_account(told, OURS).verified
    assert not read_account({**told, "is_email_confirmed": "true"}, OURS).verified
    assert read_account({**told, "is_email_confirmed": True}, OURS).verified


@given(st.text(max_size=20_000))
@settings(max_examples=60, deadline=None)
def test_long_text_is_broken_without_losing_words(text: str) -> None:
    parts = limits.pieces(escaped(text))
    assert all(0 < len(part) <= limits.SECTION_TEXT for part in parts)
    assert "".join("".join(parts).split()) == "".join(escaped(text).split())


class Listening:
    """Stands in for Bolt: notes what the listeners listen to."""

    def __init__(self) -> None:
        self.events: set[str] = set()
        self.commands: set[str] = set()

    def event(self, name: str) -> Callable[[object], object]:
        self.events.add(name)
        return lambda listener: listener

    def command(self, name: str) -> Callable[[object], object]:
        self.commands.add(name)
        return lambda listener: listener

    def action(self, _: object) -> Callable[[object], object]:
        return lambda listener: listener

    view = action


@pytest.mark.parametrize("mode", ["socket-mode", "http"])
def test_the_manifests_ask_for_what_the_code_uses_and_for_nothing_else(mode: str) -> None:
    listening: Any = Listening()
    for listener in LISTENERS:
        listener.register(listening, None)  # what is heard would use the second
    assert listening.events == {kind for kind, _ in SUBSCRIPTIONS}
    manifest = Manifest.read(mode)
    assert manifest.events == {name for name, _ in SUBSCRIPTIONS.values()}
    heard = {scope for _, scope in SUBSCRIPTIONS.values() if scope}
    assert manifest.scopes == {*SCOPES.values(), *heard, "users:read.email", "commands"}
    assert manifest.commands == listening.commands == {"/parley"}
    text = (MANIFESTS / f"manifest-{mode}.yml").read_text(encoding="utf-8")
    settings = yaml.safe_load(text)["settings"]
    assert settings["socket_mode_enabled"] is (mode == "socket-mode")
    assert settings["interactivity"]["is_enabled"] is True
    assert text.count(f"https://shop.example.com{PATH}") == (3 if mode == "http" else 0)


def test_the_code_calls_the_methods_that_the_tests_workspace_knows() -> None:
    called = set()
    for path in (Path(__file__).parents[4] / "connectors" / "slack").rglob("*.py"):
        called |= set(re.findall(r"client\.([a-z]+_[a-zA-Z]+)\(", path.read_text(encoding="utf-8")))
    assert {name.replace("_", ".", 1) for name in called} == set(ARGUMENTS) - {"apps.connections.open"}
