"""Documents are compiled with their mistakes told, and remember where objects are merged into their parents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.openapi import SCALARS, Derivation
from app.rest.document import Document, DocumentError, load
from app.rest.family import Family, System
from app.rest.prairielearn.dialect import PrairieLearn
from app.rest.route import Route, Row
from schema.graph import build

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a family's document, and optionally the fragments beside it."""

    def written(text: str, fragments: str | None = None) -> Path:
        folder = tmp_path / "library"
        folder.mkdir()
        if fragments is not None:
            (folder / "fragments.graphql").write_text(fragments)
        (folder / "courses.graphql").write_text(text)
        return folder / "courses.graphql"

    return written


def compiled(path: Path, name: str = "A") -> Document:
    """An operation of a document."""
    return load(build(), path)[name]


MISTAKES = {
    "an unknown field": (
        "query A {\n  viewer {\n    nope\n  }\n}",
        "library/courses.graphql:3: Cannot query field 'nope' on type 'User'.",
    ),
    "an undeclared variable": (
        "query A {\n  node(id: $x) { id }\n}",
        "library/courses.graphql:2: Variable '$x' is not defined by operation 'A'.",
    ),
    "a variable of the wrong type": (
        "query A($x: Int!) {\n  viewer { id }\n  node(id: $x) { id }\n}",
        "library/courses.graphql:1: Variable '$x' of type 'Int!' used in position expecting type 'ID!'.",
    ),
    "an unknown fragment": (
        "query A {\n  viewer { ...nope }\n}",
        "library/courses.graphql:2: Unknown fragment 'nope'.",
    ),
    "an unknown directive": (
        "query A {\n  viewer @hide { id }\n}",
        "library/courses.graphql:2: Unknown directive '@hide'.",
    ),
    "a slip": ("query A {\n  viewer {\n}", "library/courses.graphql:3: Syntax Error: Expected Name, found <EOF>."),
    "no name": ("\nquery { viewer { id } }", "library/courses.graphql:2: every operation needs a name"),
}


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_document_is_told_with_its_file_and_line(write: Write, text: str, told: str) -> None:
    with pytest.raises(DocumentError) as caught:
        _ = compiled(write(text)).shape
    assert str(caught.value).startswith(told.removesuffix("."))


def test_a_mistake_in_a_fragment_is_told_with_the_fragments_file(write: Write) -> None:
    path = write("query A {\n  viewer { ...who }\n}", "\n\nfragment who on User {\n  nope\n}")
    with pytest.raises(DocumentError, match=r"^library/fragments.graphql:4: Cannot query field 'nope' on type 'User'"):
        _ = compiled(path).shape


@pytest.mark.parametrize(
    ("route", "told"),
    [
        (Route("GET", "/nodes/{id}", "B"), "library/courses.graphql:1: no operation B for GET /nodes/{id}"),
        (Route("GET", "/nodes/{key}/{id}", "A"), "library/courses.graphql:2: A declares no $key"),
    ],
)
def test_a_route_that_does_not_fit_its_document_is_told(write: Write, route: Route, told: str) -> None:
    path = write("\nquery A($id: ID!) { node(id: $id) { id } }")
    system = System("library", "Library", "/library", PrairieLearn(), [Family("courses", [route], path)])
    with pytest.raises(DocumentError) as caught:
        system.endpoints(build())
    assert str(caught.value) == told


def test_a_document_says_what_it_is_and_what_it_takes(write: Write) -> None:
    text = '"""All of it."""\nquery A($id: ID!, $n: Int = 3) { node(id: $id) { id } courses(first: $n) { totalCount } }'
    document = compiled(write(text))
    assert (document.name, document.place) == ("A", "library/courses.graphql:2")
    assert document.description == "All of it."
    assert list(document.variables) == ["id", "n"]


ENROLLMENT = """
query A($id: ID!) {
  enrollments(first: 1) {
    nodes {
      role
      user @spread { who: uid ...names }
      courseInstance @spread {
        place: name
        course @spread { course_title: title organization { organization_key: key } }
      }
    }
  }
  node(id: $id) { ... on Group { members { ...names } } }
}
"""
NAMES = "fragment names on User { displayName ... on User { given: givenName } }"


@pytest.fixture
def enrollment(write: Write) -> Document:
    """A document with objects spread in objects, with fragments, and with lists."""
    return compiled(write(ENROLLMENT, NAMES))


