"""A university in which there is a row of every type, released and unreleased, deleted and not, with a name for each.

`dan` has dropped the course, `gil` works with `sam` in a group, `zoe` worked in a group that is deleted, `mia` learns
in the other course instance, `fay` in one that is deleted, `owen` owns the course.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.base import Base
from app.domain.assessments.access import AccessRule, grant_extension, set_assessment_access_rules
from app.domain.assessments.models import Question, QuestionKind, Zone
from app.domain.assessments.problems import create_problem
from app.domain.assessments.service import create_assessment, create_category, delete_assessment
from app.domain.attempts.files import NewFile, store_all
from app.domain.attempts.models import InstanceQuestion, Submission, Variant
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.enrollment.models import CourseRole, Enrollment, Role
from app.domain.enrollment.offerings import (
    EntryRule,
    create_course_instance,
    delete_course_instance,
    set_course_instance_access_rules,
    update_course_instance,
)
from app.domain.enrollment.service import drop_enrollment, enroll, set_course_staff, update_enrollment
from app.domain.grades.models import CourseGrade, Score
from app.domain.grades.overrides import override_grade
from app.domain.grades.service import NewScore, release_scores, score_problems
from app.domain.groups.service import create_group, create_group_set, delete_group, remove_group_member
from app.domain.identity.institution import create_data_source, update_profile
from app.domain.identity.service import update_user
from app.domain.identity.tokens import issue_token
from app.domain.rows import update_row
from app.principal import READ, SCOPES, WRITE, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase
from tests.domain.proof import key_of
from tests.domain.tracks import invited, opened, verified
from tests.factories import Coursework, University, as_user, coursework, handed_in, person, scored, team, university
from tests.schema.columns import set_columns, set_terms
from tests.schema.contents import certify, set_blocks, set_records, set_root
from tests.schema.gatherings import set_gatherings
from tests.schema.names import Names, names_of

READERS = {
    "L": "loner",
    "S": "student",
    "T": "second_student",
    "Q": "dropped",
    "O": "outsider",
    "P": "previewer",
    "W": "owner",
    "A": "assistant",
    "I": "instructor",
    "D": "admin",
    "N": "narrow_admin",
}
"""A letter for each reader; the narrow administrator's token lacks the scope `admin`."""

ANSWERS = {"correct_answer": {"value": 0}, "options": {"tolerance": 0.1}}


@dataclass(frozen=True, slots=True)
class Semester:
    """The university, its work, and the global ids and keys of all its rows by type and name."""

    world: University
    lab: Coursework
    names: Names
    more: dict[str, Context]

    def reader(self, letter: str) -> Context:
        """The context of a reader."""
        who = READERS[letter]
        return self.more[who] if who in self.more else getattr(self.world, who)


