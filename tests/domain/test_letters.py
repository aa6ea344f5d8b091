"""Mails as messages, and the servers that take them: headers hold what they are meant to, whatever is asked for."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest

from app.domain.jobs.letters import Letter, letter_to, text_of
from app.errors import ConfigurationError
from app.mail import MailRefused, Server, console, mailer_of
from app.settings import Settings

SENDER = "no-reply@uni.example"


@pytest.mark.parametrize("url", ["localhost:25", "http://h", "smtp://", "smtp://h:x", "smtp://h:99999"])
def test_what_is_no_server(url: str) -> None:
    with pytest.raises(ConfigurationError):
        mailer_of(Settings(mail_url=url))


def test_servers() -> None:
    assert Server.of("smtps://u%40h:p@mail.example") == Server("mail.example", 465, "smtps", "u@h", "p")
    assert Server.of("smtp://mail.example:2525") == Server("mail.example", 2525, "smtp")
    assert mailer_of(Settings()) is console


@pytest.mark.parametrize(
    "address",
    ["sam@uni.example\r\nBcc:x@y", "sam@uni.example,eve@x", "<sam@uni.example>", "sam@", "a@b@c", '"a\nb"@x', "", "é"],
)
def test_an_address_holds_no_other(address: str) -> None:
    with pytest.raises(MailRefused):
        letter_to(Letter("Staff", SENDER, "Hello", "<p/>", "x"), address)


def test_a_letter_can_be_written_out() -> None:
    letter = Letter('Grüße "x", <y>', SENDER, "Ünïcode" + " long" * 30, "<p>é</p>", "é\n.\nx")
    mail = message_from_bytes(letter_to(letter, "sam@uni.example").as_bytes(), policy=default)
    assert (mail["Subject"], mail["To"]) == ("Ünïcode" + " long" * 30, "sam@uni.example")
    assert {"From", "To", "Subject", "Auto-Submitted", "Precedence", "MIME-Version", "Content-Type"} == set(mail)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>Hi</h1><p>One<br>two &amp; three</p>", "Hi\n\nOne\ntwo & three"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<style>p {}</style><script>x()</script><p>only this</p>", "only this"),
        ('<a href="https://x.example">https://x.example</a>', "https://x.example"),
        ('<img alt="a picture" src="x">', "a picture"),
        ("</a></p></style>plain < text", "plain < text"),
        ("", ""),
    ],
)
def test_what_html_says(html: str, text: str) -> None:
    assert text_of(html) == text
