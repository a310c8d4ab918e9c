"""`parley inbox`: the first agent's tool. List who waits, read, take over, answer, give back, resolve.

The processes needn't be told: replies are rows that the web channel delivers within about a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crm import mood
from crm.database import Database, UnitOfWork
from crm.errors import NotFound, OwnershipChanged
from crm.mood import Trend
from crm.services import conversations, inbox, users
from crm.services.conversation_views import ConversationView, MessageView, Status, TimelineEntry, Transcript
from parley.errors import NotYours, SettingsError
from parley.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Answer customers: list, show, claim, reply, return, resolve.")
console = Console(highlight=False)
T = TypeVar("T")

Which = Annotated[str, typer.Argument(metavar="ID", help="The conversation's id, or its beginning.")]
Agent = Annotated[
    str, typer.Option("--as", envvar="PARLEY_AGENT", help="Your e-mail, as the shop's staff list has it.")
]
SHORT = 8
ARROWS: dict[Trend, str] = {"falling": "↘", "steady": "→", "rising": "↗"}


@app.command(name="list")
def list_(
    *, everything: Annotated[bool, typer.Option("--all", help="The bot's conversations too.")] = False
) -> None:
    """Who waits for a person and who is being helped; longest waiting first."""
    statuses: tuple[Status, ...] = (
        ("queued", "human", "bot", "resolved") if everything else ("queued", "human")
    )
    entries = _with(lambda uow: inbox.list_inbox(uow, statuses=statuses))
    if not entries:
        console.print("Nobody waits.")
        return
    table = Table("id", "status", "waits", "agent", "mood", "why", "last said")
    for entry in entries:
        one = entry.conversation
        table.add_row(
            one.id[:SHORT],
            one.status,
            _ago(one.waiting_since),
            one.assignee or "",
            f"{one.mood:+.1f} {ARROWS[entry.trend]}",
            escape(one.handoff_reason or ""),
            escape(f"{entry.last_author}: {entry.last_text[:60]}"),
        )
    console.print(table)


@app.command()
def show(which: Which) -> None:
    """The whole conversation, with what the customer wants and what was done: orders, returns, hand-overs."""

    async def read(
        uow: UnitOfWork,
    ) -> tuple[ConversationView, Transcript, dict[str, float], tuple[TimelineEntry, ...]]:
        found = await _find(uow, which)
        history = await conversations.history(uow, found.id, after=0, limit=500)
        return found, history, await inbox.sentiments(uow, found.id), await inbox.timeline(uow, found.id)

    conversation, transcript, scores, happened = _with(read)
    heading = mood.trend(list(scores.values()))
    console.print(f"[bold]{conversation.id}[/bold]  {conversation.status}  {conversation.assignee or ''}")
    console.print(f"[dim]mood {conversation.mood:+.1f}, {heading} {ARROWS[heading]}[/dim]")
    if conversation.handoff_summary:
        console.print(f"[dim]{escape(conversation.handoff_summary)}[/dim]")
    lines = [(entry.at, f"[dim]· {escape(entry.summary)}[/dim]") for entry in happened if entry.summary]
    for message in transcript.messages:
        who = message.user_name or message.author
        told = f"[bold]{escape(who)}[/bold]{_tone(scores.get(message.id))}: {escape(message.text)}"
        lines.append((message.created_at, "\n".join([told, *_table(message)])))
    for at, line in sorted(lines, key=lambda line: line[0]):
        console.print(f"[dim]{at:%H:%M}[/dim] {line}")


def _table(message: MessageView) -> list[str]:
    """The message's table, a line for each row, as plain text reads it everywhere."""
    table = (message.content or {}).get("table")
    if not table:
        return []
    rows = [" | ".join(map(str, table["header"]))]
    rows += [f"{row['label']}: {' | '.join(map(str, row['cells']))}" for row in table["rows"]]
    return [f"[dim]        {escape(row)}[/dim]" for row in rows]


@app.command()
def claim(which: Which, agent: Agent) -> None:
    """Take a conversation over. The first to claim wins; the bot is silent from then on."""

    async def act(uow: UnitOfWork) -> ConversationView:
        found = await _find(uow, which)
        return await inbox.claim(uow, found.id, await _agent(uow, agent))

    taken = _with(act, write=True)
    console.print(f"{taken.id[:SHORT]} is yours. Read it with: parley inbox show {taken.id[:SHORT]}")


@app.command()
def reply(
    which: Which, text: Annotated[str, typer.Argument(help="What the customer reads.")], agent: Agent
) -> None:
    """Answer the customer of a conversation that is yours."""

    async def act(uow: UnitOfWork) -> None:
        found = await _find(uow, which)
        await inbox.reply(uow, found.id, await _agent(uow, agent), text)

    _with(act, write=True)
    console.print("Sent.")


@app.command(name="return")
def return_(
    which: Which,
    agent: Agent,
    note: Annotated[str, typer.Option(help="What you did, for whoever comes next.")] = "",
) -> None:
    """Give a conversation back to the bot, which is told that a person helped."""

    async def act(uow: UnitOfWork) -> None:
        found = await _find(uow, which)
        await inbox.return_to_bot(uow, found.id, await _agent(uow, agent), note=note or None)

    _with(act, write=True)
    console.print("The bot has it again.")


@app.command()
def resolve(which: Which, agent: Agent) -> None:
    """Close a conversation. When its customer writes again, the bot answers."""

    async def act(uow: UnitOfWork) -> None:
        found = await _find(uow, which)
        await inbox.resolve(uow, found.id, await _agent(uow, agent))

    _with(act, write=True)
    console.print("Resolved.")


def _tone(score: float | None) -> str:
    """How a message sounded, where it wasn't neutral."""
    if score is None or abs(score) < -mood.NEGATIVE:
        return ""
    return f" [{'red' if score < 0 else 'green'}]{score:+.1f}[/]"


def _with(act: Callable[[UnitOfWork], Awaitable[T]], *, write: bool = False) -> T:
    """Run one unit of work against the configured database; committed when `write`."""

    async def run() -> T:
        database = Database.connect(Settings.load().database_url)
        try:
            async with database.write() if write else database.read() as uow:
                try:
                    result = await act(uow)
                except OwnershipChanged as exc:
                    raise NotYours(exc.status) from exc
                if write:
                    await uow.commit()
                return result
        finally:
            await database.close()

    return asyncio.run(run())


async def _find(uow: UnitOfWork, beginning: str) -> ConversationView:
    """The one conversation whose id begins so. Raises NotFound, or SettingsError when several do."""
    ids = await conversations.ids_beginning(uow, beginning.strip().lower(), limit=2)
    if len(ids) > 1:
        raise SettingsError(f"ID: {beginning!r} fits more than one conversation; give more of it")
    found = await conversations.get(uow, ids[0]) if ids else None
    if found is None:
        raise NotFound("conversation", beginning)
    return found


async def _agent(uow: UnitOfWork, email: str) -> str:
    user = await users.by_email(uow, email)
    if user is None or not user.active:
        staff = ", ".join(one.email for one in await users.all_active(uow))
        raise SettingsError(
            f"--as: nobody works here as {email!r}; the staff are {staff or 'not entered yet'}"
        )
    return user.id


def _ago(since: datetime | None) -> str:
    if since is None:
        return ""
    seconds = int((datetime.now(UTC) - since).total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