@asynccontextmanager
async def semester(engine: AsyncEngine) -> AsyncIterator[Semester]:
    """The semester on a connection of its own, which is rolled back in the end."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        db = RolledBackDatabase(connection, asyncio.Lock())
        program = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
        yield await build(Context(program, db, clock=lambda: NOW))
        await outer.rollback()


async def build(ctx: Context) -> Semester:
    """Everything, by `ctx` where nobody else would."""
    world = await university(ctx)
    admin = world.admin
    others = {name: await person(admin, name) for name in ("dan", "gil", "zoe", "mia", "fay", "owen")}
    for name in ("dan", "gil", "zoe"):
        await enroll(admin, course_instance_id=world.course_instance_id, user_id=others[name])
    others |= {"sam": world.student_id, "sue": world.second_student_id}
    await set_course_staff(admin, course_id=world.course_id, user_id=others["owen"], role=CourseRole.OWNER)
    await _people(world)
    lab = await _lab(world, others)
    await _groups(world, others)
    await set_gatherings(world, others)
    await _exam(world)
    await _elsewhere(world, others)
    await verified(world)
    await invited(admin, world.course_instance_id)
    await set_columns(world, lab.category_id)
    await set_blocks(world)
    await _deleted(world, others)
    await _quit(world, others["dan"])
    narrow = as_user(ctx, world.admin_id, is_staff=True, scopes=frozenset({READ, WRITE}))
    more = {"dropped": as_user(ctx, others["dan"]), "owner": as_user(ctx, others["owen"]), "narrow_admin": narrow}
    return Semester(world, lab, await names_of(admin), more)


async def add(ctx: Context, model: type[Base], **values: Any) -> int:
    """A row that no service makes."""
    key: int = await ctx.db.scalar(insert(model).values(**values).returning(model.__table__.c.id))
    return key


async def _people(world: University) -> None:
    admin, place = world.admin, world.course_instance_id
    await update_user(admin, user_id=world.student_id, external_id="SIS-77", major="EE", retirement_requested_at=NOW)
    key = await key_of(admin, Enrollment, user_id=world.student_id, course_instance_id=place)
    await update_enrollment(admin, enrollment_id=key, attributes={"region": "north"}, discount_percent=20.0)
    source = await create_data_source(admin, external_id="SYSTEM")
    await update_user(admin, user_id=world.student_id, data_source_id=source)
    await update_profile(admin, user_id=world.student_id, city="Oslo")
    await update_profile(world.instructor, user_id=world.instructor_id, pronouns="she")
    for name, ctx in (("laptop", world.student), ("desk", world.instructor)):
        await issue_token(ctx, name=name)
    await update_course_instance(admin, course_instance_id=place, enrollment_access_code="let me in")
    rules = [EntryRule(institution="Any", uids=["sam@uni.example"])]
    await set_course_instance_access_rules(admin, course_instance_id=place, rules=rules)
    for user_id, result in ((world.student_id, "B"), (world.second_student_id, "C")):
        await add(admin, CourseGrade, course_instance_id=place, user_id=user_id, result=result)
        await certify(admin, place, user_id)


async def _question(world: University, name: str, course_id: int) -> int:
    values: dict[str, Any] = {"course_id": course_id, "uuid": name.rjust(32, "0"), "title": name.capitalize()}
    return await add(world.admin, Question, name=name, kind=QuestionKind.NUMERIC, **values, **ANSWERS)


async def _lab(world: University, others: dict[str, int]) -> Coursework:
    """lab1: of sam's work Part A is released and Style is not, of sue's nothing, of dan's all."""
    admin = world.admin
    lab = await coursework(world, "lab1", {})
    zone_id = await add(admin, Zone, assessment_id=lab.assessment_id, number=1, title="Basics")
    await _question(world, "loose", world.course_id)
    for name, points, question_id in (
        ("Part A", 100.0, await _question(world, "sine", world.course_id)),
        ("Style", 10.0, None),
    ):
        place: dict[str, Any] = {"assessment_id": lab.assessment_id, "zone_id": zone_id, "question_id": question_id}
        lab.problem_ids[name] = await create_problem(
            admin, name=name, max_points=points, max_manual_points=points / 2, **place
        )
    for name in ("sam", "sue", "dan"):
        await _lab_work(world, lab, name, as_user(admin, others[name]))
    for name, shown in (("sam", [lab.problem_ids["Part A"]]), ("dan", None)):
        user_ids = [others[name]]
        await release_scores(world.instructor, assessment_id=lab.assessment_id, problem_ids=shown, user_ids=user_ids)
    await _remarks(world, lab)
    return lab


async def _lab_work(world: University, lab: Coursework, name: str, learner: Context) -> None:
    sitting = await start_assessment_instance(learner, assessment_id=lab.assessment_id)
    answers = [Answer(problem_id, {"text": name}) for problem_id in lab.problem_ids.values()]
    files = [NewFile(f"{name}.py", name.encode(), "text/x-python")]
    submission_id = await submit(learner, assessment_instance_id=sitting, answers=answers, files=files)
    marks = [
        NewScore(lab.problem_ids["Part A"], 92.5, 40.0, "well done"),
        NewScore(lab.problem_ids["Style"], 8.0, 3.0, "tabs!", {"log": "E101"}, {"tabs": 0.5}),
    ]
    await score_problems(world.assistant, submission_id=submission_id, scores=marks)
    question_id = await key_of(
        world.admin, InstanceQuestion, assessment_instance_id=sitting, problem_id=lab.problem_ids["Part A"]
    )
    drawn: dict[str, Any] = {"instance_question_id": question_id, "number": 1, "created_at": NOW}
    await add(world.admin, Variant, **drawn, seed="a1b2", true_answer={"value": 0})
    said = {"results": {"percentage": 92.5}, "feedback": "See page 2.", "notes": "Copied."}
    lock = {"locked_by_id": world.assistant_id, "locked_until": NOW + timedelta(hours=1)}
    await update_row(world.admin, Submission, submission_id, said | lock)
    style = {"submission_id": submission_id, "problem_id": lab.problem_ids["Style"]}
    chosen = {"rubric": {"points": 4, "max_points": 5, "criteria": []}}
    await update_row(world.admin, Score, await key_of(world.admin, Score, **style), chosen)


async def _remarks(world: University, lab: Coursework) -> None:
    """Remarks on sam's grade; more time for sam and sue; an access rule for all and a secret one."""
    work: dict[str, Any] = {"assessment_id": lab.assessment_id}
    await override_grade(world.instructor, **work, user_id=world.student_id, feedback="Good.", notes="Copied?")
    for user_id in (world.student_id, world.second_student_id):
        await grant_extension(world.admin, **work, user_id=user_id)
    secret = AccessRule(credit=50, password="open sesame", uids=["sam@uni.example"], exam_uuid="5c0d")
    await set_assessment_access_rules(world.admin, **work, rules=[AccessRule(credit=100), secret])


