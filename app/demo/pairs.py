"""Introduction to Programming, this autumn: the project in pairs, which learners form themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from app.demo.calendar import AUTUMN_2026, MONDAY, SUNDAY, TUESDAY
from app.demo.chance import between
from app.demo.learners import quality
from app.demo.papers import read_paper
from app.demo.plans import set_assessments
from app.demo.programming import project
from app.demo.reviews import remark
from app.demo.stage import Scene, Stage
from app.domain.attempts.files import NewFile
from app.domain.attempts.models import AssessmentInstance, Event, EventKind, Submission
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import submit
from app.domain.grades.service import NewScore, release_scores, score_problems
from app.domain.groups.models import GroupMembership
from app.domain.groups.service import add_group_member, create_group, create_group_set, delete_group
from app.domain.rows import update_row

PLACE, TEACHER, ASSISTANT = "cs101-f26", "icarvalho", "jkeller"
PAIRS = {
    "Cave of Echoes": ("mokonkwo", "lsteiner"),
    "Night Train": ("fzahraalaoui", "hpark"),
    "The Lighthouse": ("srojas", "apopescu"),
    "Orchard": ("xzhou", "cdubois"),
    "Moon Base": ("hsiddiqui", "obennett"),
    "The Attic": ("eyildiz",),
    "Swamp": ("powusu", "jdvorak"),
    "Old Mill": ("ldelrio", "asilverman"),
}
MOVER, LEFT, JOINED = "hpark", "Night Train", "The Attic"
NEWCOMER = "vgreco"
TAKING = tuple(name for name in PAIRS if name != "Old Mill")
MARKED = TAKING[:4]


async def open_project(stage: Stage) -> None:
    """The instructor sets the project; learners may form pairs from now on."""
    here = stage.cast.course_instances[PLACE]
    ctx = stage.acting(TEACHER)
    stage.cast.groups["pairs"] = pairs = await create_group_set(
        ctx, course_instance_id=here, name="Project pairs", min_size=2, max_size=2, is_self_assigned=True
    )
    await set_assessments(stage, TEACHER, PLACE, "CS101", (project(pairs),))


async def form_pairs(stage: Stage) -> None:
    """One learner makes a group, another joins it. A group that the instructor made by mistake is deleted."""
    cast, pairs = stage.cast, stage.cast.groups["pairs"]
    for name, members in PAIRS.items():
        first, *others = members
        maker = stage.acting(first)
        cast.groups[name] = await create_group(maker, group_set_id=pairs, name=name, user_ids=[cast.people[first]])
        for other in others:
            await add_group_member(stage.acting(other), group_id=cast.groups[name])
    ctx = stage.acting(TEACHER)
    mistake = await create_group(ctx, group_set_id=pairs, name="Test", user_ids=[cast.people["anygard"]])
    await delete_group(stage.at(stage.now + timedelta(minutes=5)).acting(TEACHER), group_id=mistake)


async def hand_in(stage: Stage) -> None:
    """Most pairs hand in: the second member where there is one."""
    paper = await read_paper(stage, PLACE, "project01")
    first = stage.now - timedelta(days=6)
    moments = {name: between(first, stage.now, "project", name) for name in TAKING}
    for name, moment in sorted(moments.items(), key=lambda each: each[1]):
        member = stage.at(moment).acting(PAIRS[name][-1])
        key = await start_assessment_instance(member, assessment_id=paper.id)
        world = f"# {name}\n\nROOMS = ['door', 'hall', 'cellar']\n"
        design = f"# {name}\n\nThree rooms, a lamp and a key. Verbs: go, take, use.\n"
        files = [
            NewFile("adventure.py", world.encode(), "text/x-python"),
            NewFile("design.md", design.encode(), "text/markdown"),
        ]
        await submit(member, assessment_instance_id=key, files=files)


async def move(stage: Stage) -> None:
    """A learner moves to a group of one; the instructor puts another in the free place, who has not agreed yet."""
    groups, people = stage.cast.groups, stage.cast.people
    await add_group_member(stage.acting(MOVER), group_id=groups[JOINED])
    made = await add_group_member(stage.acting(TEACHER), group_id=groups[LEFT], user_id=people[NEWCOMER])
    await update_row(stage.program, GroupMembership, made, {"is_confirmed": False})
    rows: list[dict[str, Any]] = []
    for kind, name in ((EventKind.GROUP_LEAVE, LEFT), (EventKind.GROUP_JOIN, JOINED)):
        instance = select(AssessmentInstance.id).where(AssessmentInstance.group_id == groups[name])
        where = {"assessment_instance_id": await stage.db.scalar(instance), "actor_id": people[MOVER]}
        rows.append({**where, "kind": kind, "happened_at": stage.now})
    await stage.db.execute(insert(Event), rows)


async def mark(stage: Stage) -> None:
    """The assistant marks four pairs by hand; two of them see the marks, one only that of the design."""
    ctx, paper = stage.acting(ASSISTANT), await read_paper(stage, PLACE, "project01")
    design, code = paper.asked("Design").id, paper.asked("Code").id
    for number, name in enumerate(MARKED):
        level = quality(name, "project01")
        own = AssessmentInstance.group_id == stage.cast.groups[name]
        statement = select(Submission.id).join(
            AssessmentInstance, AssessmentInstance.id == Submission.assessment_instance_id
        )
        submission_id = await stage.db.scalar(statement.where(own).order_by(Submission.number.desc()).limit(1))
        scores = [
            NewScore(design, round(20 * level), round(20 * level), feedback=remark(level, name)),
            NewScore(code, round(40 * level) + 5, 5.0, feedback_data={"rooms": 3, "crashes": int(level < 0.5)}),
        ]
        await score_problems(ctx, submission_id=submission_id, scores=scores, release=number < 2)
    third = [stage.cast.people[name] for name in PAIRS[MARKED[2]]]
    await release_scores(stage.acting(TEACHER), assessment_id=paper.id, problem_ids=[design], user_ids=third)


SCENES = (
    Scene(AUTUMN_2026.at(9, MONDAY, "07:30"), open_project),
    Scene(AUTUMN_2026.at(9, TUESDAY, "12:00"), form_pairs),
    Scene(AUTUMN_2026.at(11, SUNDAY, "12:00"), hand_in),
    Scene(AUTUMN_2026.at(11, SUNDAY, "18:00"), move),
    Scene(AUTUMN_2026.at(12, MONDAY, "12:30"), mark),
)
