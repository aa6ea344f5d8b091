"""The tree of Data Analysis for Everyone, what its learners aim at, and how far they came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.demo.analysis import PLACE, TEACHER
from app.demo.analysis_bank import ITEMS
from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY, SUNDAY
from app.demo.chance import lot
from app.demo.offerings import people_of
from app.demo.olx import olx
from app.demo.stage import Scene, Stage
from app.domain.assessments.models import Assessment, Problem
from app.domain.assessments.problems import update_problem
from app.domain.assessments.service import update_assessment
from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.gates import set_block_prerequisite
from app.domain.blocks.models import Block, ShowCorrectness
from app.domain.blocks.service import create_block, set_block_groups
from app.domain.blocks.visits import create_bookmark, visit_block
from app.domain.grades.batches import NewOverride, override_grades
from app.domain.groups.models import GroupSetKind
from app.domain.groups.service import create_group, create_group_set
from app.domain.progress.service import (
    dismiss_welcome_message,
    record_activity,
    reset_deadlines,
    set_celebrations,
    set_course_email,
    set_course_goal,
    sign_integrity,
)

KEY = "block-v1:NorthbridgeX+DATA1x+2026_T3+type@{kind}+block@{name}"
WEEKS = (
    ("tables", "Tables", "w1-tables", "w1", "The middle of a column of numbers, and what it hides."),
    ("charts", "Charts", "w2-charts", "w2", "Bars, lines and points, and the axis below them."),
    ("conclusions", "Conclusions", "drill", "drill", "What the numbers say, and what they don't."),
)
QUESTIONS = {each.title: each for each in ITEMS}
EXAM = {"is_time_limited": True, "time_limit_minutes": 45, "is_proctored": True, "is_practice_exam": True}
FILM = {"youtube_id_1_0": "data1x-film", "only_on_web": True}
FILE = '<source src="https://media.northbridge.example/{name}.mp4"/><video_asset duration="312.5"/>'
DETAILS: dict[str, dict[str, Any]] = {
    "w1": {"weeks_due": 3, "fields": {"chrome": "textbook"}, "hides_after_due": True},
    "w2": {"show_correctness": ShowCorrectness.PAST_DUE, "due_at": AUTUMN_2026.at(7, SUNDAY)},
    "drill": {"show_correctness": ShowCorrectness.NEVER, "is_hidden_from_toc": True, **EXAM},
}


async def add_block(stage: Stage, kind: str, name: str, title: str, parent_id: int | None, **details: Any) -> int:
    """A block by the kind and name in its key; its id."""
    place: dict[str, Any] = {"course_instance_id": stage.cast.course_instances[PLACE], "parent_id": parent_id}
    key = KEY.format(kind=kind, name=name)
    return await create_block(stage.acting(TEACHER), **place, kind=kind, name=title, usage_key=key, **details)


async def build(stage: Stage) -> None:
    """A chapter for each week: a text, a film, a talk, the questions that are graded; and a draft for the staff."""
    root_id = await add_block(stage, "course", "course", "Data Analysis for Everyone", None, start_at=AUTUMN_2026.start)
    for name, title, assessment, subsection, text in WEEKS:
        week_id = await add_block(stage, "chapter", name, title, root_id)
        lesson_id = await add_block(stage, "sequential", f"{name}-lesson", f"{title}: the lesson", week_id)
        unit_id = await add_block(stage, "vertical", f"{name}-unit", "Read, watch, talk", lesson_id)
        await add_block(stage, "html", f"{name}-text", "To read", unit_id, content=f"<p>{text}</p>")
        film = {"fields": FILM, "content": FILE.format(name=name)}
        await add_block(stage, "video", f"{name}-film", "To watch", unit_id, **film)
        await add_block(stage, "discussion", f"{name}-talk", "To talk about", unit_id)
        details = {"is_graded": True, "format": "Quiz", **DETAILS[subsection]}
        graded_id = await add_block(stage, "sequential", subsection, f"{title}: the questions", week_id, **details)
        await _grade(stage, graded_id, assessment)
    await add_block(stage, "chapter", "sequel", "Next year: models", root_id, is_staff_only=True)


async def _grade(stage: Stage, block_id: int, name: str) -> None:
    """Tie a subsection to its assessment, and a unit of problems to its marks."""
    ctx, assessment_id = stage.acting(TEACHER), stage.cast.assessments[PLACE, name]
    await update_assessment(ctx, assessment_id=assessment_id, block_id=block_id)
    own = Problem
    statement = select(own.id, own.name, own.max_points).where(own.assessment_id == assessment_id).order_by(own.number)
    unit_id = await add_block(stage, "vertical", f"{name}-problems", "Questions", block_id)
    for number, problem in enumerate(await stage.db.fetch(statement), 1):
        details = {"content": olx(QUESTIONS[problem.name]), "weight": problem.max_points}
        made = await add_block(stage, "problem", f"{name}-{number}", problem.name, unit_id, **details)
        await update_problem(ctx, problem_id=problem.id, block_id=made)


async def add_path(stage: Stage) -> None:
    """A chapter that is only for who goes further, once they have passed the first questions."""
    ctx, place = stage.acting(TEACHER), stage.cast.course_instances[PLACE]
    paths_id = await create_group_set(ctx, course_instance_id=place, name="Paths", kind=GroupSetKind.AUDIENCES)
    members = [stage.cast.people[username] for username in people_of(PLACE) if lot("path", username) < 0.2]
    group_id = await create_group(ctx, group_set_id=paths_id, name="Further", user_ids=members)
    stage.cast.groups["Further"] = group_id
    root_id = await stage.db.scalar(select(Block.id).where(Block.course_instance_id == place, Block.depth == 0))
    chapter_id = await add_block(stage, "chapter", "further", "Further: regression", root_id)
    await set_block_groups(ctx, block_id=chapter_id, group_ids=[group_id])
    own = Block.usage_key == KEY.format(kind="sequential", name="w1")
    first_id = await stage.db.scalar(select(Block.id).where(own))
    await set_block_prerequisite(ctx, block_id=chapter_id, required_block_id=first_id, min_score=60, min_completion=50)


async def read(stage: Stage) -> None:
    """Most learners have read the texts, some have seen half of the films."""
    place, own = stage.cast.course_instances[PLACE], Block
    statement = select(own.id, own.kind).where(own.course_instance_id == place, own.kind.in_(("html", "video")))
    blocks = await stage.db.fetch(statement.order_by(own.position))
    for username in people_of(PLACE):
        fractions = {"html": 1.0, "video": 0.5 if lot("film", username) < 0.5 else 1.0}
        seen = blocks[: round(lot("reading", username) * len(blocks))]
        completions = [NewCompletion(block.id, fractions[block.kind]) for block in seen]
        await record_completion(stage.acting(username), course_instance_id=place, completions=completions)


async def choose(stage: Stage) -> None:
    """Who begins promises to work honestly; some set themselves a goal, some want no mail, one begins anew."""
    here: dict[str, Any] = {"course_instance_id": stage.cast.course_instances[PLACE]}
    everybody = people_of(PLACE)
    for username in everybody:
        ctx = stage.acting(username)
        await sign_integrity(ctx, **here)
        await record_activity(ctx, **here)
        if lot("goal", username) < 0.4:
            await set_course_goal(ctx, **here, has_goal_reminders=True, goal_days_per_week=3)
            await set_celebrations(ctx, **here, celebrates_first_section=True, celebrates_weekly_goal=True)
        if lot("mail", username) < 0.1:
            await set_course_email(ctx, **here, receives_email=False)
            await dismiss_welcome_message(ctx, **here, dismissed_update="1")
    await reset_deadlines(stage.acting(everybody[-1]), **here)


async def hear(stage: Stage) -> None:
    """One learner's appeal is heard: the first subsection is of a point less to them."""
    key, learner = KEY.format(kind="sequential", name="w1"), stage.cast.people[people_of(PLACE)[0]]
    whole = await stage.db.scalar(
        select(Assessment.max_points).where(Assessment.id == stage.cast.assessments[PLACE, "w1-tables"])
    )
    less = NewOverride(learner, key, whole - 1, whole - 1, reason="The film of the fourth question did not load.")
    here: dict[str, Any] = {"course_instance_id": stage.cast.course_instances[PLACE], "source": "GRADEBOOK"}
    await override_grades(stage.acting(TEACHER), **here, overrides=[less])


async def look_around(stage: Stage) -> None:
    """Everybody opens the first subsection; some mark its unit."""
    own, place = Block, stage.cast.course_instances[PLACE]
    statement = select(own.kind, func.min(own.id)).where(own.course_instance_id == place).group_by(own.kind)
    firsts = {row[0]: row[1] for row in await stage.db.fetch(statement)}
    for username in people_of(PLACE):
        await visit_block(stage.acting(username), block_id=firsts["sequential"])
        if lot("bookmark", username) < 0.5:
            await create_bookmark(stage.acting(username), block_id=firsts["vertical"])


SCENES = (
    Scene(AUTUMN_2026.at(0, FRIDAY, "14:00"), build),
    Scene(AUTUMN_2026.at(2, MONDAY), add_path),
    Scene(AUTUMN_2026.at(2, FRIDAY), choose),
    Scene(AUTUMN_2026.at(3, MONDAY), look_around),
    Scene(AUTUMN_2026.at(9, MONDAY) + timedelta(hours=20), read),
    Scene(AUTUMN_2026.at(9, MONDAY) + timedelta(hours=21), hear),
)
