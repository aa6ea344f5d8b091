"""Who may register and end OAuth clients; which redirect URIs they may have; scopes."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.context import Context
from app.domain.identity.clients import create_client, revoke_client
from app.domain.identity.models import OAuthClient
from app.errors import DomainError, Forbidden, NotFound, RuleBroken, Unauthenticated
from app.principal import ADMIN, AUTOLAB_SCOPES, READ, WRITE, Principal, has_scope
from tests.factories import university
from tests.oauth.conftest import Site

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("anonymous", Unauthenticated),
        ("loner", Forbidden),
        ("student", Forbidden),
        ("outsider", Forbidden),
        ("assistant", Forbidden),
        ("instructor", Forbidden),
        ("admin", None),
    ],
)
async def test_administrators_register_and_end_clients(ctx: Context, who: str, error: type[DomainError] | None) -> None:
    asker = getattr(await university(ctx), who)
    made = await create_client(ctx, "first", redirect_uris=[], scopes=[READ])
    if error is None:
        await create_client(asker, "second", redirect_uris=[], scopes=[READ])
        assert await revoke_client(asker, made.id) == made.id
    else:
        with pytest.raises(error):
            await create_client(asker, "second", redirect_uris=[], scopes=[READ])
        with pytest.raises(error):
            await revoke_client(asker, made.id)
    rows = await ctx.db.fetch(select(OAuthClient.name, OAuthClient.revoked_at.is_(None)).order_by(OAuthClient.id))
    assert [tuple(row) for row in rows] == ([("first", True)] if error else [("first", False), ("second", True)])


@pytest.mark.parametrize("key", [0, -1, 2**31, 2**70])
async def test_a_client_that_is_not_there(ctx: Context, key: int) -> None:
    with pytest.raises(NotFound):
        await revoke_client(ctx, key)


async def test_a_revoked_clients_tokens_end(site: Site) -> None:
    found = await site.exchanged(scope="read")
    await revoke_client(site.world.admin, site.clients["web"].id)
    assert await site.graph(found["access_token"]) == "UNAUTHENTICATED"
    response = await site.refreshed(found["refresh_token"])
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "uri",
    ["https://a.example/b?c=d", "http://localhost:9/x", "http://127.0.0.1/", "http://[::1]:80/", "org.example.app:/x"],
)
async def test_redirect_uris_that_are_right(ctx: Context, uri: str) -> None:
    await create_client(ctx, "x", redirect_uris=[uri], scopes=[READ])
    assert await ctx.db.scalar(select(func.count()).select_from(OAuthClient)) == 1


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/x",
        "http://a.example/",
        "https://",
        "https://a.example/#b",
        "javascript:alert(1)",
        "data:x",
        "https://a b/",
        "https://[::",
        "https://a.example/\0",
        "https://a.example/" + "x" * 2000,
    ],
)
async def test_redirect_uris_that_are_wrong(ctx: Context, uri: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        await create_client(ctx, "x", redirect_uris=[uri], scopes=[READ])
    assert (caught.value.reason, caught.value.field) == ("INVALID", ["redirectUris"])


async def test_rules_of_a_client(ctx: Context) -> None:
    for changed, reason, field in (
        ({"scopes": []}, "REQUIRED", "scopes"),
        ({"scopes": ["all"]}, "INVALID", "scopes"),
        ({"user_id": 2**70}, "NOT_FOUND", "userId"),
    ):
        with pytest.raises(RuleBroken) as caught:
            await create_client(ctx, "x", **{"redirect_uris": [], "scopes": [READ], **changed})  # type: ignore[arg-type]
        assert (caught.value.reason, caught.value.field) == (reason, [field])


def test_scopes_that_others_include() -> None:
    included = {
        READ: ["user_info", "user_courses", "user_scores"],
        WRITE: ["user_submit", "instructor_all"],
        ADMIN: ["admin_all"],
        "user_submit": ["user_submit"],
    }
    for scope, found in included.items():
        principal = Principal(1, scopes=frozenset({scope}))
        assert [each for each in AUTOLAB_SCOPES if has_scope(principal, each)] == found
        assert has_scope(principal, scope)


async def test_a_public_client_is_not_trusted(ctx: Context) -> None:
    with pytest.raises(RuleBroken) as caught:
        await create_client(ctx, "x", redirect_uris=[], scopes=["read"], is_public=True, is_trusted=True)
    assert (caught.value.reason, caught.value.field) == ("INVALID", ["isTrusted"])
