"""GraphiQL as people use it: with a session, with a token; nothing fails, and no other host is asked."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from app.domain.grades.overrides import override_grade
from app.domain.identity.tokens import issue_token
from app.web import graphiql
from tests.browser.browsing import NARROW, SCHEMES, WIDE, Tab, tab
from tests.browser.scenes import address, recognised
from tests.factories import coursework
from tests.node.packages import NEEDED
from tests.oauth.conftest import Site

pytestmark = pytest.mark.anyio

SAM = '"username": "sam"'
LEFT = "net::ERR_ABORTED"
TABS = ["WhoAmI", "MyCourses", "Gradebook", "CreateCategory", "GradeChanges"]


def require_built() -> None:
    """Skips the test where GraphiQL is not built, unless the environment says that it is needed."""
    if lack := graphiql.missing():
        pytest.fail(lack) if os.environ.get(NEEDED) else pytest.skip(lack)


@pytest.fixture
async def visitor(chromium: Browser, site: Site) -> AsyncIterator[Tab]:
    """The tab of a stranger; what it asks for is answered each time, unless the page is left before."""
    require_built()
    async with tab(chromium, address(site)) as made:
        statuses: set[int] = set()
        failures: set[str | None] = set()
        made.page.on("response", lambda it: statuses.add(it.status))
        made.page.on("requestfailed", lambda it: failures.add(it.failure))
        yield made
        assert statuses <= {101, 200}
        assert failures <= {LEFT}


def editor(page: Page) -> Locator:
    return page.locator(".graphiql-query-editor .view-lines")


def answer(page: Page) -> Locator:
    return page.locator(".graphiql-response .view-lines")


def status(page: Page) -> Locator:
    return page.locator("header").get_by_role("status")


async def run(page: Page) -> None:
    await page.get_by_role("button", name="Execute query").click()


async def token_of(site: Site) -> str:
    """A token of sam's that has just been used: to note that takes a transaction, of which there is only one here."""
    token = (await issue_token(site.world.student, name="GraphiQL")).text
    assert await site.graph(token) == "sam"
    return token


async def test_who_has_signed_in_runs_the_first_tab(visitor: Tab, site: Site) -> None:
    await recognised(visitor, site)
    response = await visitor.open("/graphql")
    assert response.headers["content-security-policy"] == graphiql.POLICY
    await expect(status(visitor.page)).to_have_text("Signed in as sam")
    await expect(visitor.page.locator(".graphiql-tab-button")).to_have_text(TABS)
    await expect(editor(visitor.page)).to_contain_text("query WhoAmI")
    await run(visitor.page)
    await expect(answer(visitor.page)).to_contain_text(SAM)
    await visitor.page.get_by_role("button", name="Show History").click()
    await expect(visitor.page.locator(".graphiql-history-item-label")).to_have_text(["WhoAmI"])


async def test_the_editor_completes_and_explains(visitor: Tab, site: Site) -> None:
    """To who has signed in: strangers are not told the schema."""
    await recognised(visitor, site)
    await visitor.open("/graphql")
    page = visitor.page
    await expect(editor(page)).to_contain_text("query WhoAmI")
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.locator(".graphiql-doc-explorer").get_by_role("link", name="Query", exact=True).click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("Who you are; null when nobody is signed in.")
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    await expect(page.locator(".graphiql-explorer-root")).to_contain_text("courseInstances")
    await editor(page).click()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("{ viewe")
    suggested = page.locator(".graphiql-query-editor .suggest-widget .monaco-list-row").first
    await expect(suggested).to_contain_text("viewer")
    await page.keyboard.press("Enter")
    await expect(editor(page)).to_contain_text("viewer")
    await page.keyboard.type(" nobody }")
    await expect(page.locator(".graphiql-query-editor .squiggly-error")).to_have_count(1)


async def test_a_token_is_kept_as_long_as_the_tab(visitor: Tab, site: Site) -> None:
    page, token = visitor.page, await token_of(site)
    await visitor.open("/graphql")
    await expect(status(page)).to_have_text("Nobody is signed in: sign in, or give a token.")
    await expect(page.get_by_role("link", name="sign in")).to_have_attribute("href", "/login?next=/graphql")
    await visitor.fill("Access token", f" {token} ")
    await page.get_by_role("button", name="Use").click()
    await expect(status(page)).to_have_text("With a token of sam")
    await expect(editor(page)).to_contain_text("query WhoAmI")
    await run(page)
    await expect(answer(page)).to_contain_text(SAM)
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.locator(".graphiql-doc-explorer").get_by_role("link", name="Query", exact=True)).to_be_visible()
    assert await page.evaluate("JSON.stringify({...sessionStorage})") == f'{{"campusgraph token":"{token}"}}'
    assert token not in await page.evaluate("JSON.stringify({...localStorage})")
    await page.reload()
    await expect(status(page)).to_have_text("With a token of sam")
    other = await page.context.new_page()
    await other.goto(page.url)
    await expect(status(other)).to_have_text("Nobody is signed in: sign in, or give a token.")
    await visitor.fill("Access token", "")
    await page.get_by_role("button", name="Use").click()
    await expect(status(page)).to_have_text("Nobody is signed in: sign in, or give a token.")
    assert await page.evaluate("sessionStorage.length") == 0


async def test_a_token_that_does_not_work_is_told(chromium: Browser, site: Site) -> None:
    require_built()
    async with tab(chromium, address(site)) as visitor:
        await visitor.open("/graphql")
        await visitor.fill("Access token", "cgp_wrong")
        await visitor.page.get_by_role("button", name="Use").click()
        await expect(status(visitor.page)).to_have_text("the access token is not valid")


async def test_a_subscription_ticks(visitor: Tab, site: Site) -> None:
    page, world = visitor.page, site.world
    assessment_id = (await coursework(world)).assessment_id
    await recognised(visitor, site, world.instructor_id)
    await visitor.open("/graphql")
    await expect(editor(page)).to_contain_text("query WhoAmI")
    await page.get_by_role("button", name="GradeChanges").click()
    await expect(editor(page)).to_contain_text("subscription GradeChanges")
    await run(page)
    for points in (11.5, 12.5):
        await override_grade(world.instructor, assessment_id=assessment_id, user_id=world.student_id, points=points)
        await expect(answer(page)).to_contain_text(f'"points": {points}')
    await page.get_by_role("button", name="Stop query").click()
    await expect(page.get_by_role("button", name="Execute query")).to_be_visible()


async def test_it_fits_a_phone(visitor: Tab) -> None:
    await visitor.show("light", NARROW)
    await visitor.open("/graphql")
    await expect(editor(visitor.page)).to_contain_text("Who am I?")
    for width in (NARROW, WIDE):
        for scheme in SCHEMES:
            await visitor.show(scheme, width)
            assert await visitor.overflow() == 0
            assert await visitor.page.locator("header.access").evaluate("it => it.scrollWidth - it.clientWidth") == 0
    await expect(answer(visitor.page)).to_be_visible()
