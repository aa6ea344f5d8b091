"""JWTs that are not good: of other algorithms, keys, audiences, times; and people who may do nothing any more."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import jwt
import orjson
import pytest
from sqlalchemy import update

from app.context import Context
from app.domain.identity.jwts import HEADER, Signing, authenticate_jwt, jwt_of_session, jwt_of_token, signed
from app.domain.identity.models import User
from app.domain.identity.sessions import close_session, open_session
from app.domain.identity.tokens import digest, issue_token, revoke_token
from app.errors import PersonInactive, TokenExpired, TokenRevoked, Unauthenticated
from tests.clock import NOW
from tests.factories import University, university

pytestmark = pytest.mark.anyio

SECRET = "a secret of thirty-two bytes, or more"
OURS = Signing(SECRET, "openedx", "https://here/oauth2")
HOUR = timedelta(hours=1)


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


@pytest.fixture
async def made(world: University) -> tuple[str, str]:
    """An access token of the student's, and a JWT that stands for it."""
    text = (await issue_token(world.student, name="t", scopes=["read"])).text
    return text, await jwt_of_token(world.student, text, OURS)


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def payload(text: str, **changes: Any) -> dict[str, Any]:
    part = text.split(".")[1]
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return {name: value for name, value in (found | changes).items() if value is not None}


async def refused(ctx: Context, text: str, signing: Signing = OURS) -> type[Exception]:
    with pytest.raises(Unauthenticated) as caught:
        await authenticate_jwt(ctx.db, text, NOW, signing)
    return type(caught.value)


async def test_it_opens_what_the_token_opens(world: University, ctx: Context, made: tuple[str, str]) -> None:
    principal = await authenticate_jwt(ctx.db, made[1], NOW, OURS)
    assert (principal.user_id, principal.scopes) == (world.student_id, frozenset({"read"}))


async def test_of_no_algorithm(ctx: Context, made: tuple[str, str]) -> None:
    claims = payload(made[1])
    for name in ("none", "None", "NONE", "nOnE"):
        head = segment({"alg": name, "typ": "JWT"})
        signature = made[1].rpartition(".")[2]
        for end in ("", signature):
            assert await refused(ctx, f"{head}.{segment(claims)}.{end}") is Unauthenticated
    assert await refused(ctx, jwt.encode(claims, "", "none")) is Unauthenticated


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_of_another_algorithm(ctx: Context, made: tuple[str, str], algorithm: str) -> None:
    """Even with the right secret: so a public key can't be taken for a secret, either."""
    text = jwt.encode(payload(made[1]), SECRET * 2, algorithm)
    assert await refused(ctx, text, Signing(SECRET * 2, "openedx")) is Unauthenticated


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS512", "EdDSA", "HS256 ", "hs256", "", None, 1, [], {}])
async def test_of_an_algorithm_that_only_the_header_says(ctx: Context, made: tuple[str, str], alg: Any) -> None:
    signed_by_secret = jwt.encode(payload(made[1]), SECRET, "HS256")
    _, claims, signature = signed_by_secret.split(".")
    assert await refused(ctx, f"{segment({'alg': alg, 'typ': 'JWT'})}.{claims}.{signature}") is Unauthenticated


async def test_with_a_key_of_its_own(ctx: Context, made: tuple[str, str]) -> None:
    for more in ({"kid": "../../dev/null"}, {"jwk": {"kty": "oct", "k": "eA"}}, {"jku": "https://a.example/k"}):
        text = jwt.encode(payload(made[1]), "x" * 32, "HS256", headers=more)
        assert await refused(ctx, text) is Unauthenticated


async def test_of_another_installation(ctx: Context, made: tuple[str, str]) -> None:
    assert await refused(ctx, jwt.encode(payload(made[1]), "y" * 32, "HS256")) is Unauthenticated
    assert await refused(ctx, made[1], Signing("z" * 32, "openedx")) is Unauthenticated
    assert await refused(ctx, made[1], Signing("", "openedx")) is Unauthenticated
    foreign = jwt.encode(payload(made[1], jti=f"token:{digest('cgo_of_another_one')}"), SECRET, "HS256")
    assert await refused(ctx, foreign) is Unauthenticated


@pytest.mark.parametrize("audience", ["other", "", "OPENEDX", ["a", "b"], None, 1, {}])
async def test_for_another_audience(ctx: Context, made: tuple[str, str], audience: Any) -> None:
    text = jwt.encode(payload(made[1], aud=audience), SECRET, "HS256")
    assert await refused(ctx, text) is Unauthenticated


