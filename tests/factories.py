"""Worlds for tests, built through the services: what stands here could have been done by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import AssessmentCategory, QuestionKind
from app.domain.assessments.problems import create_problem
from app.domain.assessments.questions import Choice, add_question
from app.domain.assessments.service import create_assessment, create_category
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.catalog.service import create_course, create_organization
from app.domain.catalog.terms import create_term
from app.domain.enrollment.models import CourseRole, Role
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import enroll, set_course_staff
from app.domain.grades.service import NewScore, score_problems
from app.domain.groups.service import create_group, create_group_set
from app.domain.identity.service import create_user
from app.principal import SCOPES, Principal

ALL_SCOPES = frozenset(SCOPES)
TWO_PROBLEMS = {"Part A": 100.0, "Style": 10.0}


@dataclass(frozen=True, slots=True)
class University:
    """Two courses with an instance each; ids, and a context for everybody.

    `outsider` is the instructor of the other course instance, `previewer` has a right to the first course's content
    and no enrolment, `loner` is nobody anywhere.
    """

    organization_id: int
    term_id: int
    course_id: int
    course_instance_id: int
    other_course_id: int
    other_course_instance_id: int
    admin_id: int
    instructor_id: int
    assistant_id: int
    student_id: int
    second_student_id: int
    outsider_id: int
    previewer_id: int
    loner_id: int
    admin: Context
    instructor: Context
    assistant: Context
    student: Context
    second_student: Context
    outsider: Context
    previewer: Context
    loner: Context
    anonymous: Context


def as_user(
    ctx: Context,
    user_id: int,
    *,
    is_staff: bool = False,
    scopes: frozenset[str] = ALL_SCOPES,
    now: datetime | None = None,
) -> Context:
    """The same database, asked by this user, with a token of these scopes, at `now` instead of the tests' moment."""
    clock = ctx.clock if now is None else lambda: now
    return Context(Principal.of(user_id, is_staff=is_staff, scopes=scopes), ctx.db, clock)


def at(ctx: Context, now: datetime) -> Context:
    """The same caller at another moment."""
    return Context(ctx.principal, ctx.db, lambda: now)


def anonymous(ctx: Context) -> Context:
    """The same database, asked by nobody in particular."""
    return Context(Principal.anonymous, ctx.db, ctx.clock)


async def person(ctx: Context, username: str, **values: Any) -> int:
    """A user `<username>@uni.example` called after the username."""
    return await create_user(
        ctx, **{"username": username, "email": f"{username}@uni.example", "name": username.capitalize(), **values}
    )


async def university(ctx: Context) -> University:
    """Two courses, eight people. `ctx` may be anybody's who administers, such as the fixture `ctx`."""
    people = {
        "admin": await person(ctx, "root", is_staff=True),
        "instructor": await person(ctx, "ida"),
        "assistant": await person(ctx, "tom"),
        "student": await person(ctx, "sam", given_name="Sam", family_name="Ng", uin="77120031", school="SCS", year="2"),
        "second_student": await person(ctx, "sue"),
        "outsider": await person(ctx, "oto"),
        "previewer": await person(ctx, "pia"),
        "loner": await person(ctx, "lou"),
    }
    places = await _places(ctx)
    here, there = places["course_instance_id"], places["other_course_instance_id"]
    await enroll(ctx, course_instance_id=here, user_id=people["instructor"], role=Role.INSTRUCTOR)
    await enroll(ctx, course_instance_id=here, user_id=people["assistant"], role=Role.COURSE_ASSISTANT)
    await enroll(ctx, course_instance_id=here, user_id=people["student"])
    await enroll(ctx, course_instance_id=here, user_id=people["second_student"])
    await enroll(ctx, course_instance_id=there, user_id=people["outsider"], role=Role.INSTRUCTOR)
    await set_course_staff(ctx, course_id=places["course_id"], user_id=people["previewer"], role=CourseRole.PREVIEWER)
    contexts = {who: as_user(ctx, user_id, is_staff=who == "admin") for who, user_id in people.items()}
    ids = places | {f"{who}_id": user_id for who, user_id in people.items()}
    return University(**ids, **contexts, anonymous=anonymous(ctx))  # type: ignore[arg-type]


