"""How mails leave: by SMTP, or as lines in the log where no server is named."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.errors import ConfigurationError
from app.settings import Settings

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
SECONDS = 30.0
Post = Callable[[EmailMessage], Awaitable[None]]
Mailer = Callable[[], AbstractAsyncContextManager[Post]]
log = logging.getLogger("campusgraph.mail")


class MailRefused(Exception):
    """The server does not take this mail for its recipient, whatever one does."""


class MailFailed(Exception):
    """The server does not answer, or takes nothing now."""


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server: `smtp://`, `smtp+starttls://` (no TLS, no mail) or `smtps://` (TLS from the start)."""

    host: str
    port: int
    scheme: str
    user: str | None = None
    password: str | None = None

    @classmethod
    def of(cls, url: str) -> Server:
        """The server of `scheme://user:password@host:port`. Raises ConfigurationError for what is none."""
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise ConfigurationError(f"the mail server's URL begins with {', '.join(PORTS)}://") from None
        if not parts.hostname:
            raise ConfigurationError("the mail server's URL names no host")
        name, secret = (None if part is None else unquote(part) for part in (parts.username, parts.password))
        return cls(parts.hostname, port, parts.scheme, name, secret)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Post]:
        """A connection, which posts one mail after the other. Raises MailFailed; so does what it gives."""
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.scheme == "smtps",
            start_tls=self.scheme == "smtp+starttls",
            timeout=SECONDS,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailFailed(f"the mail server cannot be used: {_words(error)}") from error
        try:
            yield lambda message: _post(client, message)
        finally:
            client.close()


async def _post(client: aiosmtplib.SMTP, message: EmailMessage) -> None:
    """Raises MailRefused for 5xx and for an address the server cannot take, else MailFailed."""
    try:
        await client.send_message(message)
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
        codes = [each.code for each in getattr(error, "recipients", [])] or [getattr(error, "code", 0)]
        told = MailRefused if all(500 <= code < 600 for code in codes) else MailFailed
        raise told(f"the mail server answered {_words(error)}") from error
    except (aiosmtplib.SMTPNotSupported, UnicodeError, ValueError) as error:
        raise MailRefused(f"the mail server cannot take the address: {_words(error)}") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise MailFailed(f"the mail server cannot be used: {_words(error)}") from error


@asynccontextmanager
async def console() -> AsyncIterator[Post]:
    """Mails as lines in the log."""

    async def post(message: EmailMessage) -> None:
        log.info("mail to %s: %s", message["To"], message["Subject"])

    yield post


def mailer_of(settings: Settings) -> Mailer:
    """How an installation's mails leave. Raises ConfigurationError."""
    return Server.of(settings.mail_url).opened if settings.mail_url else console


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
