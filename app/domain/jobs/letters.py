"""Mails to a course instance's people as messages: HTML with a text beside it, and headers that hold nothing else."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from typing import NamedTuple

from app.mail import MailRefused

HIDDEN = {"script", "style", "head", "title"}
LINES = {"br", "div", "tr", "table", "ul", "ol", "blockquote"}
PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
MEMBERS = re.compile(r"[^\S\n]+")


class Letter(NamedTuple):
    """What is sent to everybody."""

    sender: str
    address: str
    subject: str
    html: str
    text: str


def letter_to(letter: Letter, email: str) -> EmailMessage:
    """The mail to one person. Raises MailRefused for an address that is none."""
    message = EmailMessage(policy=SMTP)
    try:
        recipient = Address(addr_spec=email)
    except (ValueError, IndexError, MessageError):
        raise MailRefused("not an e-mail address") from None
    message["From"] = Address(display_name=letter.sender, addr_spec=letter.address)
    message["To"] = recipient
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "bulk"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def text_of(html: str) -> str:
    """What HTML says, as a text: paragraphs apart, lists with dashes, links with their addresses behind them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [MEMBERS.sub(" ", line).strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Collects what is read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self._hidden += 1
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")
        elif tag in LINES | PARAGRAPHS:
            self.parts.append("\n\n" if tag in PARAGRAPHS else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self._hidden = max(self._hidden - 1, 0)
        elif tag == "a" and self._links:
            address = self._links.pop()
            if address and not "".join(self.parts).endswith(address):
                self.parts.append(f" ({address})")
        elif tag in LINES | PARAGRAPHS and tag not in ("br", "hr"):
            self.parts.append("\n\n" if tag in PARAGRAPHS else "\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))
