"""A request that writes: keys, nulls and numbers in inputs, several mutations, what each of them sees."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from app.domain.catalog.service import create_organization
from app.principal import SCOPES, Principal
from schema.core.errors import formatted
from schema.core.inputs import Shape, key
from schema.core.keys import key_of
from schema.core.needs import declared
from schema.core.node import global_id
from schema.enrollment.types import Enrollment
from schema.graph import build
from schema.identity.types import User
from tests.domain.proof import nothing_changes
from tests.domain.site import Site
from tests.schema.client import ask, denial, execute, refusal, write

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (global_id("User", 7), 7),
        ("7", 7),
        ("0000000007", 7),
        ("2147483647", 2147483647),
        (global_id("User", 2147483647), 2147483647),
        ("2147483648", 0),
        ("99999999999", 0),
        (global_id("User", 2147483648), 0),
        (global_id("Course", 7), 0),
        ("-7", 0),
        ("7.0", 0),
        (" 7", 0),
        ("٧", 0),
        ("", 0),
        ("junk", 0),
        ("User:7", 0),
    ],
)
def test_a_key_is_a_global_id_or_digits(text: str, expected: int) -> None:
    assert key_of(User, text) == expected


@pytest.mark.parametrize("junk", ["junk", "0", "-1", "2147483648", global_id("Course", 1), global_id("User", 999_999)])
async def test_a_key_of_nothing_is_not_found(site: Site, junk: str) -> None:
    assert await denial(site.world.admin, "updateUser", userId=junk, name="x") == "NOT_FOUND"


async def test_a_number_beyond_all_floats_is_refused(site: Site) -> None:
    document = "mutation($a: ID!, $u: ID!) { overrideGrade(input: {assessmentId: $a, userId: $u, points: 1e999}) "
    document += "{ columnGrade { id } userErrors { code field } } }"
    keys = {"a": site.work.assessment_id, "u": site.world.student_id}
    async with nothing_changes(site.world.admin):
        refused = await ask(site.world.instructor, document, **keys)
    assert refused["overrideGrade"] == {
        "columnGrade": None,
        "userErrors": [{"code": "OUT_OF_RANGE", "field": ["points"]}],
    }


@pytest.mark.parametrize(
    "literal",
    [
        '{username: "n", isStaff: "yes"}',
        '{username: "a\\u0000b"}',
        "{username: 1}",
        '{username: "n", shoeSize: 43}',
        "{}",
    ],
)
async def test_a_malformed_input_is_a_request_error(site: Site, literal: str) -> None:
    document = f"mutation {{ createUser(input: {literal}) {{ user {{ id }} }} }}"
    async with nothing_changes(site.world.admin):
        answer = await execute(site.world.admin, document)
    assert (answer.data, answer.codes) == (None, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    ("mutation", "input"),
    [
        ("createUser", {"username": "a\0b"}),
        ("createUser", {"username": None}),
        ("createGroupSet", {"courseInstanceId": "1", "name": "x", "maxSize": 2**31}),
        ("createGroupSet", {"courseInstanceId": "1", "name": "x", "maxSize": 2, "minSize": None}),
        ("createCourse", {"organizationId": 1.5, "key": "x", "shortName": "x", "title": "x"}),
        ("enrollUser", {"courseInstanceId": "1", "person": {"uid": "a", "username": "b"}}),
        ("enrollUser", {"courseInstanceId": "1", "person": {}}),
        ("enrollUser", {"courseInstanceId": "1", "person": {"uid": None}}),
        ("updateEnrollment", {"enrollmentId": "1", "role": "TEACHER"}),
    ],
)
async def test_a_malformed_variable_is_a_request_error(site: Site, mutation: str, input: dict[str, Any]) -> None:
    kind = mutation[0].upper() + mutation[1:]
    document = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
    async with nothing_changes(site.world.admin):
        answer = await execute(site.world.admin, document, {"input": input})
    assert (answer.data, answer.codes) == (None, ["BAD_USER_INPUT"])


TWO = """mutation($first: CreateOrganizationInput!, $second: CreateOrganizationInput!) {
  first: createOrganization(input: $first) { organization { key } userErrors { code field } }
  second: createOrganization(input: $second) { organization { key } userErrors { code field } }
}"""


async def keys_of_organizations(ctx: Context) -> list[str]:
    found = await ask(ctx, "{ organizations { nodes { key } } }")
    return [each["key"] for each in found["organizations"]["nodes"]]


async def test_a_refused_mutation_leaves_the_one_before(site: Site) -> None:
    admin, art = site.world.admin, {"key": "art", "name": "Art"}
    both = await ask(admin, TWO, first=art, second={**art, "name": "Again"})
    assert both == {
        "first": {"organization": {"key": "art"}, "userErrors": []},
        "second": {"organization": None, "userErrors": [{"code": "TAKEN", "field": ["key"]}]},
    }
    assert await keys_of_organizations(admin) == ["uni", "art"]


async def test_a_failed_mutation_leaves_the_ones_beside_it(site: Site) -> None:
    admin = site.world.admin
    document = """mutation($course: ID!) {
      first: createOrganization(input: {key: "art", name: "Art"}) { organization { key } }
      second: updateCourse(input: {courseId: "junk", title: "x"}) { course { title } }
      third: updateCourse(input: {courseId: $course, title: "Waves"}) { course { title } }
    }"""
    answer = await execute(admin, document, {"course": site.world.course_id})
    assert (answer.codes, answer.errors[0]["path"]) == (["NOT_FOUND"], ["second"])
    assert answer.data == {
        "first": {"organization": {"key": "art"}},
        "second": None,
        "third": {"course": {"title": "Waves"}},
    }
    assert await keys_of_organizations(admin) == ["uni", "art"]


async def test_every_payload_reads_what_was_written_before_it(site: Site) -> None:
    """Loaders would answer the second from what they loaded for the first."""
    document = """mutation($id: ID!) {
      first: updateCourse(input: {courseId: $id, title: "One"}) { course { ...It } }
      second: updateCourse(input: {courseId: $id, title: "Two", shortName: "2"}) { course { ...It } }
    }
    fragment It on Course { title shortName courseInstances { nodes { course { title } } } }"""
    both = await ask(site.world.admin, document, id=site.world.course_id)
    for field, title, short_name in (("first", "One", "EE 210"), ("second", "Two", "2")):
        instances = {"nodes": [{"course": {"title": title}}] * 2}
        assert both[field] == {"course": {"title": title, "shortName": short_name, "courseInstances": instances}}


async def test_the_same_rule_names_every_part_of_the_input(site: Site) -> None:
    """A broken rule in a list says which element, in the spelling of the graph."""
    answers = [{"problemId": site.work.problem_ids["Style"], "answer": 1}] * 2
    refused = await refusal(site.world.student, "submit", assessmentInstanceId=site.sitting_id, answers=answers)
    assert refused == ("INVALID", ["answers", "1", "problemId"])


async def test_what_nobody_foresaw_is_masked_and_rolled_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(ctx: Context, **arguments: Any) -> None:
        await create_organization(ctx, **arguments)
        raise RuntimeError("secret")

    graph, admin = build(), site.world.admin
    assert graph.schema.mutation_type is not None
    field = declared(graph.schema.mutation_type.fields["createOrganization"])
    monkeypatch.setattr(field, "function", broken)
    prepared = graph.prepare(
        'mutation { createOrganization(input: {key: "art", name: "Art"}) { organization { key } } }'
    )
    async with nothing_changes(admin):
        result = await graph.execute(prepared, Context(admin.principal, admin.db, admin.clock))
    assert result.data == {"createOrganization": None}
    (error,) = [formatted(error) for error in result.errors or ()]
    assert (error["message"], error["extensions"]) == ("Internal server error", {"code": "INTERNAL_ERROR"})


def test_an_argument_that_nobody_describes_fails() -> None:
    async def use_case(ctx: Context, *, colour: str) -> int:
        raise NotImplementedError

    with pytest.raises(TypeError, match="nobody says what the argument colour is"):
        Shape("PaintInput", use_case, Enrollment, "…")
    with pytest.raises(TypeError, match="use_case has no argument shade"):
        Shape("PaintInput", use_case, Enrollment, "…", colour="Which.", shade="Which.")


def test_a_key_that_refers_to_nothing_known_fails() -> None:
    async def use_case(ctx: Context, *, pot_id: int) -> int:
        raise NotImplementedError

    with pytest.raises(TypeError, match="nobody says whose key the argument pot_id is"):
        Shape("PaintInput", use_case, Enrollment, "…", pot_id="Which.")
    assert Shape("PaintInput", use_case, Enrollment, "…", pot_id=key(User, "Whose.")).values({"potId": "7"}) == {
        "pot_id": 7
    }


async def test_the_program_itself_may_write(site: Site) -> None:
    """An administrator without an account, as the command line is."""
    program = Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), site.world.admin.db)
    made = await write(program, "createUser", "user { username }", username="new")
    assert made == {"user": {"username": "new"}}
