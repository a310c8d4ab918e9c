"""The chat widget as a person sees it: what browser tests press and read, whatever server stands behind it."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"


class WidgetPage:
    """Drives the widget on an open page. Locators reach into its shadow DOM."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.locator("parley-chat .launcher")
        self.panel = page.locator("parley-chat .panel")
        self.field = self.panel.get_by_label("Your message")
        self.send_button = self.panel.get_by_role("button", name="Send message")
        self.log = self.panel.get_by_role("log")
        self.messages = self.log.locator(".message")
        self.own = self.log.locator(".own .bubble")
        self.theirs = self.log.locator(".theirs .bubble")
        self.notices = self.log.locator(".notice")
        self.cards = self.log.locator(".card")
        self.banner = self.panel.locator(".banner")
        self.status = self.panel.locator(".status")
        self.typing = self.panel.locator(".typing")
        self.badge = page.locator("parley-chat .badge")
        self.teaser = page.locator("parley-chat .teaser")
        self.counter = self.panel.locator(".counter")
        self.dialog = self.panel.get_by_role("alertdialog")

    def open(self) -> None:
        self.launcher.click()
        expect(self.panel).to_be_visible()

    def close(self) -> None:
        self.panel.get_by_role("button", name="Close chat").click()
        expect(self.panel).to_be_hidden()

    def send(self, text: str) -> None:
        """Types a message and sends it with Enter."""
        self.field.fill(text)
        self.field.press("Enter")

    def ask(self, text: str, *, timeout: float = 15_000) -> str:
        """Sends a message and returns the text of the first reply to it."""
        before = self.theirs.count()
        self.send(text)
        reply = self.theirs.nth(before)
        expect(reply).to_be_visible(timeout=timeout)
        return reply.inner_text()

    def card(self, title: str) -> Locator:
        return self.cards.filter(has_text=title).last

    def press_on_card(self, title: str, button: str) -> None:
        self.card(title).get_by_role("button", name=re.compile(f"^{re.escape(button)}")).click()

    def quick_reply(self, title: str) -> Locator:
        return self.log.locator(".reply", has_text=title).last

    def own_texts(self) -> list[str]:
        return self.own.all_inner_texts()

    def end_and_clear(self) -> None:
        """Ends the chat by its menu and confirms."""
        self.panel.get_by_role("button", name="Chat options").click()
        self.panel.get_by_role("button", name="End chat and clear").click()
        self.dialog.get_by_role("button", name="End and clear").click()

    def focused(self) -> str:
        """The focused element inside the widget, by label or text; "" when the focus is elsewhere."""
        found = self.page.evaluate(
            """() => {
              const root = document.querySelector("parley-chat").shadowRoot;
              const here = root.activeElement;
              return here ? here.getAttribute("aria-label") ?? here.textContent : "";
            }"""
        )
        return str(found)

    def screenshot(self, name: str) -> Path:
        """Keeps a picture of the page as an artifact."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path
