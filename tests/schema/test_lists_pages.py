"""Orders and pages of lists: every order of every root list and every connection, walked by one and by three."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from graphql import GraphQLEnumType
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.domain.identity.models import User
from schema.core.needs import declared
from schema.core.node import global_id
from schema.core.registry import name_of
from schema.core.relate import Page
from schema.core.roots import Roots
from schema.graph import build
from tests.clock import NOW
from tests.schema.client import ask, execute
from tests.schema.inventory import inventory, ordered, rows_of
from tests.schema.names import PARTS, model_for

SCHEMA = build().schema
assert SCHEMA.query_type is not None
FIELDS = {name: declared(field) for name, field in SCHEMA.query_type.fields.items()}
LISTS: dict[str, Roots] = {name: root for name, root in FIELDS.items() if isinstance(root, Roots)}
PAGE = "totalCount nodes { databaseId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor }"
Key = tuple[str, bool]


def orders_of(root: str) -> dict[str, str]:
    """The columns that a list can be ordered by, by the names of the enum."""
    kind = SCHEMA.type_map[f"{name_of(LISTS[root].model)}OrderField"]
    assert isinstance(kind, GraphQLEnumType)
    return {name: "id" if name == "DATABASE_ID" else name.lower() for name in kind.values}


ORDERS = [(root, name, falls) for root in LISTS for name in orders_of(root) for falls in (False, True)]


@pytest.fixture(scope="module")
async def stock(engine: AsyncEngine) -> AsyncIterator[Context]:
    async with inventory(engine) as made:
        yield made


@pytest.fixture
async def admin(stock: Context) -> AsyncIterator[Context]:
    """The module's administrator; what the test writes is forgotten."""
    savepoint = await (await stock.db.connection()).begin_nested()
    yield stock
    await savepoint.rollback()


class Walk:
    """Reads a connection page after page: `where` leads to it in the answer, `document` has `$first` and `$after`."""

    def __init__(self, admin: Context, document: str, *where: str, **variables: Any) -> None:
        self.admin, self.document, self.where, self.variables = admin, document, where, variables
        self.after: str | None = None
        self.is_over = False

    async def page(self, first: int) -> list[int]:
        """The keys on the next page, whose cursors and flags must agree with it."""
        answer = await ask(self.admin, self.document, first=first, after=self.after, **self.variables)
        for step in self.where:
            answer = answer[step]
        info, cursors = answer["pageInfo"], [each["cursor"] for each in answer["edges"]]
        assert info["hasPreviousPage"] is (self.after is not None)
        assert [info["startCursor"], info["endCursor"]] == ([cursors[0], cursors[-1]] if cursors else [None, None])
        self.after, self.is_over = info["endCursor"], not info["hasNextPage"]
        return [each["databaseId"] for each in answer["nodes"]]

    async def rest(self, first: int) -> list[int]:
        """The keys on all pages that are left; all but the last are full."""
        found: list[int] = []
        while not self.is_over:
            page = await self.page(first)
            assert len(page) == first if not self.is_over else 0 < len(page) <= first
            found += page
        return found


def document_of(root: str) -> str:
    """A page of a root list, in an order."""
    order = f"{name_of(LISTS[root].model)}Order"
    return f"""query ($first: Int, $after: String, $order: [{order}!]) {{
        {root}(first: $first, after: $after, orderBy: $order) {{ {PAGE} }} }}"""


@pytest.mark.parametrize(("root", "name", "falls"), ORDERS)
async def test_every_order_of_a_root_list(admin: Context, root: str, name: str, falls: bool) -> None:
    rows = await rows_of(admin, LISTS[root].model)
    expected = ordered(rows, (orders_of(root)[name], falls))
    order = [{"field": name, "direction": "DESC" if falls else "ASC"}]
    for first in (1, 3, 100):
        walk = Walk(admin, document_of(root), root, order=order)
        assert await walk.rest(first) == expected


