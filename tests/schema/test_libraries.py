"""Libraries in the graph: made, filled, found by key, used; what members and others read of them."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from tests.factories import University, university
from tests.schema.client import ask, denial, document_of, refusal, write

pytestmark = pytest.mark.anyio
UNIT, TASK = "lb:uni:waves:unit:u", "lb:uni:waves:problem:p"
OLX = '<stringresponse answer="0"><textline/></stringresponse>'
SHELF = """query ($key: String!) { library(by: {key: $key}) { title organization { key } membership { level }
    members { totalCount nodes { level user { username } } }
    blocks { totalCount nodes { usageKey html content fields children { name } parent { name } } } } }"""
BLOCK = """query ($key: String!) { libraryBlock(by: {usageKey: $key}) { id name library { slug }
    progress { completion state } } }"""
FOUND = """query ($key: String!) { library(by: {key: $key}) { id } }"""


@pytest.fixture
async def world(ctx: Context) -> University:
    """With a library of a unit and a problem in it, which an assistant wrote and a student may read."""
    made = await university(ctx)
    library = await write(
        made.admin, "createLibrary", "library { id }", organizationId=made.organization_id, slug="waves", title="Waves"
    )
    here: dict[str, Any] = {"libraryId": library["library"]["id"]}
    for user_id, level in ((made.assistant_id, "AUTHOR"), (made.student_id, "READ")):
        await write(made.admin, "setLibraryMember", "libraryMember { level }", **here, userId=user_id, level=level)
    saved = await write(
        made.assistant, "saveLibraryBlock", "libraryBlock { id }", **here, kind="unit", name="Unit", usageKey=UNIT
    )
    below = {"kind": "problem", "usageKey": TASK, "parentId": saved["libraryBlock"]["id"], "content": OLX}
    shown = await write(made.assistant, "saveLibraryBlock", "libraryBlock { position }", **here, **below, name="Sine")
    assert shown == {"libraryBlock": {"position": 1}}
    return made


async def waves(world: University) -> str:
    """The id of the library."""
    found: str = (await ask(world.admin, FOUND, key="lib:uni:waves"))["library"]["id"]
    return found


async def shelf(ctx: Context) -> Any:
    return (await ask(ctx, SHELF, key="lib:uni:waves"))["library"]


async def test_what_members_and_others_read(world: University) -> None:
    found = await shelf(world.student)
    form = found["blocks"]["nodes"][1].pop("html")
    assert form.startswith('<div class="response"><input type="text" name="l')
    assert "answer" not in form.replace("Your answer", "")
    mine = {"level": "READ", "user": {"username": "sam"}}
    assert found == {
        "title": "Waves",
        "organization": {"key": "uni"},
        "membership": {"level": "READ"},
        "members": {"totalCount": 1, "nodes": [mine]},
        "blocks": {
            "totalCount": 2,
            "nodes": [
                {
                    "usageKey": UNIT,
                    "html": None,
                    "content": None,
                    "fields": {},
                    "children": [{"name": "Sine"}],
                    "parent": None,
                },
                {"usageKey": TASK, "content": OLX, "fields": {}, "children": [], "parent": {"name": "Unit"}},
            ],
        },
    }
    assert (await shelf(world.admin))["members"]["totalCount"] == 3
    assert await shelf(world.loner) is None
    library = {"libraryId": await waves(world), "allowsPublicLearning": True}
    await write(world.admin, "updateLibrary", "library { allowsPublicLearning }", **library)
    seen = await shelf(world.loner)
    assert (seen["membership"], seen["members"]["totalCount"]) == (None, 0)
    assert [(each["content"], each["fields"]) for each in seen["blocks"]["nodes"]] == [(None, None)] * 2
    assert seen["blocks"]["nodes"][1]["html"] == form


async def test_progress_is_read_back(world: University) -> None:
    block = (await ask(world.student, BLOCK, key=TASK))["libraryBlock"]
    said = {"libraryBlockId": block["id"], "completion": 0.5, "state": {"second": 7}}
    made = await write(
        world.student, "recordLibraryProgress", "libraryProgress { completion user { username } }", **said
    )
    assert made == {"libraryProgress": {"completion": 0.5, "user": {"username": "sam"}}}
    found = (await ask(world.student, BLOCK, key=TASK))["libraryBlock"]
    progress = {"completion": 0.5, "state": {"second": 7}}
    assert found == {"id": block["id"], "name": "Sine", "library": {"slug": "waves"}, "progress": progress}
    assert (await ask(world.assistant, BLOCK, key=TASK))["libraryBlock"]["progress"] is None
    assert await refusal(world.student, "recordLibraryProgress", **said | {"completion": 2}) == (
        "OUT_OF_RANGE",
        ["completion"],
    )


async def test_refusals_name_the_input_s_field(world: University) -> None:
    here: dict[str, Any] = {"libraryId": await waves(world), "kind": "html"}
    assert await refusal(world.assistant, "saveLibraryBlock", **here, usageKey=TASK) == ("INVALID", ["usageKey"])
    assert await refusal(world.assistant, "saveLibraryBlock", **here, parentId="junk") == ("NOT_FOUND", ["parentId"])
    again = {"organizationId": world.organization_id, "slug": "Waves", "title": "Again"}
    assert await refusal(world.admin, "createLibrary", **again) == ("TAKEN", ["slug"])
    assert await denial(world.student, "saveLibraryBlock", None, **here) == "FORBIDDEN"
    assert await denial(world.loner, "saveLibraryBlock", None, **here) == "NOT_FOUND"


async def test_a_deleted_library_is_gone(world: University) -> None:
    key = await waves(world)
    payload = (await ask(world.admin, document_of("deleteLibrary"), input={"libraryId": key}))["deleteLibrary"]
    assert payload == {"deletedId": key, "userErrors": []}
    assert await shelf(world.admin) is None
    assert (await ask(world.admin, BLOCK, key=TASK))["libraryBlock"] is None
