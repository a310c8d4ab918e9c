"""Going on in Telegram: offered when it is possible, by a link that the customer opens; then the chat is there."""

import asyncio

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stub_server import StubServer
from tests.browser.widget_page import WidgetPage


def test_without_telegram_nothing_is_offered(widget: WidgetPage) -> None:
    widget.ask("a laptop")
    widget.panel.get_by_role("button", name="Chat options").click()
    expect(widget.panel.get_by_role("button", name="Continue on Telegram")).to_be_hidden()


def test_the_chat_goes_on_in_telegram_by_a_link(visit: Visit, stub: StubServer) -> None:
    stub.continue_on = ["telegram"]
    widget = visit()
    widget.open()
    widget.ask("a laptop")
    widget.panel.get_by_role("button", name="Chat options").click()
    offer = widget.panel.get_by_role("button", name="Continue on Telegram")
    expect(offer).to_be_visible()
    widget.screenshot("telegram-menu")
    offer.click()
    opened = widget.banner.get_by_role("link", name="Open Telegram")
    expect(opened).to_have_attribute("href", f"https://t.me/plover_lane_bot?start=c-{'x' * 32}")
    expect(opened).to_have_attribute("rel", "noopener noreferrer")
    widget.screenshot("telegram-link")
    (conversation_id,) = stub.conversations
    moved = stub.conversations.pop(conversation_id)
    assert stub.loop is not None
    for open_socket in list(moved.sockets):
        asyncio.run_coroutine_threadsafe(open_socket.close(4401), stub.loop).result(5)
    expect(widget.banner).to_contain_text("Your chat goes on in Telegram")
    widget.ask("something new")
    assert list(stub.conversations) != [conversation_id]


def test_a_link_that_cant_be_had_is_said_so(visit: Visit, stub: StubServer) -> None:
    stub.continue_on = ["telegram"]
    widget = visit()
    widget.open()
    widget.ask("a laptop")
    stub.refuse_with = 429
    widget.panel.get_by_role("button", name="Chat options").click()
    widget.panel.get_by_role("button", name="Continue on Telegram").click()
    expect(widget.banner).to_contain_text("Not now.")
