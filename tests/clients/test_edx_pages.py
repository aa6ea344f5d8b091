"""Open edX's gradebook page against a server: the request layer that it has, over the front ends' own sign-in.

It runs where CAMPUSGRAPH_OPENEDX_PAGES names a folder in which npm has installed @edx/frontend-app-gradebook,
@edx/frontend-platform, query-string and esbuild: packages that are not ours. The page is of another origin than the
server, as Open edX's are.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from playwright.async_api import Page

from tests.browser.browsing import launched
from tests.commands.test_serving import PATIENCE, serving

PACKAGES = os.environ.get("CAMPUSGRAPH_OPENEDX_PAGES", "")
ENTRY = Path(__file__).with_name("edx_pages.js")
SOURCES = "node_modules/@edx/frontend-app-gradebook/src"
RUN = "course-v1:NorthbridgeX+DATA1x+2026_T3"
WEEK = "block-v1:NorthbridgeX+DATA1x+2026_T3+type@sequential+block@w1"
TEACHER, PASSWORD = "kmorita", "correct horse battery"
HTML = '<!doctype html><title>Gradebook</title><script>window.LMS = "{}"</script><script src="/page.js"></script>'
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not PACKAGES, reason="CAMPUSGRAPH_OPENEDX_PAGES names no folder with the pages' packages"),
]


@dataclass(frozen=True, slots=True)
class Site:
    """Where the page is, and where the server is that it asks."""

    page: str
    server: str


class Files(SimpleHTTPRequestHandler):
    """The page at every path that is no file, as such pages are served; without a word."""

    def translate_path(self, path: str) -> str:
        found = super().translate_path(path)
        return found if Path(found).is_file() else super().translate_path("/index.html")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def placed(folder: Path) -> Iterator[str]:
    """The address at which the files of a folder are served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=folder)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def built(folder: Path) -> None:
    """Write page.js: what the page asks with, made of the packages."""
    folder.joinpath("config.js").write_text("export const configuration = { LMS_BASE_URL: window.LMS };\n")
    platform = "@edx/frontend-platform"
    of = {name: f"{PACKAGES}/{SOURCES}/{name}" for name in ("utils", "data")}
    of |= {"config": str(folder / "config.js"), platform: f"{PACKAGES}/node_modules/{platform}"}
    command = [f"{PACKAGES}/node_modules/.bin/esbuild", "--bundle", f"--outfile={folder / 'page.js'}"]
    command += [f"--alias:{name}={path}" for name, path in of.items()]
    command += ["--define:global=window", "--define:process.env.NODE_ENV='production'", "--loader:.js=jsx"]
    command += ["--loader=js", "--log-level=warning"]
    run = subprocess.run(command, input=ENTRY.read_bytes(), cwd=PACKAGES, capture_output=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr.decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page and the demonstration university on two origins; the teacher has a password."""
    folder = tmp_path_factory.mktemp("page")
    built(folder)
    with placed(folder) as page, pytest.MonkeyPatch.context() as environment:
        environment.setenv("CAMPUSGRAPH_DATABASE_URL", f"sqlite+aiosqlite:///{folder / 'demo.sqlite3'}")
        environment.setenv("CAMPUSGRAPH_TRUSTED_ORIGINS", page)
        with serving("--demo") as (_, _, server):
            folder.joinpath("index.html").write_text(HTML.format(server))
            _let_in()
            yield Site(page, server)


def _let_in() -> None:
    command = [sys.executable, "-m", "app.cli", "user", "password", TEACHER]
    subprocess.run(command, input=PASSWORD, text=True, check=True, capture_output=True, timeout=PATIENCE)


async def signed_in(page: Page, site: Site) -> None:
    """Sign in at the server, and go to the gradebook's page."""
    await page.goto(f"{site.server}/login")
    await page.fill("input[name=login]", TEACHER)
    await page.fill("input[type=password]", PASSWORD)
    await page.click("button")
    await page.wait_for_url("**/account/tokens")
    await page.goto(f"{site.page}/{RUN}")


async def asked(page: Page, call: str, *arguments: Any) -> Any:
    """(status, body) of what a function of the request layer asks."""
    given = ", ".join(orjson.dumps(each).decode() for each in arguments)
    return await page.evaluate(f"async () => page.told(page.gradebook.{call}({given}))")


async def test_the_gradebook_page_reads_and_writes(site: Site) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        await signed_in(page, site)
        await page.evaluate("async () => page.fetchAuthenticatedUser()")
        status, info = await asked(page, "fetch.assignmentTypes")
        names = [each["short_label"] for each in info["subsections"]]
        assert (status, names, info["grades_frozen"]) == (200, ["Q 01", "Q 02", "HW 01", "P 01"], False)
        assert await asked(page, "fetch.cohorts") == [200, {"cohorts": []}]
        role = {"org": "NorthbridgeX", "course_id": RUN, "role": "instructor"}
        assert await asked(page, "fetch.roles") == [200, {"roles": [role], "is_staff": False}]
        status, tracks = await asked(page, "fetch.tracks")
        assert (status, [each["slug"] for each in tracks["course_modes"]][:2]) == (200, ["audit", "verified"])
        status, rows = await asked(page, "fetch.gradebookData", "", None, None, {})
        assert (status, len(rows["results"]), rows["total_users_count"]) == (200, 25, 49)
        assert await page.evaluate("page.complaints") == []
        await _override(page, rows["results"][0]["user_id"])


async def _override(page: Page, user_id: int) -> None:
    numbers = {"earned_all": 1, "possible_all": 4, "earned_graded": 1, "possible_graded": 4}
    grade = {f"{name}_override": value for name, value in numbers.items()}
    done = {"user_id": user_id, "usage_id": WEEK, "success": True, "reason": None}
    change = {"user_id": user_id, "usage_id": WEEK, "grade": {**grade, "comment": "A film did not load."}}
    assert await asked(page, "updateGradebookData", [change]) == [202, [done]]
    status, told = await asked(page, "fetch.gradeOverrideHistory", WEEK, user_id)
    assert (status, told["override"]) == (200, grade)
    last = told["history"][-1]
    assert (last["override_reason"], last["history_user"]) == ("A film did not load.", TEACHER)
    limits = {"assignment": WEEK, "assignmentGradeMin": "25", "assignmentGradeMax": "25"}
    status, rows = await asked(page, "fetch.gradebookData", "", None, None, limits)
    assert status == 200
    assert user_id in [row["user_id"] for row in rows["results"]]
