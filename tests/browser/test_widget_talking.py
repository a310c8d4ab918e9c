"""Talking: from the first question to the end of the chat."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stub_bot import message
from tests.browser.stub_server import StubServer
from tests.browser.widget_page import WidgetPage


def test_nothing_is_stored_on_the_server_before_the_customer_writes(
    widget: WidgetPage, stub: StubServer
) -> None:
    expect(widget.field).to_be_focused()
    assert stub.conversations == {}


def test_a_question_brings_cards_with_picture_price_reason_facts_and_buttons(widget: WidgetPage) -> None:
    widget.ask("I need a light laptop for video editing, up to 1500")
    expect(widget.cards).to_have_count(3)
    card = widget.card("Norrvik Fjell 14 Studio")
    expect(card).to_contain_text("€1,449.00")
    expect(card).to_contain_text("32 GB of memory and 1.29 kg, within your 1500 budget")
    expect(card.locator(".card-facts li")).to_have_text(["1.29 kg", "32 GB memory", "13 h battery"])
    expect(card.get_by_role("button")).to_have_text(["Add to cart", "Details"])
    expect(card.locator(".card-picture.loaded img")).to_be_visible()
    expect(widget.card("Norrvik Skerry 15")).to_contain_text("Out of stock")


def test_a_missing_picture_leaves_a_placeholder(widget: WidgetPage) -> None:
    widget.ask("something with no picture please")
    expect(widget.cards).to_have_count(2)
    expect(widget.cards.locator("img")).to_have_count(0)
    expect(widget.cards.locator(".card-picture .icon").first).to_be_visible()


def test_a_card_button_can_be_pressed_again_and_an_old_quick_reply_cannot(
    widget: WidgetPage, stub: StubServer
) -> None:
    widget.ask("a laptop")
    cheaper = widget.quick_reply("Cheaper")
    expect(cheaper).to_be_enabled()
    widget.press_on_card("Norrvik Fjell 14 Studio", "Add to cart")
    expect(widget.quick_reply("Check out")).to_be_enabled()
    expect(cheaper).to_be_disabled()
    widget.press_on_card("Norrvik Fjell 14 Studio", "Add to cart")
    expect(widget.theirs).to_have_count(3)
    assert stub.received == ["a laptop", "Add to cart", "Add to cart"]


def test_a_quick_reply_is_used_once_and_the_field_has_the_focus_then(
    widget: WidgetPage, stub: StubServer
) -> None:
    widget.ask("a laptop")
    widget.quick_reply("With more memory").click()
    expect(widget.theirs).to_have_count(2)
    expect(widget.quick_reply("With more memory")).to_be_disabled()
    expect(widget.field).to_be_focused()
    assert stub.received == ["a laptop", "With more memory"]


def test_a_suggestion_starts_the_chat_and_goes_away(widget: WidgetPage) -> None:
    suggestion = widget.panel.get_by_role("group", name="Suggestions").get_by_role("button")
    suggestion.filter(has_text="Headphones").click()
    expect(widget.own).to_have_text(["Headphones that keep the office out"])
    expect(suggestion.first).to_be_hidden()


def test_the_page_can_ask_for_the_customer(visit: Visit) -> None:
    widget = visit()
    widget.page.get_by_role("button", name="Tell me about the Norrvik Fjell 14 Studio").click()
    expect(widget.panel).to_be_visible()
    expect(widget.theirs).to_have_text(["You said: Tell me about the Norrvik Fjell 14 Studio"])


def test_a_reload_keeps_the_history_once_and_the_panel_open(widget: WidgetPage) -> None:
    widget.ask("a laptop")
    widget.ask("hello")
    before = widget.messages.all_inner_texts()
    widget.page.reload()
    expect(widget.messages).to_have_count(4)
    assert widget.messages.all_inner_texts() == before
    expect(widget.panel).to_be_visible()
    assert widget.ask("still there?") == "You said: still there?"


def test_a_history_of_many_pages_arrives_whole(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    for number in range(250):
        stub.remember(message(f"Number {number}"), days_ago=0)
    widget.page.reload()
    expect(widget.theirs).to_have_count(251)
    expect(widget.theirs.last).to_be_in_viewport()


def test_days_are_separated(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    stub.only.messages.clear()
    stub.remember(message("Old news"), days_ago=400)
    stub.remember(message("Yesterday's news"), days_ago=1)
    stub.remember(message("News"), days_ago=0)
    widget.page.reload()
    expect(widget.log.locator(".day")).to_have_count(3)
    expect(widget.log.locator(".day").nth(1)).to_have_text("Yesterday")
    expect(widget.log.locator(".day").nth(2)).to_have_text("Today")
    expect(widget.log.locator(".day").first).to_have_text(re.compile(r"\w+, \d+ \w+ 20\d\d"))


def test_an_agent_is_named_while_they_are_there(widget: WidgetPage, stub: StubServer) -> None:
    widget.send("I want a human")
    expect(widget.status).to_have_text("Waiting for a colleague")
    stub.agent_joins("Mia")
    stub.agent_says("Hello, how can I help?")
    expect(widget.status).to_have_text("Mia is with you")
    expect(widget.notices.last).to_have_text("Mia has joined the chat.")
    expect(widget.log.locator(".author")).to_have_text(["Mia: "])
    stub.agent_leaves()
    expect(widget.status).to_have_text("Answers right away")
    expect(widget.notices.last).to_have_text("Mia has left. The assistant is back.")


def test_the_typing_indicator_goes_out_by_itself(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    expect(widget.typing).to_be_hidden()
    stub.types(expires_in=1)
    expect(widget.typing).to_be_visible()
    expect(widget.typing).to_be_hidden(timeout=3_000)


def test_what_arrives_while_closed_is_counted_until_it_is_read(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    expect(widget.badge).to_be_hidden()
    widget.close()
    stub.bot_says("Your parcel is on its way.")
    stub.bot_says("It arrives tomorrow.")
    expect(widget.badge).to_have_text("2")
    expect(widget.launcher).to_have_accessible_name("Open chat, 2 unread messages")
    widget.page.reload()
    expect(widget.badge).to_have_text("2")
    widget.open()
    widget.close()
    expect(widget.badge).to_be_hidden()


def test_ending_the_chat_erases_it_here_and_on_the_server(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    widget.end_and_clear()
    expect(widget.messages).to_have_count(0)
    expect(widget.banner).to_contain_text("ended")
    assert stub.conversations == {}
    widget.page.reload()
    expect(widget.messages).to_have_count(0)
    kept = widget.page.evaluate("JSON.stringify(localStorage)")
    assert "token" not in kept


def test_a_chat_that_cannot_be_erased_is_kept_and_says_so(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    stub.refuse_with = 503
    widget.end_and_clear()
    expect(widget.dialog.get_by_role("alert")).to_contain_text("could not be erased")
    widget.dialog.get_by_role("button", name="Keep chatting").click()
    expect(widget.messages).to_have_count(2)
    assert len(stub.conversations) == 1


def test_enter_sends_shift_enter_breaks_the_line_and_the_field_grows(
    widget: WidgetPage, stub: StubServer
) -> None:
    widget.page.wait_for_timeout(300)  # until the panel has unfolded
    low = widget.field.bounding_box()
    widget.field.press_sequentially("one")
    widget.field.press("Shift+Enter")
    widget.field.press_sequentially("two")
    high = widget.field.bounding_box()
    assert low
    assert high
    assert high["height"] > low["height"] + 15
    widget.field.press("Enter")
    expect(widget.own).to_have_text(["one\ntwo"])
    assert widget.field.bounding_box() == low
    expect(widget.theirs).to_have_count(1)
    assert stub.received == ["one\ntwo"]


def test_the_counter_appears_near_the_limit_and_too_long_is_not_sent(
    widget: WidgetPage, stub: StubServer
) -> None:
    widget.field.fill("x" * 700)
    expect(widget.counter).to_be_hidden()
    widget.field.fill("😀" * 990)
    expect(widget.counter).to_have_text("10 characters left")
    widget.field.fill("x" * 1001)
    expect(widget.counter).to_have_text("1 character too many")
    expect(widget.send_button).to_be_disabled()
    widget.field.press("Enter")
    expect(widget.field).to_have_value("x" * 1001)
    assert stub.received == []


def test_two_tabs_show_one_conversation_and_end_it_together(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    other = WidgetPage(widget.page.context.new_page())
    other.page.goto(stub.url)
    expect(other.messages).to_have_count(2)
    other.ask("from the second tab")
    expect(widget.own).to_have_text(["hello", "from the second tab"])
    expect(widget.theirs).to_have_count(2)
    other.end_and_clear()
    expect(widget.messages).to_have_count(0)


def test_a_comparison_is_a_table_with_headers_that_says_what_is_best_and_scrolls_by_keyboard(
    widget: WidgetPage,
) -> None:
    widget.ask("compare them")
    table = widget.log.get_by_role("table", name="Three laptops side by side")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["Feature", "Norrvik Fjell 14 Studio", "Norrvik Fjell 13", "Norrvik Skerry 15"]
    )
    row = table.get_by_role("row").filter(has_text="weight")
    expect(row.get_by_role("cell")).to_have_text(["1.29 kg", "1.04 kg (best)", "1.71 kg"])
    expect(table.locator("td").last).to_contain_text("<script>")
    region = widget.log.get_by_role("region", name="Three laptops side by side")
    assert region.evaluate("it => it.scrollWidth > it.clientWidth"), "wider than the window"
    region.focus()
    widget.page.keyboard.press("ArrowRight")
    expect(region).not_to_have_js_property("scrollLeft", 0)
    assert widget.page.evaluate("() => window.hacked") is None
    widget.screenshot("comparison")