@pytest.mark.parametrize("root", LISTS)
async def test_several_keys(admin: Context, root: str) -> None:
    """The first decides, the next among equals; a key named twice counts once; nothing named is by entry."""
    rows, columns = await rows_of(admin, LISTS[root].model), orders_of(root)
    names = list(reversed(columns))[:3]
    for directions in ((False, True, False), (True, False, True)):
        keys = list(zip(names, directions, strict=False))
        order = [{"field": name, "direction": "DESC" if falls else "ASC"} for name, falls in keys]
        expected = ordered(rows, *((columns[name], falls) for name, falls in keys))
        twice = [*order, {"field": names[0], "direction": "ASC"}]
        assert await Walk(admin, document_of(root), root, order=order).rest(2) == expected
        assert await Walk(admin, document_of(root), root, order=twice).rest(100) == expected
    assert await Walk(admin, document_of(root), root, order=[]).rest(4) == ordered(rows)
    assert await Walk(admin, document_of(root), root, order=None).rest(4) == ordered(rows)


async def test_rows_that_appear_while_pages_are_read(admin: Context) -> None:
    """Nothing is read twice or left out; a new row is read when it belongs behind the cursor."""
    walk = Walk(admin, document_of("users"), "users", order=[{"field": "USERNAME"}])
    rows = await rows_of(admin, User)
    expected = ordered(rows, ("username", False))
    assert await walk.page(3) == expected[:3]
    keys = {name: await add_user(admin, name) for name in ("Aaa", "n25", "zz")}
    moved = expected[-1]
    await admin.db.execute(update(User).where(User.id == moved).values(username="AAA"))
    here = ordered(await rows_of(admin, User), ("username", False))
    assert await walk.rest(2) == [*here[here.index(expected[2]) + 1 :]]
    assert set(here) - set(expected) == set(keys.values())
    assert keys["Aaa"] not in here[here.index(expected[2]) :]


async def add_user(admin: Context, username: str) -> int:
    """One more row."""
    values = {"username": username, "uid": username, "uuid": username, "created_at": NOW, "updated_at": NOW}
    key: int = await admin.db.scalar(insert(User).values(**values).returning(User.id))
    return key


PAGES = [
    (kind, name)
    for kind in PARTS
    for name, field in SCHEMA.type_map[kind].fields.items()  # type: ignore[attr-defined]
    if isinstance(declared(field), Page)
]


@pytest.mark.parametrize(("kind", "name"), PAGES)
async def test_every_connection_of_a_type(admin: Context, kind: str, name: str) -> None:
    """The connection of the parent that has most in it, and of another one at the same time."""
    page = declared(SCHEMA.type_map[kind].fields[name])  # type: ignore[attr-defined]
    assert isinstance(page, Page)
    children: dict[int, list[Any]] = {row["id"]: [] for row in await rows_of(admin, model_for(kind))}
    for row in await rows_of(admin, page.model):
        if row[page.foreign.key] in children:
            children[row[page.foreign.key]].append(row)
    parents = sorted(children, key=lambda key: len(children[key]), reverse=True)[:2]
    keys = [(column, column in page.order.descending) for column in page.order.columns]
    expected = {key: ordered(children[key], *keys) for key in parents}
    assert len(expected[parents[0]]) >= 6
    document = f"""query ($ids: [ID!]!, $first: Int, $after: String) {{ nodes(ids: $ids) {{ ... on {kind} {{
        page: {name}(first: $first, after: $after) {{ {PAGE} }} }} }} }}"""
    ids = [global_id(kind, key) for key in parents]
    for first in (1, 3, 100):
        for place, key in enumerate(parents):
            walk = Walk(admin, document, "nodes", place, "page", ids=ids)  # type: ignore[arg-type]
            if expected[key]:
                assert await walk.rest(first) == expected[key]
    answer = (await ask(admin, document, ids=ids, first=0))["nodes"]
    assert [each["page"]["totalCount"] for each in answer] == [len(expected[key]) for key in parents]