USER = {"who": "ida@uni.example", "displayName": "Ida", "given": None}
COURSE = {"course_title": "Signals", "organization": {"organization_key": "uni"}}


def shaped(document: Document, *nodes: Any) -> Any:
    """What is made of enrolments."""
    data = document.shape.apply({"enrollments": {"nodes": list(nodes)}, "node": {"members": [USER]}})
    assert data["node"] == {"members": [USER]}
    return data["enrollments"]["nodes"]


def test_spread_objects_are_merged_into_their_parents(enrollment: Document) -> None:
    node = {"role": "STUDENT", "user": USER, "courseInstance": {"place": "sig-f24", "course": COURSE}}
    assert shaped(enrollment, node, node) == [{"role": "STUDENT", **USER, "place": "sig-f24", **COURSE}] * 2


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (None, {"place": None, "course_title": None, "organization": None}),
        ({"place": "sig-f24", "course": None}, {"place": "sig-f24", "course_title": None, "organization": None}),
    ],
)
def test_a_null_object_leaves_its_keys_as_null(enrollment: Document, place: Any, expected: Row) -> None:
    found = shaped(enrollment, {"role": "STUDENT", "user": None, "courseInstance": place})
    assert found == [{"role": "STUDENT", "who": None, "displayName": None, "given": None, **expected}]


def test_a_null_where_objects_are_is_left_alone(enrollment: Document) -> None:
    assert shaped(enrollment, None) == [None]
    assert enrollment.shape.apply({"enrollments": None, "node": None}) == {"enrollments": None, "node": None}


RULES = """
query A {
  courses(first: 9) {
    nodes {
      course: key
      courseInstances(first: 9) @spread {
        nodes @spread {
          place: name
          accessRules @spread { rule: databaseId }
        }
      }
    }
  }
}
"""


def test_a_spread_list_makes_a_list_of_its_parent(write: Write) -> None:
    document = compiled(write(RULES))
    places = [
        {"place": "f24", "accessRules": [{"rule": 1}, {"rule": 2}]},
        {"place": "s25", "accessRules": []},
        {"place": "f25", "accessRules": [{"rule": 3}]},
    ]
    nodes = [
        {"course": "EE", "courseInstances": {"nodes": places}},
        {"course": "HI", "courseInstances": {"nodes": []}},
    ]
    assert document.shape.apply({"courses": {"nodes": nodes}}) == {
        "courses": {
            "nodes": [
                {"course": "EE", "place": "f24", "rule": 1},
                {"course": "EE", "place": "f24", "rule": 2},
                {"course": "EE", "place": "f25", "rule": 3},
            ]
        }
    }


def test_the_schema_of_spread_lists(write: Write) -> None:
    derived = Derivation(SCALARS).of(compiled(write(RULES)).shape)
    nodes = derived["properties"]["courses"]["properties"]["nodes"]
    assert nodes["type"] == "array"
    kinds = {name: each["type"] for name, each in nodes["items"]["properties"].items()}
    assert kinds == {"course": "string", "place": "string", "rule": "integer"}


def test_the_schema_of_spread_objects(enrollment: Document) -> None:
    derived = Derivation(SCALARS).of(enrollment.shape)
    row = derived["properties"]["enrollments"]["properties"]["nodes"]["items"]
    kinds = {name: each["type"] for name, each in row["properties"].items()}
    text = ["string", "null"]
    assert kinds == {
        "role": "string",
        **dict.fromkeys(("who", "displayName", "given", "place", "course_title"), text),
        "organization": ["object", "null"],
    }
    assert row["properties"]["role"]["enum"] == ["STUDENT", "COURSE_ASSISTANT", "INSTRUCTOR"]
    assert row["required"] == list(row["properties"])


def test_a_spread_that_is_certain_is_never_null(write: Write) -> None:
    document = compiled(write("query A { enrollments { nodes { user @spread(certain: true) { uid name } } } }"))
    derived = Derivation(SCALARS).of(document.shape)
    row = derived["properties"]["enrollments"]["properties"]["nodes"]["items"]["properties"]
    assert {name: each["type"] for name, each in row.items()} == {"uid": "string", "name": ["string", "null"]}


def test_one_object_selected_twice_is_one(write: Write) -> None:
    text = "query A { viewer { ...a ...b } } fragment a on User { uid } fragment b on User { uid name }"
    shape = compiled(write(text)).shape
    assert list(shape.fields["viewer"].fields) == ["uid", "name"]
