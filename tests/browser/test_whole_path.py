"""The widget on the demo shop's page, with everything real behind it: Rasa, actions, gateway, database."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from parley import supervision
from parley.stack import Stack
from tests.browser.widget_page import WidgetPage

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]

NEED = "I need a light laptop for video editing, up to 1500"
BACK_WITHIN = 30_000


@pytest.fixture
def shop(page: Page, sqlite_stack: Stack) -> WidgetPage:
    """The demo shop's page with the chat open."""
    page.goto(sqlite_stack.url + "/")
    chat = WidgetPage(page)
    chat.open()
    return chat


def _find(chat: WidgetPage) -> None:
    chat.ask(NEED)
    expect(chat.cards).to_have_count(3)


def test_a_customer_finds_three_laptops_that_fit(shop: WidgetPage) -> None:
    _find(shop)
    prices = [float(re.sub(r"[^\d.]", "", text)) for text in shop.cards.locator(".price").all_inner_texts()]
    assert all(price <= 1500 for price in prices), prices
    shop.screenshot("whole-path-find")


def test_a_customer_buys_what_they_found(shop: WidgetPage) -> None:
    _find(shop)
    shop.cards.first.get_by_role("button", name=re.compile("^Add to cart")).click()
    expect(shop.theirs.last).to_contain_text("in your cart", timeout=15_000)
    shop.ask("make it two")
    shop.ask("checkout")
    for answer in ("Mona Winter", "mona.winter@example.com", "skip", "12 Rue des Tanneurs, 67000 Strasbourg"):
        shop.ask(answer)
    expect(shop.theirs.last).to_contain_text("Mona Winter")
    shop.screenshot("whole-path-summary")
    said = shop.ask("yes")
    assert re.search(r"PL-\d{4}-\d{4}", said), said
    shop.screenshot("whole-path-ordered")


def test_the_conversation_is_still_there_after_a_reload(shop: WidgetPage) -> None:
    _find(shop)
    shop.page.reload()
    if not shop.panel.is_visible():
        shop.open()
    expect(shop.own).to_have_text([NEED], timeout=15_000)
    expect(shop.cards).to_have_count(3)
    said = shop.ask("the second one, is it in stock?")
    assert re.search("stock", said, re.IGNORECASE), said


def test_a_customer_needs_no_mouse(page: Page, sqlite_stack: Stack) -> None:
    page.goto(sqlite_stack.url + "/")
    chat = WidgetPage(page)
    expect(chat.launcher).to_be_visible()
    chat.launcher.focus()
    page.keyboard.press("Enter")
    expect(chat.panel).to_be_visible()
    page.keyboard.type(NEED)
    page.keyboard.press("Enter")
    expect(chat.cards).to_have_count(3, timeout=15_000)
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if chat.focused().startswith("Add to cart"):
            break
    assert chat.focused().startswith("Add to cart"), chat.focused()
    page.keyboard.press("Enter")
    expect(chat.theirs.last).to_contain_text("in your cart", timeout=15_000)
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()


def test_what_is_said_while_the_web_process_is_away_is_answered_once(
    shop: WidgetPage, sqlite_stack: Stack
) -> None:
    shop.ask("hello")
    sqlite_stack.kill("web")
    expect(shop.banner).to_contain_text("connection was lost", timeout=BACK_WITHIN)
    shop.send(NEED)
    sqlite_stack.restart("web")
    expect(shop.cards).to_have_count(3, timeout=BACK_WITHIN)
    assert shop.own_texts() == ["hello", NEED]


def test_a_person_takes_over_answers_and_gives_back(shop: WidgetPage, sqlite_stack: Stack) -> None:
    others = _waiting(sqlite_stack)
    shop.ask("I want to talk to a human please")
    agent = ("--as", "margot.ebersold@ploverlane.example.com")
    (which,) = _waiting(sqlite_stack) - others
    _parley(sqlite_stack, "inbox", "claim", which, *agent)
    expect(shop.notices.last).to_contain_text("Margot", timeout=15_000)
    before = shop.theirs.count()
    shop.send("are you a real person?")
    _parley(sqlite_stack, "inbox", "reply", which, "Yes, Margot here. I am looking at it.", *agent)
    expect(shop.theirs.last).to_contain_text("Margot here", timeout=15_000)
    assert shop.theirs.count() == before + 1, "the bot talked over the agent"
    shop.screenshot("whole-path-agent")
    _parley(sqlite_stack, "inbox", "return", which, *agent)
    expect(shop.notices.last).to_contain_text("assistant is back", timeout=15_000)
    shop.ask("what can you do?")


def _waiting(stack: Stack) -> set[str]:
    """The ids, as the agents' list shows them, of the conversations that wait for a person."""
    listed = _parley(stack, "inbox", "list")
    return set(re.findall(r"^\W*([0-9a-f]{8})\W+queued", listed, re.MULTILINE))


def _parley(stack: Stack, *words: str) -> str:
    """The command line, as an agent types it, with the stack's settings."""
    finished = subprocess.run(
        [str(Path(sys.executable).with_name("parley")), *words],
        env={**supervision.environment(stack.settings), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
