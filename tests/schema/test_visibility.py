"""Which rows each reader sees: by id, in lists, by look-up, and through relations from what they see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, get_named_type
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.base import model_of_table, owner
from schema.core.needs import declared
from schema.core.node import global_id
from schema.core.registry import name_of
from schema.core.relate import Many, One, Page, Through
from schema.core.roots import LookUp, Roots
from schema.graph import build
from tests.schema.client import ask, execute
from tests.schema.names import PARTS, model_for
from tests.schema.semester import READERS, Semester, semester
from tests.schema.sight import SEEN, readers_of, seen

SCHEMA = build().schema
assert SCHEMA.query_type is not None
ROOTS = {name: declared(field) for name, field in SCHEMA.query_type.fields.items()}
LISTS = {name: root for name, root in ROOTS.items() if isinstance(root, Roots)}
LOOK_UPS = {name: root for name, root in ROOTS.items() if isinstance(root, LookUp)}
BY_IDS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id databaseId __typename } }"

every_reader = pytest.mark.parametrize("reader", READERS, ids=READERS.get)


@pytest.fixture(scope="module")
async def here(engine: AsyncEngine) -> AsyncIterator[Semester]:
    async with semester(engine) as made:
        yield made


async def test_the_table_has_every_type_and_every_row(here: Semester) -> None:
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    assert {kind.name for kind in SCHEMA.get_possible_types(node)} == set(SEEN) == set(PARTS)
    assert {kind: set(readers_of(kind)) for kind in SEEN} == {kind: set(here.names.keys[kind]) for kind in SEEN}


@every_reader
@pytest.mark.parametrize("kind", SEEN)
async def test_by_id(here: Semester, kind: str, reader: str) -> None:
    """Invisible and absent are the same: null."""
    ids = {name: here.names.id(kind, name) for name in here.names.keys[kind]}
    asked = [*ids.values(), global_id(kind, 2**31 - 1)]
    found = (await ask(here.reader(reader), BY_IDS, ids=asked))["nodes"]
    names = seen(kind, reader)
    assert found == [
        {"id": ids[name], "databaseId": here.names.keys[kind][name], "__typename": kind} if name in names else None
        for name in ids
    ] + [None]


@every_reader
@pytest.mark.parametrize("root", LISTS)
async def test_lists(here: Semester, root: str, reader: str) -> None:
    kind = name_of(LISTS[root].model)
    document = f"{{ {root}(first: 100) {{ totalCount nodes {{ databaseId }} edges {{ node {{ id }} }} }} }}"
    found = (await ask(here.reader(reader), document))[root]
    keys = sorted(here.names.keys[kind][name] for name in seen(kind, reader))
    assert [each["databaseId"] for each in found["nodes"]] == keys
    assert [each["node"]["id"] for each in found["edges"]] == [global_id(kind, key) for key in keys]
    assert found["totalCount"] == len(keys)


@every_reader
@pytest.mark.parametrize("root", LOOK_UPS)
async def test_look_ups(here: Semester, root: str, reader: str) -> None:
    """By each key of each row: the row, or null where it is not seen."""
    look_up = LOOK_UPS[root]
    kind = name_of(look_up.model)
    document = f"query ($by: {kind}By!) {{ {root}(by: $by) {{ databaseId }} }}"
    for name, key in here.names.keys[kind].items():
        keys = {spelled: here.names.row(kind, name)[column.key] for spelled, column in look_up.keys.items()}
        expected = {"databaseId": key} if name in seen(kind, reader) else None
        for spelled, value in {"id": global_id(kind, key), **keys}.items():
            if value is not None:
                answer = await ask(here.reader(reader), document, by={spelled: value})
                assert answer == {root: expected}, (name, spelled)


def relations(kind: str) -> dict[str, Any]:
    """The relations of a type to types of its own right, by field name."""
    fields = getattr(SCHEMA.type_map[kind], "fields")  # noqa: B009 - an object type
    found = {name: declared(field) for name, field in fields.items()}
    return {name: relation for name, relation in found.items() if isinstance(relation, One | Many | Page)}


def selection(name: str, relation: Any) -> str:
    """What to ask of a relation."""
    return f"{name}(first: 100) {{ totalCount nodes {{ id }} }}" if isinstance(relation, Page) else f"{name} {{ id }}"


class Expected:
    """What a reader should find behind the relations of a row, from the rows themselves and the table of readers."""

    def __init__(self, here: Semester, reader: str) -> None:
        self.names, self.reader = here.names, reader

    def behind(self, relation: Any, row: Any) -> Any:
        """The answer to the selection of a relation."""
        if isinstance(relation, One):
            return self.one(relation, row)
        found = self.linked(relation, row) if isinstance(relation, Through) else self.children(relation, row)
        ids = [{"id": each} for each in found]
        return {"totalCount": len(ids), "nodes": ids} if isinstance(relation, Page) else ids

    def sees(self, kind: str, key: int) -> bool:
        return self.names.names[kind][key] in seen(kind, self.reader)

    def one(self, relation: One, row: Any) -> Any:
        """Learners learn who marked a score with its release; nothing here is marked anonymously."""
        key, kind = row[relation.key], name_of(owner(relation.target))
        if relation.target.key != "id":
            rows = self.names.rows[kind].values()
            key = next((each["id"] for each in rows if each[relation.target.key] == key), None)
        is_private = relation.key == "locked_by_id" or (relation.key == "grader_id" and not row["is_released"])
        is_hidden = is_private and self.reader not in "OAID"
        return {"id": global_id(kind, key)} if key is not None and not is_hidden and self.sees(kind, key) else None

    def children(self, relation: Any, row: Any) -> list[str]:
        kind = name_of(relation.model)
        rows = [each for each in self.names.rows[kind].values() if each[relation.foreign.key] == row[relation.key]]
        return self.ordered(kind, relation, [each for each in rows if self.sees(kind, each["id"])])

    def linked(self, relation: Through, row: Any) -> list[str]:
        """Only groups have members: the links that have not ended."""
        link, kind = name_of(owner(relation.foreign)), name_of(relation.model)
        keys = {
            each[relation.far.key]
            for each in self.names.rows[link].values()
            if each[relation.foreign.key] == row["id"] and each["left_at"] is None and self.sees(link, each["id"])
        }
        rows = [self.names.rows[kind][key] for key in keys if self.sees(kind, key)]
        return self.ordered(kind, relation, rows)

    def ordered(self, kind: str, relation: Any, rows: list[Any]) -> list[str]:
        """Global ids in the relation's order; null is the smallest, the key decides among equals."""
        rows = sorted(rows, key=lambda row: row["id"])
        for column in reversed(relation.order.columns):
            falls = column in relation.order.descending
            rows.sort(key=lambda row, name=column: (row[name] is not None, row[name]), reverse=falls)  # type: ignore[misc]
        return [global_id(kind, row["id"]) for row in rows]


