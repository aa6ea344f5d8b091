"""Each page as people see it: at both widths, in both colour schemes, with the means of accessibility."""

from __future__ import annotations

from itertools import product

import pytest
from playwright.async_api import Browser

from tests.browser.browsing import NARROW, SCHEMES, WIDE, tab
from tests.browser.scenes import SCENES, address
from tests.oauth.conftest import Site

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", SCENES)
async def test_a_page_fits_and_keeps_nobody_out(chromium: Browser, site: Site, name: str) -> None:
    async with tab(chromium, address(site)) as visitor:
        await SCENES[name](visitor, site)
        for scheme, width in product(SCHEMES, (NARROW, WIDE)):
            await visitor.show(scheme, width)
            assert await visitor.overflow() == 0
        assert await visitor.barriers() == ""
        await visitor.show("light", NARROW)
        assert await visitor.barriers("color-contrast", "target-size") == ""
        assert await visitor.page.title() == f"{await visitor.heading()} – campusgraph"
        assert [await visitor.page.locator(each).count() for each in ("h1", "header", "main")] == [1, 1, 1]