@pytest.mark.parametrize("name", ["exp", "iat", "jti", "aud"])
async def test_without_a_claim(ctx: Context, made: tuple[str, str], name: str) -> None:
    assert await refused(ctx, jwt.encode(payload(made[1], **{name: None}), SECRET, "HS256")) is Unauthenticated


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"exp": int(NOW.timestamp())}, TokenExpired),
        ({"exp": -1}, TokenExpired),
        ({"exp": "9999999999"}, TokenExpired),
        ({"exp": [9999999999]}, TokenExpired),
        ({"jti": "x"}, Unauthenticated),
        ({"jti": ""}, Unauthenticated),
        ({"jti": 7}, Unauthenticated),
        ({"jti": "session:" + "0" * 64}, Unauthenticated),
        ({"jti": "token:\0"}, Unauthenticated),
        ({"jti": "token:" + "9" * 900}, Unauthenticated),
    ],
)
async def test_with_other_claims(ctx: Context, made: tuple[str, str], changes: Any, error: type[Exception]) -> None:
    """Signed with the right secret, as another server that shares it might."""
    assert await refused(ctx, jwt.encode(payload(made[1], **changes), SECRET, "HS256")) is error


async def test_tampered_with(ctx: Context, made: tuple[str, str], world: University) -> None:
    head, _, signature = made[1].split(".")
    for changes in ({"user_id": world.admin_id}, {"exp": 9999999999}, {"scopes": ["admin"]}):
        assert await refused(ctx, f"{head}.{segment(payload(made[1], **changes))}.{signature}") is Unauthenticated
    turned = signature[:9] + ("A" if signature[9] != "A" else "B") + signature[10:]
    assert await refused(ctx, made[1].replace(signature, turned)) is Unauthenticated


async def test_claims_that_the_token_does_not_have_open_nothing(ctx: Context, made: tuple[str, str]) -> None:
    """What counts is what the JWT stands for."""
    text = jwt.encode(payload(made[1], scopes=["admin"], user_id=1, administrator=True), SECRET, "HS256")
    principal = await authenticate_jwt(ctx.db, text, NOW, OURS)
    assert (principal.scopes, principal.is_admin) == (frozenset({"read"}), False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "x" * 5000,
        "\0",
        "é.é.é",
        "\ud800",
        f"{HEADER}..{'A' * 43}",
        f"{HEADER}.{segment('x')}.{'A' * 43}",
        f"{HEADER}.{'W' * 3000}.{'A' * 43}",
        f"{HEADER}.e30.{'A' * 43}\n",
        f" {HEADER}.e30.{'A' * 43}",
    ],
)
async def test_that_are_none(ctx: Context, text: str) -> None:
    assert await refused(ctx, text) is Unauthenticated


async def test_it_ends_after_an_hour_or_with_the_token(ctx: Context, world: University, made: tuple[str, str]) -> None:
    with pytest.raises(TokenExpired):
        await authenticate_jwt(ctx.db, made[1], NOW + HOUR, OURS)
    short = (await issue_token(world.student, name="s", expires_at=NOW + HOUR / 2)).text
    assert payload(await jwt_of_token(world.student, short, OURS))["exp"] == int((NOW + HOUR / 2).timestamp())


async def test_it_ends_when_the_token_is_revoked(ctx: Context, world: University) -> None:
    token = await issue_token(world.student, name="t")
    text = await jwt_of_token(world.student, token.text, OURS)
    await revoke_token(world.student, token_id=token.id)
    assert await refused(ctx, text) is TokenRevoked


async def test_it_does_not_outlive_the_person(ctx: Context, world: University, made: tuple[str, str]) -> None:
    cookie = await open_session(world.student, world.student_id)
    of_session = await jwt_of_session(world.student, cookie, OURS)
    assert of_session is not None
    assert (await authenticate_jwt(ctx.db, of_session, NOW, OURS)).user_id == world.student_id
    await ctx.db.execute(update(User).where(User.id == world.student_id).values(is_active=False))
    assert await refused(ctx, made[1]) is PersonInactive
    assert await refused(ctx, of_session) is Unauthenticated
    assert await jwt_of_session(world.student, cookie, OURS) is None


async def test_a_sessions_jwt_ends_with_it(ctx: Context, world: University) -> None:
    cookie = await open_session(world.admin, world.admin_id)
    text = await jwt_of_session(world.admin, cookie, OURS)
    assert text is not None
    assert (await authenticate_jwt(ctx.db, text, NOW, OURS)).is_admin is True
    await close_session(world.admin, cookie)
    assert await refused(ctx, text) is Unauthenticated


async def test_what_is_signed_for_others_opens_nothing(ctx: Context) -> None:
    assert await refused(ctx, await signed(ctx, {"discount_percent": 15}, OURS)) is Unauthenticated