async def _places(ctx: Context) -> dict[str, int]:
    organization_id = await create_organization(ctx, key="uni", name="University")
    course_id = await create_course(
        ctx, organization_id=organization_id, key="EE210", short_name="EE 210", title="Signals", time_zone="Europe/Oslo"
    )
    other_course_id = await create_course(
        ctx, organization_id=organization_id, key="HIST1", short_name="HIST 1", title="History"
    )
    term_id = await create_term(ctx, external_id="f24", name="f24")
    course_instance_id = await create_course_instance(
        ctx,
        course_id=course_id,
        name="sig-f24",
        long_name="Signals, autumn 2024",
        short_name="Au24",
        external_id="SIS-1",
        key="course-v1:uni+EE210+f24",
        term_id=term_id,
    )
    other_course_instance_id = await create_course_instance(
        ctx, course_id=other_course_id, name="hist-f24", long_name="History, autumn 2024"
    )
    return {
        "organization_id": organization_id,
        "term_id": term_id,
        "course_id": course_id,
        "course_instance_id": course_instance_id,
        "other_course_id": other_course_id,
        "other_course_instance_id": other_course_instance_id,
    }


@dataclass(frozen=True, slots=True)
class Coursework:
    """An assessment of the first course instance, and its problems by name."""

    assessment_id: int
    category_id: int
    problem_ids: dict[str, int]


async def coursework(
    world: University, name: str = "lab1", problems: Mapping[str, float] = TWO_PROBLEMS, **details: Any
) -> Coursework:
    """An assessment in the category `Labs` with problems of these maxima; `details` as for `create_assessment`."""
    ctx, place = world.admin, world.course_instance_id
    here = (AssessmentCategory.course_instance_id == place, AssessmentCategory.name == "Labs")
    category_id = await ctx.db.scalar(select(AssessmentCategory.id).where(*here))
    if category_id is None:
        category_id = await create_category(ctx, course_instance_id=place, name="Labs", abbreviation="L")
    assessment_id = await create_assessment(
        ctx,
        **{
            "course_instance_id": place,
            "category_id": category_id,
            "name": name,
            "title": name.capitalize(),
            **details,
        },
    )
    problem_ids = {
        problem: await create_problem(ctx, assessment_id=assessment_id, name=problem, max_points=max_points)
        for problem, max_points in problems.items()
    }
    return Coursework(assessment_id, category_id, problem_ids)


Asked = tuple[QuestionKind, Any, Sequence[str]]


async def quiz(world: University, questions: Mapping[str, Asked], name: str = "quiz1", **details: Any) -> Coursework:
    """An assessment of questions of a point each: by what they ask their kind, right answer and ids of choices."""
    work = await coursework(world, name, {}, **details)
    problem_ids = {
        prompt: await add_question(
            world.admin,
            assessment_id=work.assessment_id,
            kind=kind,
            prompt=prompt,
            correct_answer=correct,
            choices=[Choice(each, each.upper()) for each in choices],
        )
        for prompt, (kind, correct, choices) in questions.items()
    }
    return Coursework(work.assessment_id, work.category_id, problem_ids)


async def handed_in(learner: Context, work: Coursework, *names: str) -> int:
    """A submission of the learner to the whole assessment, or to the one problem that is named; its id.

    The sitting is the learner's open one, or a new one.
    """
    sitting = await start_assessment_instance(learner, assessment_id=work.assessment_id)
    answered = [work.problem_ids[name] for name in names or work.problem_ids]
    return await submit(
        learner,
        assessment_instance_id=sitting,
        answers=[Answer(problem_id, {"text": "42"}) for problem_id in answered],
        problem_id=work.problem_ids[names[0]] if names else None,
    )


async def sat(learner: Context, work: Coursework) -> dict[str, Any]:
    """The argument that names the learner's sitting."""
    return {"assessment_instance_id": await start_assessment_instance(learner, assessment_id=work.assessment_id)}


async def scored(
    grader: Context, submission_id: int, work: Coursework, *, release: bool = False, **values: Any
) -> None:
    """Score problems by name, underscores for spaces: `scored(ctx, id, work, Part_A=92.5)`."""
    scores = [NewScore(work.problem_ids[name.replace("_", " ")], value) for name, value in values.items()]
    await score_problems(grader, submission_id=submission_id, scores=scores, release=release)


@dataclass(frozen=True, slots=True)
class Team:
    """A group set of the first course instance, and a group of it."""

    group_set_id: int
    group_id: int


async def team(world: University, user_ids: Sequence[int] | None = None, **details: Any) -> Team:
    """A set of groups of two, and a group of both students; `details` as for `create_group_set`."""
    place = world.course_instance_id
    group_set_id = await create_group_set(
        world.admin, **{"course_instance_id": place, "name": "Pairs", "max_size": 2, **details}
    )
    members = [world.student_id, world.second_student_id] if user_ids is None else user_ids
    return Team(group_set_id, await create_group(world.admin, group_set_id=group_set_id, name="g1", user_ids=members))
