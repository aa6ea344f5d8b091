"""The gradebook: who is in it and in which order, what a cell says, and what learners see of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.domain.assessments.models import GradingType
from app.domain.assessments.service import create_assessment, create_category
from app.domain.attempts.service import start_assessment_instance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.enrollment.service import drop_enrollment, enroll, update_enrollment
from app.domain.grades.overrides import exempt_grade, override_grade
from app.domain.grades.service import release_scores
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase
from tests.domain.proof import key_of
from tests.factories import Coursework, University, as_user, at, coursework, handed_in, person, scored, team, university
from tests.schema.client import ask

BOOK = """query ($name: String!) { courseInstance(by: {name: $name}) { gradebook {
    userId standing user { username }
    cells {
        assessmentId assessmentName assessmentLabel categoryAbbreviation assessmentNumber
        assessmentInstanceId points maxPoints scorePerc startedAt durationSeconds isOverridden isExempt changeIndex
    } } } }"""
SHORT = """query ($name: String!) { courseInstance(by: {name: $name}) { gradebook {
    user { username } standing cells { assessmentName points scorePerc isOverridden isExempt } } } }"""
HEADS = [("quiz", "Q3", "Q", "3"), ("lab1", "L1", "L", "1"), ("pair", "L2", "L", "2"), ("later", "L3", "L", "3")]


@dataclass(frozen=True, slots=True)
class Term:
    """The university with four assessments, and people by name."""

    world: University
    lab: Coursework
    pair: Coursework
    people: dict[str, int]

    def context(self, name: str) -> Context:
        """The context of somebody by name."""
        return as_user(self.world.admin, self.people[name])


@pytest.fixture(scope="module")
async def term(engine: AsyncEngine) -> AsyncIterator[Term]:
    async with engine.connect() as connection:
        outer = await connection.begin()
        db = RolledBackDatabase(connection, asyncio.Lock())
        program = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
        yield await build(Context(program, db, clock=lambda: NOW))
        await outer.rollback()


async def build(ctx: Context) -> Term:
    """Learners abe, gil, sam, sue, zoe; eve has completed the course; dan and bob have dropped it, bob with a grade."""
    world = await university(ctx)
    admin, place = world.admin, world.course_instance_id
    people = {name: await person(admin, name) for name in ("abe", "gil", "zoe", "eve", "dan", "bob")}
    for user_id in (*people.values(), world.previewer_id):
        await enroll(admin, course_instance_id=place, user_id=user_id)
    people |= {"sam": world.student_id, "sue": world.second_student_id, "pia": world.previewer_id}
    lab = await coursework(world, "lab1", {"Part A": 100.0, "Style": 10.0}, max_bonus_points=5.0)
    pairs = await team(world, [people["abe"], people["gil"]])
    pair = await coursework(world, "pair", {"Whole": 20.0}, group_set_id=pairs.group_set_id)
    await coursework(world, "later", {"Q": 5.0}, start_at=NOW + timedelta(days=1))
    category = {"course_instance_id": place, "name": "Quizzes", "abbreviation": "Q", "number": 0}
    category_id = await create_category(admin, **category)  # type: ignore[arg-type]
    common: dict[str, Any] = {"course_instance_id": place, "category_id": category_id}
    await create_assessment(admin, **common, name="quiz", title="Quiz", number="3", max_points=8.0)
    await create_assessment(admin, **common, name="talk", title="Talk", grading_type=GradingType.MANUAL)
    made = Term(world, lab, pair, people)
    await work(made)
    for name, status in (("eve", EnrollmentStatus.COMPLETED), ("dan", None), ("bob", None)):
        key = await key_of(admin, Enrollment, user_id=people[name], course_instance_id=place)
        if status is None:
            await drop_enrollment(admin, enrollment_id=key)
        else:
            await update_enrollment(admin, enrollment_id=key, status=status)
    return made


async def work(term: Term) -> None:
    """sam (Part A released), bob and the pair have scores; sue has begun, zoe has an override, eve is exempt."""
    world, lab, teacher = term.world, term.lab, term.world.instructor
    for name in ("sam", "bob"):
        submission_id = await handed_in(term.context(name), lab)
        await scored(world.assistant, submission_id, lab, Part_A=92.5, Style=8.0)
    part_a: dict[str, Any] = {"problem_ids": [lab.problem_ids["Part A"]], "user_ids": [term.people["sam"]]}
    await release_scores(teacher, assessment_id=lab.assessment_id, **part_a)
    later = at(term.context("sue"), NOW + timedelta(hours=1))
    await start_assessment_instance(later, assessment_id=lab.assessment_id)
    await scored(world.assistant, await handed_in(term.context("gil"), term.pair), term.pair, release=True, Whole=15.0)
    await override_grade(teacher, assessment_id=lab.assessment_id, user_id=term.people["zoe"], points=121.0)
    await exempt_grade(teacher, assessment_id=lab.assessment_id, user_id=term.people["eve"])


async def book(ctx: Context, document: str = SHORT, name: str = "sig-f24") -> dict[str, Any]:
    """The lines of a gradebook by username, in their order."""
    lines = (await ask(ctx, document, name=name))["courseInstance"]["gradebook"]
    found = {line["user"]["username"]: line for line in lines}
    assert len(found) == len(lines)
    return found


async def test_students_by_uid_then_staff_then_others(term: Term) -> None:
    """A right to the content makes a learner staff; who has dropped is in it with a grade of an instance only."""
    found = await book(term.world.instructor)
    assert {name: line["standing"] for name, line in found.items()} == dict(
        [(name, "STUDENT") for name in ("abe", "eve", "gil", "sam", "sue", "zoe")]
        + [(name, "STAFF") for name in ("ida", "pia", "tom")]
        + [("bob", "NONE")]
    )
    assert list(found) == ["abe", "eve", "gil", "sam", "sue", "zoe", "ida", "pia", "tom", "bob"]


async def test_one_cell_for_each_assessment_by_category_and_place(term: Term) -> None:
    """Columns that are kept by hand are not in it."""
    names = ("assessmentName", "assessmentLabel", "categoryAbbreviation", "assessmentNumber")
    for line in (await book(term.world.instructor, BOOK)).values():
        assert [tuple(cell[name] for name in names) for cell in line["cells"]] == HEADS
    ids = {cell["assessmentName"]: cell["assessmentId"] for cell in line["cells"]}
    assert (ids["lab1"], ids["pair"]) == (term.lab.assessment_id, term.pair.assessment_id)


EMPTY: dict[str, Any] = {
    "assessmentInstanceId": None,
    "points": None,
    "maxPoints": None,
    "scorePerc": None,
    "startedAt": None,
    "durationSeconds": None,
    "isOverridden": False,
    "isExempt": False,
}
SCORED = EMPTY | {"maxPoints": 110.0, "startedAt": NOW, "durationSeconds": 0.0}
CELLS: dict[tuple[str, str], dict[str, Any]] = {
    ("sam", "lab1"): SCORED | {"points": 100.5, "scorePerc": 100 * 100.5 / 110},
    ("bob", "lab1"): SCORED | {"points": 100.5, "scorePerc": 100 * 100.5 / 110},
    ("sue", "lab1"): SCORED | {"startedAt": NOW + timedelta(hours=1)},
    ("abe", "pair"): SCORED | {"points": 15.0, "maxPoints": 20.0, "scorePerc": 75.0},
    ("gil", "pair"): SCORED | {"points": 15.0, "maxPoints": 20.0, "scorePerc": 75.0},
    ("zoe", "lab1"): EMPTY | {"points": 121.0, "maxPoints": 110.0, "scorePerc": 110.0, "isOverridden": True},
    ("eve", "lab1"): EMPTY | {"maxPoints": 110.0, "isExempt": True},
}
HAS_GRADE = {*CELLS} - {("sue", "lab1")}


async def test_every_cell(term: Term) -> None:
    """Instances are told as integers, grades have a change index; without either a cell says nothing."""
    found = await book(term.world.instructor, BOOK)
    sitting: dict[int, set[str]] = {}
    for name, line in found.items():
        for cell in line["cells"]:
            key = (name, cell["assessmentName"])
            expected = CELLS.get(key, EMPTY)
            instance_id = cell["assessmentInstanceId"]
            assert {each: cell[each] for each in EMPTY} == expected | {"assessmentInstanceId": instance_id}, key
            assert (instance_id is not None) is (expected["startedAt"] is not None), key
            assert (cell["changeIndex"] is not None) is (key in HAS_GRADE), key
            sitting.setdefault(instance_id, set()).add(name)
    assert {"abe", "gil"} in sitting.values()


@pytest.mark.parametrize("reader", ["instructor", "assistant", "admin"])
async def test_the_staff_sees_the_same_book(term: Term, reader: str) -> None:
    assert await book(getattr(term.world, reader), BOOK) == await book(term.world.instructor, BOOK)


async def test_learners_see_their_own_line_with_what_is_released(term: Term) -> None:
    """Without the assessments that have not been released."""
    blank = {"points": None, "scorePerc": None, "isOverridden": False, "isExempt": False}
    seen = {"points": 92.5, "scorePerc": 100 * 92.5 / 110}
    expected: dict[str, dict[str, Any]] = {
        "sam": {"lab1": seen},
        "sue": {},
        "gil": {"pair": {"points": 15.0, "scorePerc": 75.0}},
        "zoe": {"lab1": {"points": 121.0, "scorePerc": 110.0, "isOverridden": True}},
        "eve": {"lab1": {"isExempt": True}},
        "bob": {},
    }
    for name, cells in expected.items():
        standing = "NONE" if name == "bob" else "STUDENT"
        found = await book(term.context(name))
        assert list(found) == [name]
        assert found[name]["standing"] == standing
        assert found[name]["cells"] == [
            {"assessmentName": each, **blank, **cells.get(each, {})} for each in ("quiz", "lab1", "pair")
        ]


async def test_a_learner_who_sees_the_content_sees_their_own_line_with_all_assessments(term: Term) -> None:
    found = await book(term.context("pia"))
    assert list(found) == ["pia"]
    assert [cell["assessmentName"] for cell in found["pia"]["cells"]] == ["quiz", "lab1", "pair", "later"]


async def test_who_has_no_line_sees_an_empty_book_and_who_sees_no_course_none(term: Term) -> None:
    assert await book(term.context("dan")) == {}
    for reader in (term.world.outsider, term.world.loner):
        assert await ask(reader, SHORT, name="sig-f24") == {"courseInstance": None}
    nobody = "{ courseInstances { nodes { name gradebook { userId } } } }"
    assert await ask(term.world.loner, nobody) == {"courseInstances": {"nodes": []}}


async def test_books_of_several_course_instances_at_once(term: Term) -> None:
    document = "{ courseInstances { nodes { name gradebook { user { username } cells { assessmentName } } } } }"
    nodes = (await ask(term.world.admin, document))["courseInstances"]["nodes"]
    books = {each["name"]: [line["user"]["username"] for line in each["gradebook"]] for each in nodes}
    assert books == {"sig-f24": list(await book(term.world.instructor)), "hist-f24": ["oto"]}
    assert nodes[1]["gradebook"] == [{"user": {"username": "oto"}, "cells": []}]


async def test_asking_for_less_changes_nothing_of_the_rest(term: Term) -> None:
    """Fields that nobody asks for are not read (schema/execution); those that are asked are the same."""
    whole = await book(term.world.instructor, BOOK)
    for fields in ("points", "assessmentInstanceId", "isExempt changeIndex", "startedAt", "maxPoints scorePerc"):
        document = f"""query ($name: String!) {{ courseInstance(by: {{name: $name}}) {{
            gradebook {{ user {{ username }} cells {{ {fields} }} }} }} }}"""
        for name, line in (await book(term.world.instructor, document)).items():
            for cell, complete in zip(line["cells"], whole[name]["cells"], strict=True):
                assert cell == {field: complete[field] for field in fields.split()}
