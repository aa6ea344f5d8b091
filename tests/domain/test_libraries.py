"""Libraries: their keys, their members, their blocks; how far people came; tickets of handlers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.context import Context
from app.domain.catalog.keys import LibraryUsage, library_key, library_usage_key, parse_library_usage
from app.domain.catalog.service import create_organization
from app.domain.identity.jwts import Signing
from app.domain.identity.models import User
from app.domain.libraries.blocks import delete_library_block, record_library_progress, save_library_block
from app.domain.libraries.models import Library, LibraryBlock, LibraryLevel, LibraryMember, LibraryProgress
from app.domain.libraries.queries import html_of_library_blocks
from app.domain.libraries.service import (
    create_library,
    delete_library,
    remove_library_member,
    set_library_member,
    update_library,
)
from app.domain.libraries.tickets import LIFETIME, holder_of_ticket, ticket
from app.errors import NotFound, TokenExpired, Unauthenticated, UserErrorCode
from app.principal import Principal
from tests.clock import NOW
from tests.domain.proof import denied, refused
from tests.domain.shelves import Shelf, shelf
from tests.factories import University, university

pytestmark = pytest.mark.anyio
KEY = "lb:uni:shelf:html:intro"
SIGNING = Signing("", "openedx")


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


@pytest.fixture
async def kept(world: University) -> Shelf:
    return await shelf(world)


async def all_of(ctx: Context, *columns: Any) -> list[Any]:
    return [tuple(row) for row in await ctx.db.fetch(select(*columns).order_by(columns[0].class_.id))]


def test_keys() -> None:
    assert library_key("edX", "a.b~1-_") == "lib:edX:a.b~1-_"
    assert [library_key(*each) for each in (("a b", "c"), ("a", ""), ("a", "b:c"), ("a+b", "c"))] == [None] * 4
    assert parse_library_usage("lb:edX:l:html:a%20b") == LibraryUsage("edX", "l", "html", "a%20b")
    for text in ("lb:a:b:html", "lb:a:b:html:", "lb:a:b:html:c:d", "lb:a:b:html:c\n", "LB:a:b:html:c", "x", ""):
        assert parse_library_usage(text) is None
    assert library_usage_key("lib:edX:l", "unit", "u") == "lb:edX:l:unit:u"
    assert library_usage_key("lib:edX:l", "a b", "u") is None


async def test_who_makes_a_library_is_a_member(world: University) -> None:
    place: dict[str, Any] = {"organization_id": world.organization_id}
    made = await create_library(world.admin, **place, slug=" Waves ", title="Waves", license="CC0")
    assert await all_of(world.admin, Library.key, Library.slug, Library.title, Library.license) == [
        ("lib:uni:Waves", "Waves", "Waves", "CC0")
    ]
    columns = (LibraryMember.library_id, LibraryMember.user_id, LibraryMember.level)
    assert await all_of(world.admin, *columns) == [(made, world.admin_id, "ADMIN")]
    for slug, code in (
        ("waves", UserErrorCode.TAKEN),
        ("a b", UserErrorCode.INVALID),
        ("a:b", UserErrorCode.INVALID),
        ("", UserErrorCode.REQUIRED),
        ("x" * 65, UserErrorCode.TOO_LONG),
    ):
        await refused(world.admin, create_library(world.admin, **place, slug=slug, title="W"), code, "slug")
    odd = await create_organization(world.admin, key="a b", name="Odd")
    making = create_library(world.admin, organization_id=odd, slug="x", title="X")
    await refused(world.admin, making, UserErrorCode.INVALID, "organizationId")


async def test_members(world: University, kept: Shelf) -> None:
    ctx = world.instructor
    here: dict[str, Any] = {"library_id": kept.library_id}
    made = await set_library_member(ctx, **here, user_id=world.loner_id, level=LibraryLevel.READ)
    assert await set_library_member(ctx, **here, user_id=world.loner_id, level=LibraryLevel.ADMIN) == made
    assert await update_library(world.loner, **here, title="Other") == kept.library_id
    for nobody in (0, -1, 2**70, 999_999):
        setting = set_library_member(ctx, **here, user_id=nobody, level=LibraryLevel.READ)
        await refused(ctx, setting, UserErrorCode.NOT_FOUND, "userId")
    assert await remove_library_member(world.loner, library_member_id=made) == made
    await denied(world.loner, update_library(world.loner, **here, title="More"), NotFound)


async def test_blocks_are_made_and_replaced(world: University, kept: Shelf) -> None:
    ctx = world.assistant
    here: dict[str, Any] = {"library_id": kept.library_id}
    said: dict[str, Any] = {"name": "Intro", "content": "<p>1</p>", "fields": {"a": 1}}
    made = await save_library_block(ctx, **here, kind="html", usage_key=KEY, parent_id=kept.unit_id, **said)
    own = LibraryBlock
    columns = (own.position, own.parent_id, own.name, own.content, own.fields)
    assert (await all_of(ctx, *columns))[2:] == [(2, kept.unit_id, "Intro", "<p>1</p>", {"a": 1})]
    assert await save_library_block(ctx, **here, kind="html", usage_key=KEY, content="<p>2</p>") == made
    assert (await all_of(ctx, *columns))[2:] == [(2, None, "", "<p>2</p>", {})]
    for kind in ("html", "unit"):
        await save_library_block(ctx, **here, kind=kind)
    keys = [row[0] for row in await all_of(ctx, own.usage_key)]
    assert [key.rpartition(":")[0] for key in keys[3:]] == ["lb:uni:shelf:html", "lb:uni:shelf:unit"]
    assert len(set(keys)) == 5


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"usage_key": "lb:uni:other:html:a"}, UserErrorCode.INVALID, "usageKey"),
        ({"usage_key": "lb:uni:shelf:problem:a"}, UserErrorCode.INVALID, "usageKey"),
        ({"usage_key": "lb:uni:shelf:html:" + "a" * 300}, UserErrorCode.INVALID, "usageKey"),
        ({"usage_key": "junk"}, UserErrorCode.INVALID, "usageKey"),
        ({"kind": "a b"}, UserErrorCode.INVALID, "kind"),
        ({"kind": ""}, UserErrorCode.REQUIRED, "kind"),
        ({"kind": "x" * 65}, UserErrorCode.TOO_LONG, "kind"),
        ({"name": "x" * 256}, UserErrorCode.TOO_LONG, "name"),
        ({"parent_id": 0}, UserErrorCode.NOT_FOUND, "parentId"),
        ({"parent_id": 2**70}, UserErrorCode.NOT_FOUND, "parentId"),
    ],
)
async def test_blocks_that_are_refused(
    world: University, kept: Shelf, given: dict[str, Any], code: UserErrorCode, field: str
) -> None:
    saving = save_library_block(world.assistant, **{"library_id": kept.library_id, "kind": "html", **given})
    await refused(world.assistant, saving, code, field)


async def test_what_holds_blocks_lies_below_none(world: University, kept: Shelf) -> None:
    ctx = world.assistant
    here: dict[str, Any] = {"library_id": kept.library_id}
    unit = "lb:uni:shelf:unit:b"
    second = await save_library_block(ctx, **here, kind="unit", usage_key=unit)
    elsewhere = (await shelf(world, "elsewhere")).unit_id
    for parent_id, code in (
        (second, UserErrorCode.INVALID),
        (kept.text_id, UserErrorCode.INVALID),
        (elsewhere, UserErrorCode.NOT_FOUND),
    ):
        saving = save_library_block(ctx, **here, kind="unit", usage_key=unit, parent_id=parent_id)
        await refused(ctx, saving, code, "parentId")
    assert await save_library_block(ctx, **here, kind="unit", usage_key=unit, parent_id=kept.unit_id) == second
    saving = save_library_block(ctx, **here, kind="html", parent_id=second)
    await refused(ctx, saving, UserErrorCode.INVALID, "parentId")
    key = (await all_of(ctx, LibraryBlock.usage_key))[0][0]
    third = await save_library_block(ctx, **here, kind="unit")
    saving = save_library_block(ctx, **here, kind="unit", usage_key=key, parent_id=third)
    await refused(ctx, saving, UserErrorCode.INVALID, "parentId")


async def test_progress_is_one_s_own_and_goes_with_the_block(world: University, kept: Shelf) -> None:
    own = LibraryProgress
    block: dict[str, Any] = {"library_block_id": kept.text_id}
    columns = (own.user_id, own.completion, own.state, own.changed_at)
    first = await record_library_progress(world.student, **block, state={"second": 7})
    later = Context(world.student.principal, world.student.db, lambda: NOW + timedelta(days=1))
    assert await record_library_progress(later, **block, completion=1) == first
    await record_library_progress(world.assistant, **block, completion=0.25)
    assert await all_of(world.admin, *columns) == [
        (world.student_id, 1.0, {"second": 7}, NOW + timedelta(days=1)),
        (world.assistant_id, 0.25, {}, NOW),
    ]
    for wrong in (-0.1, 1.1, 1e300):
        recording = record_library_progress(world.student, **block, completion=wrong)
        await refused(world.student, recording, UserErrorCode.OUT_OF_RANGE, "completion")
    await delete_library_block(world.assistant, library_block_id=kept.unit_id)
    assert (await all_of(world.admin, *columns), await all_of(world.admin, LibraryBlock.id)) == ([], [])


async def test_deleting_a_library_leaves_nothing_of_it(world: University, kept: Shelf) -> None:
    await shelf(world, "other")
    await record_library_progress(world.student, library_block_id=kept.text_id)
    await delete_library(world.instructor, library_id=kept.library_id)
    assert await all_of(world.admin, Library.slug) == [("other",)]
    assert [len(await all_of(world.admin, each.id)) for each in (LibraryMember, LibraryBlock, LibraryProgress)] == [
        3,
        2,
        0,
    ]


async def test_what_everybody_may(world: University, kept: Shelf) -> None:
    here: dict[str, Any] = {"library_id": kept.library_id}
    keys = [kept.unit_id, kept.text_id]
    guest = Context(Principal(0), world.admin.db, world.admin.clock)

    async def seen(ctx: Context) -> tuple[int, list[Any], list[str | None]]:
        columns = (LibraryBlock.id, ctx.readable(LibraryBlock.content))
        rows = await ctx.db.fetch(select(*columns).where(ctx.visible(LibraryBlock)).order_by(LibraryBlock.id))
        return len(rows), [row[1] for row in rows], await html_of_library_blocks(ctx, keys)

    text = "<p>Solve.</p>"
    for ctx in (world.loner, guest):
        assert await seen(ctx) == (0, [], [None, None])
    await update_library(world.instructor, **here, allows_public_learning=True)
    for ctx in (world.loner, guest):
        assert await seen(ctx) == (2, [None, None], [None, text])
    await update_library(world.instructor, **here, allows_public_learning=False, allows_public_read=True)
    for ctx in (world.loner, guest, world.student):
        assert await seen(ctx) == (2, [None, text], [None, text])
    assert await seen(world.anonymous) == (0, [], [None, None])


async def test_tickets(world: University) -> None:
    ctx, db = world.student, world.student.db
    text, over = await ticket(ctx, KEY, SIGNING), NOW + LIFETIME

    async def holder(text: str, key: str = KEY, now: Any = NOW, signing: Signing = SIGNING) -> Principal:
        return await holder_of_ticket(db, text, key, now, signing)

    found = await holder(text, now=over - timedelta(seconds=1))
    assert (found.user_id, found.is_admin, over - NOW >= timedelta(days=2)) == (world.student_id, False, True)
    assert await holder(await ticket(world.anonymous, KEY, SIGNING)) == Principal.anonymous
    assert (await holder(await ticket(world.admin, KEY, SIGNING))).is_admin
    with pytest.raises(TokenExpired):
        await holder(text, now=over)
    other = replace(SIGNING, secret="x" * 32)
    for wrong in (
        holder(text, KEY + "2"),
        holder(text[:-1]),
        holder("x"),
        holder("x" * 9000),
        holder(text, signing=other),
        holder(await ticket(ctx, KEY, other)),
    ):
        with pytest.raises(Unauthenticated):
            await wrong
    await db.execute(update(User).where(User.id == world.student_id).values(is_active=False))
    with pytest.raises(Unauthenticated):
        await holder(text)
