"""Signed links: a copy of one's data and the newsletter's yes, for whom they were made, and for a time."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.mail import FolderMailer, Letter, NotSent, SmtpMailer
from connectors.mail.newsletter import Confirmations
from crm.errors import InvalidInput
from crm.links import EXPORT, NEWSLETTER, Links
from crm.model import Subscription
from crm.services import conversations, newsletter
from tests.integration.connectors.stack import SECRET, Chat, Stack
from tests.postgres import free_port

LINKS = Links(SECRET, site="")
HOUR = timedelta(hours=1)


async def test_a_copy_is_a_file_of_the_conversation_alone(web: Stack, chat: Chat) -> None:
    await chat.say("I am Dana")
    other = await web.chat()
    await other.say("I am Eve")
    answer = await chat.http.get(LINKS.make(EXPORT, chat.id, valid=HOUR))
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    assert "I am Dana" in answer.text
    assert "Eve" not in answer.text


async def test_a_link_that_is_forged_over_or_for_something_else_opens_nothing(web: Stack, chat: Chat) -> None:
    forged = Links("another secret that is long enough", site="").make(EXPORT, chat.id, valid=HOUR)
    over = LINKS.make(EXPORT, chat.id, valid=-HOUR)
    crossed = LINKS.make(NEWSLETTER, chat.id, valid=HOUR).replace("newsletter", "exports")
    for link in (forged, over, crossed, "/api/exports/nonsense"):
        assert (await chat.http.get(link)).status_code == 404
    async with web.database.write() as uow:
        await conversations.end_and_clear(uow, chat.id)
        await uow.commit()
    assert (await chat.http.get(LINKS.make(EXPORT, chat.id, valid=HOUR))).status_code == 404


async def test_the_mailbox_confirms_by_the_button_and_not_by_the_link_alone(
    web: Stack, chat: Chat, tmp_path: Path
) -> None:
    async with web.database.write() as uow:
        await newsletter.request(uow, conversation_id=chat.id, email="dana@example.com", consent="yes")
        await uow.commit()
    letters = Confirmations(
        web.database,
        FolderMailer(tmp_path, sender="Shop <shop@example.com>"),
        links=LINKS,
        shop="Plover Lane",
    )
    assert [await letters.send_waiting(), await letters.send_waiting()] == [1, 0]
    (letter,) = _letters(tmp_path)
    assert letter["To"] == "dana@example.com"
    link = next(line for line in letter.get_content().splitlines() if line.startswith("/api/newsletter/"))
    assert "<form" in (await chat.http.get(link)).text
    assert not await _confirmed(web)
    assert "on the list" in (await chat.http.post(link)).text
    assert await _confirmed(web)
    async with web.database.write() as uow:
        await newsletter.end(uow, email="dana@example.com")
        await uow.commit()
    assert (await chat.http.post(link)).status_code == 404


async def test_a_letter_that_does_not_leave_waits_for_the_next_time(web: Stack, chat: Chat) -> None:
    async with web.database.write() as uow:
        await newsletter.request(uow, conversation_id=chat.id, email="dana@example.com", consent="yes")
        await uow.commit()
    nobody = SmtpMailer(f"smtp://127.0.0.1:{free_port()}", sender="shop@example.com")
    with pytest.raises(NotSent):
        await nobody.send(Letter("dana@example.com", "hello", "text"))
    assert await Confirmations(web.database, nobody, links=LINKS, shop="x").send_waiting() == 0
    async with web.database.read() as uow:
        assert len(await newsletter.unmailed(uow)) == 1


def test_a_link_says_why_it_is_refused() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    token = Links("s" * 24, site="", clock=lambda: at).make(EXPORT, "c", valid=HOUR).rpartition("/")[2]
    later = Links("s" * 24, site="", clock=lambda: at + 2 * HOUR)
    with pytest.raises(InvalidInput, match="no longer valid"):
        later.read(EXPORT, token)
    with pytest.raises(InvalidInput, match="ask for a new one"):
        later.read(NEWSLETTER, token)


def _letters(folder: Path) -> list[EmailMessage]:
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in folder.glob("*.eml")
    ]


async def _confirmed(web: Stack) -> bool:
    async with web.database.read() as uow:
        return (await uow.session.scalars(select(Subscription.confirmed_at))).one() is not None