def cursor(*values: Any) -> str:
    """A cursor of these order values."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


JUNK = ["", "x", "====", "é", "W10", "bnVsbA", "Ww", "e30", "\x7f", "a" * 10_000, "WzEsMl0=x", cursor(), cursor("1")]
OTHERS = [
    cursor(None),
    cursor(1.5),
    cursor(True),
    cursor([1]),
    cursor({"a": 1}),
    cursor(1, 1),
    cursor(2**31),
    cursor(-(2**31)),
    cursor(2**63),
    cursor("2024-01-01T00:00:00+00:00"),
]


@pytest.mark.parametrize("after", [*JUNK, *OTHERS])
async def test_what_is_no_cursor_of_the_list_is_refused(admin: Context, after: str) -> None:
    for document in (
        "query ($after: String) { users(after: $after) { nodes { id } } }",
        "query ($after: String) { users(after: $after) { totalCount } }",
        "query ($after: String) { viewer { columnGrades(after: $after) { nodes { id } } } }",
    ):
        answer = await execute(admin, document, {"after": after})
        assert answer.codes == ["BAD_REQUEST"]
        assert answer.errors[0]["message"] == "the cursor is not one of this connection"


INSTANTS = ["2024-01-01", "2024-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x", 5, True]


@pytest.mark.parametrize("value", INSTANTS)
async def test_what_is_no_instant_in_a_cursor_is_refused(admin: Context, value: Any) -> None:
    document = "query ($a: String) { users(after: $a, orderBy: [{field: CREATED_AT}]) { nodes { id } } }"
    assert (await execute(admin, document, {"a": cursor(value, 1)})).codes == ["BAD_REQUEST"]


async def test_a_cursor_of_another_order_is_refused(admin: Context) -> None:
    by_name = await ask(admin, "{ users(first: 1, orderBy: [{field: USERNAME}]) { pageInfo { endCursor } } }")
    after = by_name["users"]["pageInfo"]["endCursor"]
    for order in ("DATABASE_ID", "CREATED_AT"):
        document = f"query ($a: String) {{ users(after: $a, orderBy: [{{field: {order}}}]) {{ nodes {{ id }} }} }}"
        assert (await execute(admin, document, {"a": after})).codes == ["BAD_REQUEST"]


async def test_a_cursor_may_be_of_a_row_that_is_gone(admin: Context) -> None:
    document = "query ($a: String) { users(after: $a, orderBy: [{field: USERNAME}]) { nodes { username } } }"
    found = (await ask(admin, document, a=cursor("n2")))["users"]["nodes"]
    names = sorted(row["username"] for row in await rows_of(admin, User))
    assert [each["username"] for each in found] == [name for name in names if name > "n2"]


SIZES = {"-1": "BAD_REQUEST", "-2147483648": "BAD_REQUEST", "101": "LIMIT_EXCEEDED", "2147483647": "LIMIT_EXCEEDED"}
CONNECTIONS = [
    "users(first: {}) {{ nodes {{ id }} }}",
    "users(first: {}) {{ totalCount }}",
    "viewer {{ enrollments(first: {}) {{ totalCount }} }}",
]


@pytest.mark.parametrize("connection", CONNECTIONS)
async def test_sizes_of_pages(admin: Context, connection: str) -> None:
    for size, code in SIZES.items():
        answer = await execute(admin, f"{{ {connection.format(size)} }}")
        assert answer.codes == [code]
    for size in ("0", "100", "null"):
        assert (await execute(admin, f"{{ {connection.format(size)} }}")).errors == []
    for size in ("2147483648", "1.5", '"1"'):
        assert (await execute(admin, f"{{ {connection.format(size)} }}")).data is None


async def test_a_page_of_nothing_tells_whether_there_is_more(admin: Context) -> None:
    asked = "totalCount nodes { id } pageInfo { hasNextPage endCursor }"
    document = f'{{ users(first: 0) {{ {asked} }} none: users(first: 0, where: {{name: {{eq: "x"}}}}) {{ {asked} }} }}'
    empty: dict[str, Any] = {"totalCount": 7, "nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}
    nothing: dict[str, Any] = {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    assert await ask(admin, document) == {"users": empty, "none": nothing}


async def test_twenty_is_the_size_of_a_page_when_nothing_is_said(admin: Context) -> None:
    for number in range(20):
        await add_user(admin, f"more{number}")
    found = (await ask(admin, "{ users { totalCount nodes { id } pageInfo { hasNextPage } } }"))["users"]
    assert (found["totalCount"], len(found["nodes"]), found["pageInfo"]) == (27, 20, {"hasNextPage": True})


@pytest.mark.parametrize("size", [2**31 - 1, 101])
async def test_documents_of_our_own_ask_for_pages_of_any_size(admin: Context, size: int) -> None:
    graph = build()
    document = graph.prepare(
        f"{{ organizations(first: {size}) {{ totalCount nodes {{ courses(first: {size}) {{ totalCount }} }} }} }}"
    )
    found = await graph.execute(document, admin, max_page=None)
    assert (found.errors, set(found.data or {})) == (None, {"organizations"})
