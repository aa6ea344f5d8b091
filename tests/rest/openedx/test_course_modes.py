"""The tracks of a course run (contracts/edx-core.md §8, case 34 and more)."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from app.domain.identity.clients import create_client
from app.errors import RuleBroken
from app.rest.openedx.course_modes import NEEDED
from tests.rest.openedx.conftest import CALLERS, OpenEdx, R, X

pytestmark = pytest.mark.anyio
OF_R, OF_X = f"/api/course_modes/v1/courses/{R}/", f"/api/course_modes/v1/courses/{X}/"
PATCH = {"Content-Type": "application/merge-patch+json"}
AUDIT: dict[str, Any] = {
    "course_id": R,
    "mode_slug": "audit",
    "mode_display_name": "Audit",
    "min_price": 0,
    "currency": "usd",
    "expiration_datetime": None,
    "expiration_datetime_is_explicit": False,
    "description": None,
    "sku": None,
    "bulk_sku": None,
}
VERIFIED = AUDIT | {"mode_slug": "verified", "mode_display_name": "Verified Certificate", "min_price": 49}


def new(**changes: Any) -> dict[str, Any]:
    """A mode of X."""
    return {"course_id": X, "mode_slug": "honor", "mode_display_name": "Honor", "currency": "EUR", **changes}


async def patched(edx: OpenEdx, path: str, who: str | None = "staff", content: bytes = b"{}") -> tuple[int, Any]:
    return await edx.told(path, who, "PATCH", content=content, headers=PATCH)


async def test_the_modes_of_a_run(edx: OpenEdx) -> None:
    assert await edx.body(OF_R, "staff") == [AUDIT, VERIFIED]
    assert await edx.body(OF_R.removesuffix("/"), "staff") == [AUDIT, VERIFIED]
    assert await edx.body(OF_X, "staff") == []
    assert await edx.body("/api/course_modes/v1/courses/course-v1:no+such+run/", "staff") == []
    assert await edx.body(OF_R + "audit", "staff") == AUDIT
    for path in (OF_R + "gold", OF_X + "audit", "/api/course_modes/v1/courses/a+b+c d/audit"):
        assert await edx.told(path, "staff") == (404, {"detail": "Not found."})


@pytest.mark.parametrize("who", CALLERS)
async def test_only_global_staff(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "staff": 200}.get(who, 403)
    assert (await edx.told(OF_R, who))[0] == status
    assert (await edx.told(OF_R + "audit", who))[0] == status
    assert (await edx.told(OF_X, who, "POST", json=new()))[0] == {200: 201}.get(status, status)
    assert (await patched(edx, OF_R + "audit", who, b'{"min_price": 1}'))[0] == {200: 204}.get(status, status)
    assert (await edx.told(OF_R + "verified", who, "DELETE"))[0] == {200: 204}.get(status, status)
    left = await edx.body(OF_R, "staff")
    assert left == ([AUDIT | {"min_price": 1}] if status == 200 else [AUDIT, VERIFIED])


async def test_a_mode_is_made(edx: OpenEdx) -> None:
    ends = {"expiration_datetime": "2030-01-01T00:00:00Z", "sku": "H1", "min_price": "5"}
    made = await edx.body(OF_R, "staff", "POST", 201, json=new(**ends))
    shown = AUDIT | {"course_id": X, "mode_slug": "honor", "mode_display_name": "Honor", "currency": "eur"}
    shown |= ends | {"min_price": 5, "expiration_datetime_is_explicit": True}
    assert made == shown
    assert await edx.body(OF_X, "staff") == [shown]
    status, body = await edx.told(OF_X, "staff", "POST", json=new(currency="eur"))
    assert (status, list(body)) == (400, ["detail"])
    assert await edx.body(OF_X, "staff", "POST", 201, data=new(currency="usd")) == AUDIT | {
        "course_id": X,
        "mode_slug": "honor",
        "mode_display_name": "Honor",
    }


REFUSED: list[tuple[Any, int, Any]] = [
    ({}, 400, {name: ["This field is required."] for name in NEEDED}),
    ([], 400, None),
    ("text", 400, None),
    (new(currency=None), 400, {"currency": ["This field is required."]}),
    (new(course_id="course-v1:no+such+run"), 404, {"detail": "Not found."}),
    (new(course_id="no key"), 404, {"detail": "Not found."}),
    (new(course_id=5), 404, {"detail": "Not found."}),
    (new(min_price="x"), 400, {"min_price": ["A valid integer is required."]}),
    (new(min_price=10**30), 400, None),
    (new(min_price=-1), 400, None),
    (new(min_price=None), 400, {"min_price": ["This field may not be null."]}),
    (new(mode_slug="verified"), 400, {"detail": "The price is below the least of the mode."}),
    (new(mode_slug="professional", min_price=9, expiration_datetime="2030-01-01"), 400, None),
    (new(mode_slug="Not a slug"), 400, None),
    (new(mode_slug=5), 400, {"mode_slug": ["Not a valid string."]}),
    (new(mode_display_name="\x00"), 400, None),
    (new(expiration_datetime="tomorrow"), 400, None),
    (new(expiration_datetime="0001-01-01T00:00:00+14:00"), 400, None),
    (new(expiration_datetime_is_explicit="perhaps"), 400, None),
    (new(currency="doubloons"), 400, None),
]


@pytest.mark.parametrize(("sent", "status", "body"), REFUSED)
async def test_what_is_no_mode(edx: OpenEdx, sent: Any, status: int, body: Any) -> None:
    found, told = await edx.told(OF_X, "staff", "POST", json=sent)
    assert found == status
    assert body is None or told == body
    assert await edx.body(OF_X, "staff") == []


async def test_a_mode_is_changed_by_a_merge_patch(edx: OpenEdx) -> None:
    path = OF_R + "audit"
    assert (await edx.told(path, "staff", "PATCH", json={"min_price": 1}))[0] == 415  # edx case 34
    assert await patched(edx, path, content=b'{"min_price": 1}') == (204, None)  # edx case 34
    fixed = {"mode_slug": ["This field cannot be modified."]}
    assert await patched(edx, path, content=b'{"mode_slug": "x"}') == (400, fixed)  # edx case 34
    both = fixed | {"course_id": ["This field cannot be modified."]}
    assert await patched(edx, path, content=b'{"mode_slug": "x", "course_id": "y"}') == (400, both)
    assert await patched(edx, path, content=b'{"expiration_datetime": "2030-01-01T00:00:00Z"}') == (204, None)
    changed = {"min_price": 1, "expiration_datetime": "2030-01-01T00:00:00Z", "expiration_datetime_is_explicit": True}
    assert await edx.body(path, "staff") == AUDIT | changed
    assert await patched(edx, path, content=b'{"expiration_datetime": null, "description": "x"}') == (204, None)
    assert (await edx.body(path, "staff"))["expiration_datetime"] is None
    for junk in (b"[]", b"5", b"{", b'{"min_price": []}', b'{"currency": null}'):
        assert (await patched(edx, path, content=junk))[0] == 400
    assert (await patched(edx, OF_R + "verified", content=b'{"min_price": 0}'))[0] == 400
    assert await patched(edx, OF_R + "gold", content=b"{}") == (404, {"detail": "Not found."})


async def test_a_mode_is_deleted(edx: OpenEdx) -> None:
    assert await edx.told(OF_R + "verified", "staff", "DELETE") == (204, None)
    assert await edx.told(OF_R + "verified", "staff", "DELETE") == (404, {"detail": "Not found."})
    assert await edx.body(OF_R, "staff") == [AUDIT]


async def limited(edx: OpenEdx, *organizations: str, scope: str = "course_modes:read") -> dict[str, str]:
    """The headers of a client that is limited to organizations, and acts for global staff."""
    admin = edx.filled.admin
    made = await create_client(
        admin, "shop", redirect_uris=(), scopes=[scope], user_id=edx.keys["staff"], organizations=organizations
    )
    form = {"grant_type": "client_credentials", "client_id": made.uid, "client_secret": made.secret or ""}
    answer = await edx.client.post("/oauth2/access_token", data={**form, "token_type": "jwt"})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"JWT {answer.json()['access_token']}"}


async def test_a_client_that_is_limited_reads_modes(edx: OpenEdx) -> None:
    """contracts/edx-core.md §8: a scoped token `course_modes:read` for the organization."""
    headers = await limited(edx, "edX", "Other")
    claims = jwt.decode(headers["Authorization"][4:], options={"verify_signature": False})
    assert (claims["filters"], claims["is_restricted"]) == (["content_org:Other", "content_org:edX"], True)
    assert claims["scopes"] == ["course_modes:read"]
    assert (await edx.get(OF_R, headers=headers)).json() == [AUDIT, VERIFIED]
    assert (await edx.get(OF_R + "audit", headers=headers)).json() == AUDIT
    assert (await edx.get(OF_R + "gold", headers=headers)).status_code == 404
    unknown = "/api/course_modes/v1/courses/course-v1:edX+no+run/"
    assert (await edx.get(unknown, headers=headers)).json() == []
    for method, path in (
        *(("POST", OF_R), ("PATCH", OF_R + "audit"), ("DELETE", OF_R + "audit")),
        ("GET", "/api/course_modes/v1/courses/course-v1:MIT+DemoX+1/"),
        ("GET", "/api/enrollment/v1/enrollment"),
        ("GET", "/api/enrollment/v1/roles/"),
        ("GET", f"/api/courses/v1/courses/{R}"),
        ("GET", f"/api/grades/v1/courses/{R}/"),
    ):
        more = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
        assert (await edx.send(method, path, headers=headers | more)).status_code == 403, path
    assert await edx.body(OF_R, "staff") == [AUDIT, VERIFIED]
    asked = await edx.client.post("/graphql", json={"query": "{ viewer { username } }"}, headers=headers)
    assert asked.status_code == 401


async def test_clients_that_may_not(edx: OpenEdx) -> None:
    for headers in (await limited(edx, "MIT"), await limited(edx, "edX", scope="profile"), await limited(edx)):
        assert (await edx.get(OF_R, headers=headers)).status_code == 403
    with pytest.raises(RuleBroken) as caught:
        await limited(edx, "edX", scope="read")
    assert (caught.value.reason, caught.value.field) == ("INVALID", ["scopes"])
