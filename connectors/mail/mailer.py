"""The port that letters leave by, and its two adapters.

Errors: `NotSent`, after which the same letter may be sent again.
"""

import asyncio
import smtplib
import uuid
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

SECONDS = 20


class NotSent(Exception):
    """The letter didn't leave; it may be tried again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain text to one mailbox."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Sends a letter or raises NotSent."""

    async def send(self, letter: Letter) -> None:
        """Returns once the letter is somebody else's to deliver."""


class FolderMailer:
    """Writes each letter as an .eml file: what an installation without a mail server does, and what tests read."""

    def __init__(self, folder: Path, *, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        await asyncio.to_thread(self._write, bytes(composed(letter, self._sender)))

    def _write(self, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._folder / f".{uuid.uuid4()}.part"
            part.write_bytes(content)
            part.rename(self._folder / f"{uuid.uuid4()}.eml")
        except OSError as exc:
            raise NotSent(f"{type(exc).__name__} in the mail folder") from exc


class SmtpMailer:
    """Hands each letter to a server: `smtp://` uses STARTTLS where the server has it, `smtps://` TLS from the start."""

    def __init__(self, url: str, *, sender: str) -> None:
        self._at = urlsplit(url)
        if self._at.scheme not in ("smtp", "smtps") or not self._at.hostname:
            raise ValueError("write it as smtp://user:password@host:587 or smtps://host")
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        await asyncio.to_thread(self._hand_over, composed(letter, self._sender))

    def _hand_over(self, message: EmailMessage) -> None:
        try:
            with self._connected() as server:
                if self._at.username:
                    server.login(unquote(self._at.username), unquote(self._at.password or ""))
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as exc:
            # The error's text may quote the address.
            raise NotSent(f"{type(exc).__name__} at the mail server") from exc

    def _connected(self) -> smtplib.SMTP:
        host = str(self._at.hostname)
        if self._at.scheme == "smtps":
            return smtplib.SMTP_SSL(host, self._at.port or 465, timeout=SECONDS)
        server = smtplib.SMTP(host, self._at.port or 587, timeout=SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls()
        return server


def mailer(url: str, *, folder: Path, sender: str) -> Mailer:
    """The adapter for an installation: a server when `url` names one, else the folder. Raises ValueError."""
    return SmtpMailer(url, sender=sender) if url else FolderMailer(folder, sender=sender)


def composed(letter: Letter, sender: str) -> EmailMessage:
    """The letter with its headers. A line break in an address or subject is refused (ValueError)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"], message["Message-ID"] = formatdate(localtime=False), make_msgid(domain="parley.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message
