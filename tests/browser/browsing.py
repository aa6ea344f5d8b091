"""Chromium, and tabs of it that remember what they asked for and what the browser complained about."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, async_playwright, expect

BROWSER = "CAMPUSGRAPH_TEST_BROWSER"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
VIOLATIONS = "addEventListener('securitypolicyviolation', it => console.error(it.violatedDirective, it.blockedURI))"
STATUS = "Failed to load resource: the server responded with a status of "
Scheme: TypeAlias = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
NARROW, WIDE = 360, 1280  # pixels
PATIENCE = 30_000  # milliseconds that a busy machine may take


def program() -> str:
    """The browser's path. Skips the test where there is none, unless the environment names the one to use."""
    found = shutil.which(os.environ.get(BROWSER) or "chromium")
    if found is None and os.environ.get(BROWSER):
        pytest.fail(f"{BROWSER} names a browser that is not on this machine")
    return found or pytest.skip("there is no Chromium on this machine")


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser without a window that finds no host but this machine."""
    path = program()
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Tab:
    """A tab on a site. `elsewhere` are the URLs asked for that are not the site's, `complaints` the console's."""

    page: Page
    site: str
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _documents: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def open(self, path: str) -> Response:
        """Go to a path of the site."""
        response = await self.page.goto(self.site + path)
        assert response is not None
        return response

    async def fill(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        await self.page.get_by_label(label).fill(text)

    async def press(self, button: str) -> Response:
        """Press a button, and wait for the page that it leads to."""
        async with self.page.expect_navigation() as found:
            await self.page.get_by_role("button", name=button, exact=True).click()
        return await found.value

    async def heading(self) -> str:
        """The page's heading."""
        return await self.page.locator("h1").inner_text()

    async def text(self) -> str:
        """What stands on the page."""
        return await self.page.locator("body").inner_text()

    @property
    def path(self) -> str:
        """Where the tab is, without the site's address."""
        return self.page.url.removeprefix(self.site)

    async def show(self, scheme: Scheme, width: int) -> None:
        """Show the page in a colour scheme, in a window of so many pixels."""
        await self.page.emulate_media(color_scheme=scheme)
        await self.page.set_viewport_size({"width": width, "height": 700})

    async def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        width: int = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return width

    async def barriers(self, *rules: str) -> str:
        """What axe-core finds that keeps people out, by all rules or by these; empty when there is nothing."""
        options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
        found = await Axe().run(self.page, options=options)
        return str(found.generate_report()) if found.violations_count else ""

    def _asked(self, request: Request) -> None:
        if request.is_navigation_request():
            self._documents.add(request.url)
        if not request.url.startswith((self.site + "/", "data:")):
            self.elsewhere.append(request.url)

    def _told(self, message: ConsoleMessage) -> None:
        """No complaint: that a page itself was answered with a status of refusal, or has no icon."""
        url = message.location["url"]
        is_refusal = message.text.startswith(STATUS) and (url in self._documents or url.endswith("/favicon.ico"))
        if message.type in ("error", "warning") and not is_refusal:
            self.complaints.append(message.text)


@asynccontextmanager
async def tab(browser: Browser, site: str, *, scripts: bool = True, **more: Any) -> AsyncIterator[Tab]:
    """A tab of a new visitor, who has no cookies. In the end nothing was asked of others, and nothing complained about.

    `more` is what Playwright calls the options of a context, such as `color_scheme`.
    """
    context = await browser.new_context(java_script_enabled=scripts, **more)
    context.set_default_timeout(PATIENCE)
    await context.add_init_script(VIOLATIONS)
    made = Tab(await context.new_page(), site)
    yield made
    await context.close()
    assert not made.elsewhere and not made.complaints, (made.elsewhere, made.complaints)
