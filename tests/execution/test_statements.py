"""The SQL of plans: only the columns that are asked, and in every statement who may see its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.db.base import Base
from app.db.compiled import Read, compile_read
from app.db.session import Database, Rows
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.catalog.models import Course, CourseInstance, Organization
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import Score
from app.domain.groups.models import Group, GroupMembership
from app.domain.identity.models import User
from app.policy import visible
from app.reading.statements import VIEWINGS
from tests.execution.asking import answer
from tests.execution.conftest import Campus

HERE = 'courseInstance(by: {name: "sig-f24"})'
DEEP = f"""{{
  users {{ nodes {{ name }} totalCount }}
  organizations {{ nodes {{ courses {{ nodes {{ title }} }} }} }}
  {HERE} {{
    course {{ title }}
    assessmentCategories {{ name }}
    assessments {{ nodes {{ problems {{ name }} assessmentInstances {{ nodes {{
      user {{ name }} submissions {{ nodes {{ number scores {{ value }} }} }}
    }} }} }} totalCount }}
    groups {{ nodes {{ members {{ uid }} memberships {{ joinedAt }} }} }}
    enrollments {{ nodes {{ role }} }}
  }}
}}"""
MODELS: dict[str, list[type[Base]]] = {
    "users.nodes": [User],
    "users.totalCount": [User],
    "organizations": [Organization],
    "organizations.courses": [Course],
    "courseInstance": [CourseInstance],
    "course": [Course],
    "assessmentCategories": [AssessmentCategory],
    "assessments.nodes": [Assessment],
    "problems": [Problem],
    "assessmentInstances": [AssessmentInstance],
    "user": [User],
    "submissions": [Submission],
    "scores": [Score],
    "assessments.totalCount": [Assessment],
    "groups": [Group],
    "members": [GroupMembership, User],
    "memberships": [GroupMembership],
    "enrollments": [Enrollment],
}


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The text of every statement that is read, in one line."""
    found: list[str] = []
    read_raw = Database.read_raw

    async def spied(db: Database, read: Read, given: Any) -> Rows:
        found.append(plain(read.sql))
        return await read_raw(db, read, given)

    monkeypatch.setattr(Database, "read_raw", spied)
    yield found


def plain(sql: str) -> str:
    """A statement in one line, its parameters without numbers and types, what has no name without a number."""
    said = re.sub(r"\$\d+(::[A-Z]+( WITH TIME ZONE)?(\[\])?)?", "?", " ".join(sql.split()))
    return re.sub(r"\banon_\d+\b", "anon", said)


async def read_by(ctx: Context, document: str, statements: list[str]) -> list[str]:
    """The statements of a plan, without those of graphql-core, which follow."""
    found = await answer(ctx, document)
    assert (found.errors, found.report.retreat) == ([], None)
    assert found.statements == found.report.statements
    return statements[: found.statements]


def itself(statement: str) -> str:
    """A statement without the named ones that stand before it."""
    depth = 0
    for found in re.finditer(r"[()]|\bSELECT\b", statement):
        if found[0] == "SELECT" and depth == 0:
            return statement[found.start() :]
        depth += {"(": 1, ")": -1}.get(found[0], 0)
    return statement


def columns(statement: str) -> str:
    """What a statement selects, without the names of tables."""
    return re.sub(r"\w+\.| AS \w+", "", itself(statement).removeprefix("SELECT ").split(" FROM ")[0]).replace('"', "")


def predicate(ctx: Context, model: type[Base]) -> str:
    """The SQL of who may see the rows of a model."""
    table: Any = model.__table__
    statement = select(table.c.id).where(visible(model, VIEWINGS["user"]))
    return itself(plain(compile_read(statement, ctx.db.sqlalchemy_dialect).sql)).split(" WHERE ", 1)[1]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("longName", ["long_name"]),
        ("longName a: longName b: longName", ["long_name"]),
        ("__typename", ["id"]),
        ("id databaseId name", ["id, name"]),
        ("course { title }", ["course_id", "id, title"]),
        ("name course { id }", ["name, course_id", "id, id"]),
        ("assessmentCategories { name }", ["id", "course_instance_id, name"]),
        ("assessments { nodes { title } }", ["id", "course_instance_id, title"]),
        ("assessments { nodes { title } edges { node { kind } } }", ["id", "course_instance_id, title, kind"]),
        ("assessments { edges { cursor } }", ["id", "course_instance_id, category_id, position, id"]),
        ("assessments { totalCount }", ["id", "course_instance_id, count(*)"]),
        ("assessments { totalCount a: totalCount }", ["id", "course_instance_id, count(*)"]),
        ("enrollments { nodes { user { displayName } } }", ["id", "course_instance_id, user_id", "id, name, uid"]),
        ("groups { nodes { members { uid } } }", ["id", "course_instance_id, id", "group_id, uid"]),
    ],
)
async def test_only_what_is_asked_is_selected(
    campus: Campus, statements: list[str], selection: str, expected: list[str]
) -> None:
    """And the keys that relations start from; a relation's rows begin with the key of their parent."""
    found = await read_by(campus.world.instructor, f"{{ {HERE} {{ {selection} }} }}", statements)
    assert [columns(each) for each in found] == expected


async def test_who_may_see_it_is_in_every_statement(campus: Campus, statements: list[str]) -> None:
    ctx = campus.world.instructor
    found = await read_by(ctx, DEEP, statements)
    assert len(found) == len(MODELS)
    for (place, models), statement in zip(MODELS.items(), found, strict=True):
        missing = [model.__name__ for model in models if predicate(ctx, model) not in statement]
        assert missing == [], f"{place}: {statement}"


async def test_a_masked_column_is_read_through_its_mask(campus: Campus, statements: list[str]) -> None:
    (found,) = await read_by(campus.world.student, "{ assessmentInstances { nodes { points number } } }", statements)
    assert "CASE WHEN" in found.split(" FROM ")[0]
    statements.clear()
    (found,) = await read_by(campus.world.admin, "{ assessmentInstances { nodes { points number } } }", statements)
    assert columns(found) == "points, number, id"
