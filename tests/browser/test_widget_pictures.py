"""Pictures of the widget in its main states, kept under var/screenshots for people to look at."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.stub_server import StubServer


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("device", "width", "height"), [("desktop", 1280, 860), ("phone", 390, 844)])
def test_pictures_of_the_main_states_are_kept(
    page: Page,
    visit: Visit,
    stub: StubServer,
    scheme: Literal["light", "dark"],
    device: str,
    width: int,
    height: int,
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    widget = visit()
    expect(widget.teaser).to_be_visible()
    page.wait_for_timeout(400)
    taken = [widget.screenshot(f"{device}-{scheme}-shop")]
    widget.open()
    page.wait_for_timeout(300)
    taken.append(widget.screenshot(f"{device}-{scheme}-open"))
    widget.ask("I need a light laptop for video editing, up to 1500")
    expect(widget.card("Norrvik Fjell 14 Studio").locator(".card-picture.loaded")).to_be_visible()
    taken.append(widget.screenshot(f"{device}-{scheme}-cards"))
    widget.send("Can I talk to a human?")
    expect(widget.notices).to_have_count(1)
    stub.agent_joins("Mia")
    stub.agent_says("Hi, Mia here. I read along: two years on everything, and the battery counts too.")
    expect(widget.log.locator(".author")).to_be_visible()
    taken.append(widget.screenshot(f"{device}-{scheme}-agent"))
    assert all(path.stat().st_size > 10_000 for path in taken)
