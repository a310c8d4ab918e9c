"""Bad days: no connection, no sockets, no storage, a server that refuses. Nothing is lost, nothing said twice."""

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Visit
from tests.browser.stub_bot import message
from tests.browser.stub_server import StubServer
from tests.browser.widget_page import WidgetPage

BACK_WITHIN = 20_000


def test_a_lost_connection_is_told_and_what_was_said_meanwhile_arrives_once(
    widget: WidgetPage, stub: StubServer
) -> None:
    widget.ask("hello")
    stub.stop()
    expect(widget.banner).to_contain_text("The connection was lost")
    widget.send("written on the train")
    widget.send("and another one")
    expect(widget.log.locator(".waiting")).not_to_have_count(0)
    stub.only.add(message("You missed this."))
    stub.start()
    expect(widget.banner).to_contain_text("connected again", timeout=BACK_WITHIN)
    expect(widget.theirs).to_have_text(
        [
            "You said: hello",
            "You missed this.",
            "You said: written on the train",
            "You said: and another one",
        ],
        timeout=BACK_WITHIN,
    )
    expect(widget.banner).to_be_hidden(timeout=5_000)
    assert widget.own_texts() == ["hello", "written on the train", "and another one"]
    assert stub.received == ["hello", "written on the train", "and another one"]


def test_an_unsent_message_survives_a_reload(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    page = widget.page.content()
    script = widget.page.request.get(f"{stub.url}/widget.js").text()
    stub.stop()
    widget.send("not lost")
    expect(widget.log.locator(".waiting")).to_have_count(1)
    widget.page.route(
        "**/widget.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    widget.page.route(f"{stub.url}/", lambda route: route.fulfill(body=page, content_type="text/html"))
    widget.page.reload()
    stub.start()
    expect(widget.theirs.last).to_have_text("You said: not lost", timeout=BACK_WITHIN)
    assert stub.received == ["hello", "not lost"]


def test_the_chat_works_where_sockets_are_blocked(visit: Visit, stub: StubServer) -> None:
    stub.sockets_allowed = False
    widget = visit()
    widget.open()
    widget.ask("a laptop")
    expect(widget.cards).to_have_count(3)
    widget.press_on_card("Norrvik Fjell 14 Studio", "Add to cart")
    expect(widget.theirs).to_have_count(2)
    stub.only.add(message("From somebody else"))
    expect(widget.theirs.last).to_have_text("From somebody else", timeout=BACK_WITHIN)
    expect(widget.banner).to_be_hidden()
    assert widget.own_texts() == ["a laptop", "Add to cart"]


def test_the_chat_works_where_storage_is_blocked(context: BrowserContext, visit: Visit) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});"
    )
    widget = visit()
    widget.open()
    assert widget.ask("hello") == "You said: hello"
    widget.end_and_clear()
    expect(widget.messages).to_have_count(0)


def test_a_refused_message_says_why_and_can_be_tried_again(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    stub.refuse_with = 429
    widget.send("too fast")
    failed = widget.log.locator(".failed")
    expect(failed).to_contain_text("Not sent. That was a little fast. Please wait a moment.")
    stub.refuse_with = None
    failed.get_by_role("button", name="Try again").click()
    expect(widget.theirs.last).to_have_text("You said: too fast")
    expect(failed).to_have_count(0)
    assert stub.received == ["hello", "too fast"]


def test_a_delay_that_could_not_be_stored_is_told_until_the_answer_comes(
    widget: WidgetPage, stub: StubServer
) -> None:
    widget.ask("hello")
    stub.tells_unstored("I'm having trouble answering right now. Your message is safe.")
    expect(widget.banner).to_contain_text("Your message is safe.")
    stub.bot_says("Here is your answer.")
    expect(widget.theirs.last).to_have_text("Here is your answer.")
    expect(widget.banner).to_be_hidden()


def test_a_delay_is_told_where_sockets_are_blocked(visit: Visit, stub: StubServer) -> None:
    stub.sockets_allowed = False
    widget = visit()
    widget.open()
    widget.ask("hello")
    stub.delay_with = "This takes longer than usual. I'm still on it."
    widget.send("are you there?")
    expect(widget.banner).to_contain_text("This takes longer than usual", timeout=BACK_WITHIN)
    stub.only.add(message("Yes."))
    expect(widget.theirs.last).to_have_text("Yes.", timeout=BACK_WITHIN)
    expect(widget.banner).to_be_hidden()
    assert widget.own_texts() == ["hello", "are you there?"]


def test_a_refused_message_can_be_discarded(widget: WidgetPage, stub: StubServer) -> None:
    widget.ask("hello")
    stub.refuse_with = 429
    widget.send("never mind")
    widget.log.get_by_role("button", name="Discard").click()
    expect(widget.own).to_have_text(["hello"])


def test_an_expired_conversation_is_replaced_and_the_message_not_lost(
    widget: WidgetPage, stub: StubServer
) -> None:
    widget.ask("hello")
    stub.conversations.clear()
    stub.stop()
    stub.start()
    expect(widget.banner).to_contain_text("this is a new one", timeout=BACK_WITHIN)
    expect(widget.messages).to_have_count(0)
    assert widget.ask("hello again") == "You said: hello again"
    assert len(stub.conversations) == 1


def test_a_server_that_is_away_at_the_first_message_gets_it_later(
    widget: WidgetPage, stub: StubServer
) -> None:
    stub.stop()
    widget.send("first words")
    expect(widget.log.locator(".waiting")).to_have_count(1)
    stub.start()
    expect(widget.theirs).to_have_text(["You said: first words"], timeout=BACK_WITHIN)
    assert stub.received == ["first words"]