@every_reader
@pytest.mark.parametrize("kind", [kind for kind in SEEN if relations(kind)])
async def test_relations(here: Semester, kind: str, reader: str) -> None:
    """From every row that a reader sees, every relation shows what they see of what is behind it, and counts that."""
    asked = relations(kind)
    selected = " ".join(selection(name, relation) for name, relation in asked.items())
    names = seen(kind, reader)
    ids = [here.names.id(kind, name) for name in names]
    document = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ {selected} }} }} }}"
    found = (await ask(here.reader(reader), document, ids=ids))["nodes"]
    expected = Expected(here, reader)
    for name, answer in zip(names, found, strict=True):
        row = here.names.row(kind, name)
        assert answer == {field: expected.behind(relation, row) for field, relation in asked.items()}, name


def test_every_relation_of_a_node_leads_to_a_node() -> None:
    for kind in SEEN:
        for name, relation in relations(kind).items():
            field = getattr(SCHEMA.type_map[kind], "fields")[name]  # noqa: B009 - an object type
            model = model_for(get_named_type(field.type).name.removesuffix("Connection"))
            target = owner(relation.target) if isinstance(relation, One) else relation.model
            assert model is target is model_of_table(model.__tablename__)


ANONYMOUS = [
    '{ node(id: "VXNlcjox") { id } }',
    "{ nodes(ids: []) { id } }",
    *(f"{{ {root} {{ totalCount }} }}" for root in LISTS),
    *(f"{{ {root}(first: 1) {{ nodes {{ id }} }} }}" for root in LISTS),
    *(f"{{ {root}(by: {{databaseId: 1}}) {{ id }} }}" for root in LOOK_UPS),
]


@pytest.mark.parametrize("document", ANONYMOUS)
async def test_nobody_sees_anything_without_signing_in(here: Semester, document: str) -> None:
    answer = await execute(here.world.anonymous, document)
    assert answer.codes == ["UNAUTHENTICATED"]
    assert not answer.data or set(answer.data.values()) == {None}


@every_reader
async def test_the_viewer_is_oneself(here: Semester, reader: str) -> None:
    ctx = here.reader(reader)
    assert await ask(ctx, "{ viewer { databaseId } }") == {"viewer": {"databaseId": ctx.user_id}}
    assert await ask(here.world.anonymous, "{ viewer { uid } }") == {"viewer": None}
