"""People and tokens, written through the graph."""

from __future__ import annotations

import pytest

from app.context import Context
from app.domain.identity.tokens import authenticate
from app.errors import Unauthenticated
from app.principal import Principal
from schema.core.node import global_id
from tests.clock import NOW
from tests.domain.site import Site
from tests.factories import as_user
from tests.schema.client import ask, denial, refusal, write

pytestmark = pytest.mark.anyio

NAMES = "user { username uid email name givenName isStaff isActive }"


async def test_a_person_is_made_known(site: Site) -> None:
    made = await write(
        site.world.admin, "createUser", NAMES, username="new", email="new@uni.example", name=" New ", isStaff=True
    )
    assert made == {
        "user": {
            "username": "new",
            "uid": "new@uni.example",
            "email": "new@uni.example",
            "name": "New",
            "givenName": None,
            "isStaff": True,
            "isActive": True,
        }
    }


async def test_a_person_changes_their_own_names_and_no_more(site: Site) -> None:
    world = site.world
    payload = await write(
        world.student,
        "updateUser",
        "user { name givenName familyName uin }",
        userId=global_id("User", world.student_id),
        name="Samuel",
        givenName=None,
    )
    assert payload == {"user": {"name": "Samuel", "givenName": None, "familyName": "Ng", "uin": "77120031"}}
    assert await denial(world.student, "updateUser", userId=world.student_id, uin="1") == "FORBIDDEN"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"username": "SAM"}, ("TAKEN", ["username"])),
        ({"username": " "}, ("REQUIRED", ["username"])),
        ({"username": "x" * 151}, ("TOO_LONG", ["username"])),
        ({"username": "a\tb"}, ("INVALID", ["username"])),
        ({"username": "new", "email": "nowhere"}, ("INVALID", ["email"])),
        ({"username": "new", "email": "ida@uni.example"}, ("TAKEN", ["email"])),
        ({"username": "new", "isStaff": None}, ("REQUIRED", ["isStaff"])),
    ],
)
async def test_a_person_who_cannot_be_made(
    site: Site, values: dict[str, object], expected: tuple[str, list[str]]
) -> None:
    assert await refusal(site.world.admin, "createUser", **values) == expected


async def test_an_issued_token_is_shown_once_and_authenticates(site: Site) -> None:
    world = site.world
    issued = await write(
        world.student,
        "issueToken",
        "token accessToken { id name prefix scopes isRegisteredOnly expiresAt revokedAt user { username } }",
        name="phone",
        scopes=["write", "read"],
        expiresAt="2024-10-02T12:00:00Z",
    )
    text, entry = issued["token"], issued["accessToken"]
    assert entry == {
        "id": entry["id"],
        "name": "phone",
        "prefix": text[:10],
        "scopes": ["read", "write"],
        "isRegisteredOnly": False,
        "expiresAt": NOW.replace(day=2),
        "revokedAt": None,
        "user": {"username": "sam"},
    }
    principal = await authenticate(world.student.db, text, NOW)
    assert principal == Principal(world.student_id, is_admin=False, scopes=frozenset({"read", "write"}))
    holder = Context(principal, world.student.db, world.student.clock)
    assert await ask(holder, "{ viewer { username } }") == {"viewer": {"username": "sam"}}
    revoked = await write(holder, "revokeToken", "accessToken { revokedAt }", tokenId=entry["id"])
    assert revoked == {"accessToken": {"revokedAt": NOW}}
    with pytest.raises(Unauthenticated):
        await authenticate(world.student.db, text, NOW)


async def test_a_token_for_registered_documents_makes_no_other_kind(site: Site) -> None:
    world = site.world
    asked = "token accessToken { isRegisteredOnly }"
    issued = await write(world.student, "issueToken", asked, name="app", isRegisteredOnly=True)
    assert issued["accessToken"] == {"isRegisteredOnly": True}
    principal = await authenticate(world.student.db, issued["token"], NOW)
    assert principal.is_registered_only
    holder = Context(principal, world.student.db, world.student.clock)
    again = await write(holder, "issueToken", asked, name="again", isRegisteredOnly=False)
    assert again["accessToken"] == {"isRegisteredOnly": True}


async def test_a_token_for_somebody_else_is_an_administrators_gift(site: Site) -> None:
    world = site.world
    kiosk = {"userId": world.student_id, "name": "kiosk", "scopes": ["read"]}
    issued = await write(world.admin, "issueToken", "token accessToken { user { username } }", **kiosk)
    assert issued["accessToken"] == {"user": {"username": "sam"}}
    assert (await authenticate(world.admin.db, issued["token"], NOW)).user_id == world.student_id


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "x", "expiresAt": "2024-10-01T12:00:00Z"}, ("OUT_OF_RANGE", ["expiresAt"])),
        ({"name": "x", "scopes": []}, ("REQUIRED", ["scopes"])),
        ({"name": "x", "scopes": ["root"]}, ("INVALID", ["scopes"])),
        ({"name": ""}, ("REQUIRED", ["name"])),
    ],
)
async def test_a_token_that_cannot_be_issued(
    site: Site, values: dict[str, object], expected: tuple[str, list[str]]
) -> None:
    assert await refusal(site.world.student, "issueToken", **values) == expected


async def test_a_token_gives_no_more_than_it_has(site: Site) -> None:
    narrow = as_user(site.world.admin, site.world.student_id, scopes=frozenset({"read", "write"}))
    assert await denial(narrow, "issueToken", name="x", scopes=["admin"]) == "INSUFFICIENT_SCOPE"
