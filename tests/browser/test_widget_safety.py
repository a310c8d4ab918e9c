"""In a stranger's page: other origins, strict policies, hostile text, wrong options."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stub_bot import MARKUP
from tests.browser.stub_server import StubServer
from tests.browser.widget_page import WidgetPage


def embed(
    page: Page, stub: StubServer, *, attributes: str = "", policy: str = "", element: str = ""
) -> WidgetPage:
    """Opens a shop's page on another origin than the chat server's, with one script tag in it."""
    query = urlencode({"server": stub.url, "attributes": attributes, "policy": policy, "element": element})
    page.goto(f"http://localhost:{stub.port}/embed?{query}")
    return WidgetPage(page)


def strict_policy(stub: StubServer) -> str:
    server, sockets = stub.url, stub.url.replace("http", "ws")
    return (
        f"default-src 'none'; script-src {server}; img-src {server}; connect-src {server} {sockets}; "
        "style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_one_tag_works_across_origins_under_a_policy_without_inline_styles_and_scripts(
    page: Page, stub: StubServer
) -> None:
    complaints: list[str] = []
    page.on("console", lambda entry: complaints.append(entry.text) if entry.type == "error" else None)
    widget = embed(page, stub, policy=strict_policy(stub))
    widget.open()
    widget.ask("a laptop")
    expect(widget.card("Norrvik Fjell 14 Studio").locator(".card-picture.loaded img")).to_be_visible()
    colour = widget.send_button.evaluate("element => getComputedStyle(element).borderRadius")
    assert colour == "50%"
    assert complaints == []


@pytest.mark.parametrize("sent_by", ["customer", "server"])
def test_markup_is_shown_as_text(widget: WidgetPage, sent_by: str) -> None:
    if sent_by == "customer":
        widget.ask(f"say {MARKUP}")
        expect(widget.own).to_have_text([f"say {MARKUP}"])
    else:
        widget.ask("send markup")
        expect(widget.theirs).to_have_text([MARKUP])
    assert widget.page.evaluate("window.hacked") is None
    expect(widget.log.locator("img, script, b")).to_have_count(0)


def test_only_web_addresses_become_links(widget: WidgetPage) -> None:
    widget.ask("links")
    links = widget.theirs.locator("a")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("href", "https://shop.example/returns")
    expect(links).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_long_text_and_long_words_stay_inside_the_panel(widget: WidgetPage) -> None:
    widget.ask("long " + "x" * 300)
    width = widget.panel.evaluate("element => [element.scrollWidth, element.clientWidth]")
    assert width[0] == width[1]
    own, panel = widget.own.bounding_box(), widget.panel.bounding_box()
    assert own
    assert panel
    assert own["x"] >= panel["x"]
    assert own["x"] + own["width"] <= panel["x"] + panel["width"]


def test_options_come_from_the_tag(page: Page, stub: StubServer) -> None:
    attributes = (
        'data-title="Ask Ada" data-greeting="Ahoy!" data-position="left" data-accent="#7a1fa2" data-open="true"'
        ' data-suggestions="One | Two"'
    )
    widget = embed(page, stub, attributes=attributes)
    expect(widget.panel).to_be_visible()
    expect(widget.panel).to_have_accessible_name("Ask Ada")
    expect(widget.panel.locator(".intro .bubble")).to_have_text("Ahoy!")
    expect(widget.panel.get_by_role("group", name="Suggestions").get_by_role("button")).to_have_text(
        ["One", "Two"]
    )
    box = widget.launcher.bounding_box()
    assert box
    assert box["x"] < 100
    assert widget.launcher.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(122, 31, 162)"
    assert page.evaluate("document.activeElement === document.body"), (
        "a chat that opens itself takes no focus"
    )


def test_an_element_of_the_shops_own_is_used_instead(page: Page, stub: StubServer) -> None:
    own = '<parley-chat data-title="Ours"></parley-chat>'
    widget = embed(page, stub, attributes='data-title="The tag\'s"', element=own)
    widget.open()
    expect(widget.panel).to_have_accessible_name("Ours")
    expect(page.locator("parley-chat")).to_have_count(1)


def test_wrong_options_are_named_and_replaced(page: Page, stub: StubServer) -> None:
    warnings: list[str] = []
    page.on("console", lambda entry: warnings.append(entry.text) if entry.type == "warning" else None)
    widget = embed(
        page, stub, attributes='data-accent="red;}" data-position="top" data-server="javascript:1"'
    )
    widget.open()
    assert len(warnings) == 3
    assert 'accent "red;}" is no colour such as "#1f5c4d"' in "\n".join(warnings)


def test_the_teaser_opens_the_chat_and_stays_dismissed(page: Page, stub: StubServer) -> None:
    widget = embed(page, stub, attributes='data-teaser="Need a hand?"')
    expect(widget.teaser).to_be_visible()
    widget.teaser.get_by_role("button", name="Dismiss").click()
    expect(widget.teaser).to_be_hidden()
    page.reload()
    expect(widget.launcher).to_be_visible()
    page.wait_for_timeout(2_000)
    expect(widget.teaser).to_be_hidden()
