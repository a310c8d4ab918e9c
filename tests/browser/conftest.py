"""A real Chromium, and for the widget's own tests a stub chat server."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.stub_server import StubServer
from tests.browser.widget_page import WidgetPage

# Chromium must not look up its maker's hosts: tests reach loopback only.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
    "--no-first-run",
)
Visit = Callable[..., WidgetPage]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module: Playwright's loop must be gone before a module with asynchronous tests begins."""
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("Browser tests need Debian's chromium: apt-get install chromium")
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *sandbox])
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A customer's browser: no storage yet. An error on its pages fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB")
    context.set_default_timeout(8_000)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert errors == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def stub() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


@pytest.fixture
def visit(page: Page, stub: StubServer) -> Visit:
    """Opens the demo shop's page (or another path of the stub server) and returns its widget."""

    def go(path: str = "/") -> WidgetPage:
        page.goto(stub.url + path)
        return WidgetPage(page)

    return go


@pytest.fixture
def widget(visit: Visit) -> WidgetPage:
    """The widget, opened on the demo shop's page."""
    chat = visit()
    chat.open()
    return chat
