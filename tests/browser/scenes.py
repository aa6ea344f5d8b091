"""The pages, and how a visitor comes to each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import urlencode

from app.context import Context
from app.domain.grades.models import Certificate, CertificateStatus
from app.domain.identity.sessions import open_session
from app.domain.rows import insert_row
from app.principal import Principal
from app.web.session import COOKIE
from tests.browser.browsing import Tab
from tests.oauth.conftest import PASSWORD, Site

Scene: TypeAlias = Callable[[Tab, Site], Awaitable[None]]


def back(address: str) -> str:
    """The redirect URI of the clients of a site at this address: of another host, as a browser sees it."""
    return address.replace("127.0.0.1", "localhost") + "/healthz?x=1"


def address(site: Site) -> str:
    """Where the site is, without a slash at the end."""
    return str(site.http.base_url).rstrip("/")


def request(tab: Tab, site: Site, client: str = "web", **more: str) -> str:
    """The path where a client asks to be approved."""
    asked = {"client_id": site.clients[client].uid, "redirect_uri": back(tab.site), "response_type": "code", **more}
    return "/oauth/authorize?" + urlencode(asked)


async def sign_in(tab: Tab, path: str = "/login", login: str = "sam", password: str = PASSWORD) -> None:
    """Sign in at the page where `path` leads a stranger."""
    await tab.open(path)
    await tab.fill("Username or e-mail address", login)
    await tab.fill("Password", password)
    await tab.press("Sign in")


async def begun(site: Site) -> tuple[dict[str, str], str]:
    """What a device polls with, and the code that it shows."""
    uid = site.clients["web"].uid
    started = (await site.http.get("/oauth/device_flow_init", params={"client_id": uid})).json()
    return {"client_id": uid, "device_code": started["device_code"]}, started["user_code"]


async def recognised(tab: Tab, site: Site, user_id: int | None = None) -> None:
    """Give the tab the cookie of somebody who has signed in: sam, unless told otherwise."""
    async with site.app.state.open_database() as db:
        text = await open_session(Context(Principal.anonymous, db, site.clock), user_id or site.world.student_id)
    await tab.page.context.add_cookies(
        [{"name": COOKIE, "value": text, "url": tab.site, "httpOnly": True, "sameSite": "Lax"}]
    )


async def activate(tab: Tab, user_code: str) -> None:
    """Enter the code of a device."""
    await tab.open("/activate")
    await tab.fill("The code that your device shows", user_code)
    await tab.press("Continue")


async def signing_in(tab: Tab, site: Site) -> None:
    await tab.open("/login")


async def wrong_password(tab: Tab, site: Site) -> None:
    await sign_in(tab, password="wrong")


async def no_tokens(tab: Tab, site: Site) -> None:
    await sign_in(tab, login="sue")


async def tokens(tab: Tab, site: Site) -> None:
    await recognised(tab, site)
    await tab.open(request(tab, site, scope="read write user_info user_courses"))
    await tab.press("Approve")
    code = tab.elsewhere.pop().partition("code=")[2]
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": back(tab.site)}
    assert (await site.token(**given)).status_code == 200
    await tab.open("/account/tokens")


async def activation(tab: Tab, site: Site) -> None:
    await recognised(tab, site)
    await tab.open("/activate")


async def wrong_code(tab: Tab, site: Site) -> None:
    await recognised(tab, site)
    await activate(tab, "nobody")


async def consent(tab: Tab, site: Site) -> None:
    await recognised(tab, site)
    await tab.open(request(tab, site))


async def consent_for_a_device(tab: Tab, site: Site) -> None:
    await recognised(tab, site)
    await activate(tab, (await begun(site))[1])


async def signed_in_device(tab: Tab, site: Site) -> None:
    await consent_for_a_device(tab, site)
    await tab.press("Approve")


async def unknown_client(tab: Tab, site: Site) -> None:
    await tab.open("/oauth/authorize?client_id=nobody")


async def landing(tab: Tab, site: Site) -> None:
    await tab.open("/")


async def reference(tab: Tab, site: Site) -> None:
    await tab.open("/openapi/blackboard#UpdateGrade")
    await tab.page.locator("#UpdateGrade summary").first.click()


async def certificate(tab: Tab, site: Site) -> None:
    async with site.app.state.open_database() as db:
        program = Context(Principal.program, db, site.clock)
        own = {"course_instance_id": site.world.course_instance_id, "user_id": site.world.student_id}
        said = {"uuid": "c" * 32, "status": CertificateStatus.DOWNLOADABLE, "track": "verified", "grade": "0.88"}
        await insert_row(program, Certificate, {**own, **said})
    await tab.open(f"/certificates/{'c' * 32}")


async def no_certificate(tab: Tab, site: Site) -> None:
    await tab.open("/certificates/nothing")


SCENES: dict[str, Scene] = {
    each.__name__.replace("_", " "): each
    for each in (
        signing_in,
        wrong_password,
        no_tokens,
        tokens,
        activation,
        wrong_code,
        consent,
        consent_for_a_device,
        signed_in_device,
        unknown_client,
        landing,
        reference,
        certificate,
        no_certificate,
    )
}