async def _groups(world: University, others: dict[str, int]) -> None:
    """Groups g1 of sam and gil, g2 of sue, which dan has left, and g3 of zoe, which is deleted after its work."""
    admin = world.admin
    pairs = await team(world, [others["sam"], others["gil"]])
    place: dict[str, Any] = {"group_set_id": pairs.group_set_id}
    second = await create_group(admin, **place, name="g2", user_ids=[others["sue"], others["dan"]])
    await remove_group_member(admin, group_id=second, user_id=others["dan"])
    third = await create_group(admin, **place, name="g3", user_ids=[others["zoe"]])
    work = await coursework(world, "pair1", {"Whole": 20.0}, group_set_id=pairs.group_set_id)
    for name in ("gil", "zoe"):
        submission_id = await handed_in(as_user(admin, others[name]), work)
        await scored(world.instructor, submission_id, work, Whole=15.0)
    await delete_group(admin, group_id=third)


async def _exam(world: University) -> None:
    """exam1 comes in a week; the staff has started it for sam already."""
    admin = world.admin
    exam = await coursework(world, "exam1", {}, start_at=NOW + timedelta(days=7))
    zone_id = await add(admin, Zone, assessment_id=exam.assessment_id, number=1)
    question_id = await _question(world, "secret", world.course_id)
    place: dict[str, Any] = {"assessment_id": exam.assessment_id, "zone_id": zone_id, "question_id": question_id}
    await create_problem(admin, name="Q1", max_points=5.0, **place)
    await set_assessment_access_rules(admin, assessment_id=exam.assessment_id, rules=[AccessRule(password="x")])
    await start_assessment_instance(world.assistant, assessment_id=exam.assessment_id, user_id=world.student_id)


async def _essay(world: University, course_instance_id: int, name: str, learner: Context, question_id: int) -> int:
    """An assessment with everything in it, one learner's work, released; its id."""
    ctx = world.admin
    place: dict[str, Any] = {"course_instance_id": course_instance_id}
    category_id = await create_category(ctx, **place, name="Essays", abbreviation="E")
    assessment_id = await create_assessment(ctx, **place, category_id=category_id, name=name, title=name)
    work = Coursework(assessment_id, category_id, {})
    zone_id = await add(ctx, Zone, assessment_id=assessment_id, number=1)
    work.problem_ids["Text"] = await create_problem(
        ctx, assessment_id=assessment_id, name="Text", max_points=10.0, zone_id=zone_id, question_id=question_id
    )
    submission_id = await handed_in(learner, work, "Text")
    file = NewFile(f"{name}.txt", name.encode())
    await store_all(ctx, [(submission_id, file)])
    await scored(ctx, submission_id, work, release=True, Text=7.0)
    await grant_extension(ctx, assessment_id=assessment_id, user_id=learner.user_id)
    await set_assessment_access_rules(ctx, assessment_id=assessment_id, rules=[AccessRule(credit=100)])
    return assessment_id


async def _elsewhere(world: University, others: dict[str, int]) -> None:
    """essay1 in the other course instance, for mia."""
    place = world.other_course_instance_id
    await enroll(world.admin, course_instance_id=place, user_id=others["mia"])
    question_id = await _question(world, "essay", world.other_course_id)
    await _essay(world, place, "essay1", as_user(world.admin, others["mia"]), question_id)
    await add(world.admin, CourseGrade, course_instance_id=place, user_id=others["mia"], result="A")
    await opened(world.admin, place)


async def _deleted(world: University, others: dict[str, int]) -> None:
    """gone1, deleted; and old1 in sig-f23, which is deleted with all its people and groups."""
    admin = world.admin
    question_id = await _question(world, "antique", world.course_id)
    gone = await _essay(world, world.course_instance_id, "gone1", world.student, question_id)
    await delete_assessment(admin, assessment_id=gone)
    place: dict[str, Any] = {
        "course_instance_id": await create_course_instance(
            admin, course_id=world.course_id, name="sig-f23", long_name="Signals, autumn 2023"
        )
    }
    await enroll(admin, **place, user_id=world.instructor_id, role=Role.INSTRUCTOR)
    for name in ("sam", "fay"):
        await enroll(admin, **place, user_id=others[name])
    await set_course_instance_access_rules(admin, **place, rules=[EntryRule(institution="Any")])
    group_set_id = await create_group_set(admin, **place, name="Pairs", max_size=2)
    await create_group(admin, group_set_id=group_set_id, name="g0", user_ids=[others["sam"], others["fay"]])
    await _essay(world, place["course_instance_id"], "old1", world.student, question_id)
    await add(admin, CourseGrade, **place, user_id=world.student_id, result="D")
    await certify(admin, place["course_instance_id"], world.student_id)
    await set_terms(world, place["course_instance_id"])
    await set_root(world, place["course_instance_id"])
    await set_records(world, others["dan"], place["course_instance_id"])
    await opened(admin, place["course_instance_id"])
    await delete_course_instance(admin, **place)


async def _quit(world: University, user_id: int) -> None:
    """Somebody drops the course."""
    key = await key_of(world.admin, Enrollment, user_id=user_id, course_instance_id=world.course_instance_id)
    await drop_enrollment(world.admin, enrollment_id=key)
