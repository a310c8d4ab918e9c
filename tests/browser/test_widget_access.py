"""For everybody: keyboard alone, screen readers, contrast, calm motion, small screens."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit
from tests.browser.stub_server import StubServer
from tests.browser.test_widget_safety import embed
from tests.browser.widget_page import WidgetPage

AUDIT = (Path(__file__).parent / "audit.js").read_text()


def show_everything(widget: WidgetPage, stub: StubServer) -> None:
    """Brings every kind of element into the log."""
    widget.ask("a laptop")
    widget.ask("compare")
    widget.ask("links")
    stub.refuse_with = 429
    widget.send("refused")
    expect(widget.log.locator(".failed")).to_be_visible()
    stub.refuse_with = None
    widget.send("a human please")
    expect(widget.notices).to_have_count(1)
    stub.agent_joins("Mia")
    stub.agent_says("Hello!")
    expect(widget.log.locator(".author")).to_have_count(1)
    widget.field.fill("x" * 1001)


def audit(widget: WidgetPage) -> None:
    widget.page.wait_for_timeout(400)  # until nothing fades any more
    found = widget.page.evaluate(AUDIT)
    assert found["contrast"] == []
    assert found["labels"] == []
    assert found["texts"] > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_reaches_contrast_and_every_control_has_a_name(
    page: Page, visit: Visit, stub: StubServer, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    widget = visit()
    expect(widget.teaser).to_be_visible()
    audit(widget)
    widget.open()
    audit(widget)
    show_everything(widget, stub)
    audit(widget)
    widget.panel.get_by_role("button", name="Chat options").click()
    audit(widget)
    widget.panel.get_by_role("button", name="End chat and clear").click()
    audit(widget)


@pytest.mark.parametrize("accent", ["#ffe14d", "#808080", "#000000", "#ffffff", "#ff3b30", "#34c759"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_holds_whatever_accent_the_shop_chooses(
    page: Page, stub: StubServer, accent: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    widget = embed(page, stub, attributes=f'data-accent="{accent}" data-suggestions="One|Two"')
    widget.open()
    audit(widget)
    widget.ask("a laptop")
    audit(widget)


def test_the_audit_notices_what_is_wrong(widget: WidgetPage) -> None:
    widget.panel.locator(".status").evaluate("element => element.style.color = '#bbbbbb'")
    widget.send_button.evaluate("element => element.removeAttribute('aria-label')")
    found = widget.page.evaluate(AUDIT)
    assert len(found["contrast"]) == 1
    assert len(found["labels"]) == 1


def test_a_product_is_found_and_put_into_the_cart_by_keyboard_alone(visit: Visit, stub: StubServer) -> None:
    widget = visit()
    keyboard = widget.page.keyboard
    widget.launcher.focus()
    keyboard.press("Enter")
    expect(widget.field).to_be_focused()
    keyboard.type("a laptop")
    keyboard.press("Enter")
    expect(widget.cards).to_have_count(3)
    for _ in range(30):
        keyboard.press("Shift+Tab")
        if widget.focused().startswith("Norrvik Fjell 14 Studio,"):
            break
    keyboard.press("ArrowRight")
    assert widget.focused() == "Norrvik Fjell 13, €1,199.00"
    keyboard.press("End")
    assert widget.focused() == "Norrvik Skerry 15, €749.00"
    expect(widget.card("Norrvik Skerry 15")).to_be_in_viewport()
    keyboard.press("ArrowRight")
    assert widget.focused() == "Norrvik Skerry 15, €749.00"
    keyboard.press("Home")
    keyboard.press("Tab")
    assert widget.focused() == "Add to cart: Norrvik Fjell 14 Studio"
    keyboard.press("Enter")
    expect(widget.quick_reply("Check out")).to_be_visible()
    expect(widget.field).to_be_focused()
    assert stub.received == ["a laptop", "Add to cart"]


def test_escape_closes_one_thing_at_a_time_and_gives_the_focus_back(widget: WidgetPage) -> None:
    keyboard = widget.page.keyboard
    widget.panel.get_by_role("button", name="Chat options").press("Enter")
    assert widget.focused() == "End chat and clear"
    keyboard.press("Escape")
    assert widget.focused() == "Chat options"
    keyboard.press("Enter")
    keyboard.press("Enter")
    assert widget.focused() == "Keep chatting"
    keyboard.press("Tab")
    assert widget.focused() == "End and clear"
    keyboard.press("Tab")
    assert widget.focused() == "Keep chatting"
    keyboard.press("Escape")
    expect(widget.dialog).to_be_hidden()
    expect(widget.field).to_be_focused()
    keyboard.press("Escape")
    expect(widget.panel).to_be_hidden()
    expect(widget.launcher).to_be_focused()
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")


def test_new_messages_are_announced_and_a_fetched_history_is_not(
    widget: WidgetPage, stub: StubServer
) -> None:
    widget.ask("hello")
    expect(widget.log).to_have_attribute("aria-live", "polite")
    widget.page.add_init_script(
        """new MutationObserver(() => {
          const log = document.querySelector("parley-chat")?.shadowRoot?.querySelector("[role=log]");
          if (!log || window.watched) return;
          window.watched = true;
          window.live = [];
          new MutationObserver((records) => {
            for (const record of records) for (const node of record.addedNodes) window.live.push(log.ariaLive);
          }).observe(log, {childList: true});
        }).observe(document, {childList: true, subtree: true});"""
    )
    widget.page.reload()
    expect(widget.messages).to_have_count(2)
    stub.bot_says("News")
    expect(widget.messages).to_have_count(3)
    assert widget.page.evaluate("window.live") == ["off", "off", "off", "polite"]


def test_with_reduced_motion_nothing_moves_for_long(page: Page, visit: Visit) -> None:
    page.emulate_media(reduced_motion="reduce")
    widget = visit()
    widget.open()
    duration = widget.panel.evaluate("element => getComputedStyle(element).animationDuration")
    assert duration == "0.001s"


def test_reading_further_up_is_not_interrupted(widget: WidgetPage, stub: StubServer) -> None:
    for _ in range(3):
        widget.ask("long")
    scroller = widget.panel.locator(".scroller")
    scroller.hover()
    widget.page.mouse.wheel(0, -3_000)
    jump = widget.panel.get_by_role("button", name="New messages")
    expect(jump).to_be_hidden()
    widget.page.wait_for_timeout(200)
    before = scroller.evaluate("element => element.scrollTop")
    stub.bot_says("Something new")
    expect(jump).to_be_visible()
    assert scroller.evaluate("element => element.scrollTop") == before
    jump.click()
    expect(widget.theirs.last).to_be_in_viewport()
    expect(jump).to_be_hidden()


def test_a_phone_gets_the_whole_screen_and_no_keyboard_in_the_way(browser: Browser, stub: StubServer) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    page = context.new_page()
    page.goto(stub.url)
    widget = WidgetPage(page)
    widget.launcher.tap()
    expect(widget.panel).to_be_visible()
    page.wait_for_timeout(400)
    assert widget.panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    expect(widget.field).not_to_be_focused()
    widget.ask("a laptop")
    expect(widget.cards).to_have_count(3)
    context.close()
