"""The number of SQL statements of an operation is exact, and the same however many rows there are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.context import Context
from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.gates import set_block_prerequisite
from app.domain.blocks.service import create_block
from app.domain.blocks.visits import create_bookmark, visit_block
from app.domain.enrollment.service import enroll
from app.domain.grades.service import release_scores
from app.domain.groups.service import create_group, create_group_set
from app.domain.jobs.messages import schedule_message
from app.domain.jobs.models import JobKind
from app.domain.jobs.service import request_report
from app.domain.libraries.blocks import record_library_progress
from app.domain.progress.service import record_activity
from schema.graph import build
from tests.domain.shelves import shelf
from tests.domain.tracks import invited, verified
from tests.factories import Coursework, University, as_user, coursework, handed_in, person, scored, university

DEEP = """query ($name: String!) { courseInstance(by: {name: $name}) {
  assessments { nodes {
    problems { name maxPoints }
    assessmentInstances(first: 50) { nodes {
      user { name } group { members { name } }
      submissions { nodes { scores { problem { name } value isReleased } } }
    } }
  } }
  gradebook { user { uid } standing cells { assessmentLabel points scorePerc } }
  groups { nodes { name members { uid } } }
  enrollments { totalCount nodes { role status user { uid } } }
} }"""

BUDGET = {
    "{ viewer { uid } }": 1,
    "{ viewer { enrollments { totalCount nodes { courseInstance { course { organization { name } } } } } } }": 6,
    "{ courseInstances { totalCount nodes { name } } }": 2,
    "{ courseInstances { totalCount } }": 1,
    '{ courseInstances(where: {name: {contains: "sig"}}, orderBy: [{field: NAME}]) { nodes { name } } }': 1,
    "{ users { nodes { uid assessmentInstances { nodes { points } } columnGrades { nodes { points } } } } }": 3,
    "{ assessments { nodes { label statistics { count mean median histogram { count } } } } }": 4,
    "{ columnGrades { nodes { points displayGrade { scaleType score possible text } } } }": 2,
    "{ assessments { nodes { gradeSchema { symbols { text } } calculation { kind terms { weight } } } } }": 2,
    "{ courseInstances { nodes { gradeSchemas { title } gradeNotations { code } gradingPeriods { title } } } }": 4,
    "{ assessments { nodes { writeup { format url } handout { format url file { name size sha256 url } } } } }": 3,
    "{ blocks { nodes { name children { name } descendants { kind } audience { group { id } } } } }": 4,
    "{ blocks { nodes { html descendants { html } } } }": 4,
    "{ blocks { nodes { completion ownDueAt assessment { title } problem { maxPoints } } } }": 5,
    "{ blocks { nodes { ancestors { name } currentChild { name } bookmark { createdAt } effectiveDueAt } } }": 6,
    "{ blocks { nodes { prerequisite { minScore isMet requiredBlock { name } } isGated } } }": 4,
    "{ blocks { nodes { isHiddenAfterDue hasScheduledContent video { sources } hidesAfterDue } } }": 4,
    "{ courseInstances { nodes { hasMissedDeadlines } } }": 4,
    "{ courseInstances { nodes { learnerRecord { signedAt } learnerRecords { nodes { user { name } } } } } }": 4,
    "{ courseInstances { nodes { learnerRecord { activeDaysThisWeek } } } }": 3,
    "{ courseInstances { nodes { rootBlock { name } blocks { nodes { name } } resumeBlock { name } } } }": 5,
    "{ submissions { nodes { number files { name } scores { value problem { name } } } } }": 4,
    "{ assessmentInstances { nodes { standing isBest remainingSeconds questionSubmissions { fraction } } } }": 4,
    "{ assessmentInstances { nodes { log { kind happenedAt } } } }": 6,
    "{ submissions { nodes { penalties { daysLate latePenalty } } } }": 9,
    "{ assessmentInstances { nodes { penalties { graceDaysUsed versionPenalty } } } }": 10,
    "{ assessments { nodes { lastChanged { changeIndex user { uid } } } } }": 3,
    "{ courseInstances { nodes { gradebook(changedSince: 0) { user { uid } cells { changeIndex } } } } }": 5,
    "{ columnGrades(where: {changeIndex: {gt: 0}}, orderBy: [{field: CHANGE_INDEX}]) { nodes { points } } }": 1,
    "{ submissions { nodes { status points text comments feedback notes isExempt } } }": 3,
    "{ columnGrades { nodes { status } } }": 2,
    "{ assessments { nodes { problems { openResponse { criteria { name } } responses { number } } } } }": 4,
    "{ submissions { nodes { responseTexts lockStatus lockedBy { uid } scores { rubric { points } } } } }": 4,
    "{ courseInstances { nodes { isClosed enrollmentInvitations { nodes { email } } } } }": 3,
    "{ courseInstances { nodes { tracks { slug isExpired } enrollments { nodes { track effectiveTrack } } } } }": 5,
    "{ groups { nodes { name members { uid } memberships { joinedAt } groupSet { name } } } }": 4,
    "{ jobs { nodes { kind state requester { name } block { name } learner { uid } fileUrl } } }": 4,
    "{ jobs { nodes { courseMessage { subject targets sender { uid } } } } }": 3,
    "{ courseInstances { nodes { jobs { nodes { uuid } } } } }": 2,
    "{ libraries { nodes { organization { key } membership { level } members { nodes { user { name } } } } } }": 5,
    "{ libraries { nodes { blocks { nodes { html children { html } parent { name } progress { state } } } } } }": 7,
    DEEP: 18,
}


@dataclass(frozen=True, slots=True)
class Growing:
    """A course instance to which learners with work can be added."""

    world: University
    work: Coursework
    group_set_id: int
    root_id: int
    gate_id: int

    @property
    def report(self) -> dict[str, Any]:
        """Of which kind of report one more is asked for."""
        return {"course_instance_id": self.world.course_instance_id, "kind": JobKind.PROBLEM_RESPONSES}

    async def learner(self, number: int) -> None:
        """One more learner, in a group of their own, with a scored submission."""
        admin = self.world.admin
        user_id = await person(admin, f"learner{number}")
        await enroll(admin, course_instance_id=self.world.course_instance_id, user_id=user_id)
        await create_group(admin, group_set_id=self.group_set_id, name=f"group {number}", user_ids=[user_id])
        about: dict[str, Any] = {"block_ids": [await self.chapter(number)], "learner_id": user_id}
        await request_report(self.world.instructor, **self.report, **about)
        mail: dict[str, Any] = {"targets": ["learners"], "subject": "Hello", "html": "Hello"}
        await schedule_message(self.world.instructor, course_instance_id=self.world.course_instance_id, **mail)
        kept = await shelf(self.world, f"shelf{number}")
        await record_library_progress(self.world.instructor, library_block_id=kept.text_id, completion=0.5)
        submission_id = await handed_in(as_user(admin, user_id), self.work)
        marks: dict[str, Any] = dict.fromkeys(self.work.problem_ids, 5.0)
        await scored(admin, submission_id, self.work, **marks)

    async def chapter(self, number: int) -> int:
        """One more chapter, with a text that the instructor has read; its id."""
        admin, here = self.world.admin, self.world.course_instance_id
        place: dict[str, Any] = {"course_instance_id": here, "name": f"Chapter {number}"}
        chapter_id = await create_block(admin, **place, kind="chapter", parent_id=self.root_id)
        text_id = await create_block(admin, **place, kind="html", parent_id=chapter_id)
        await set_block_prerequisite(admin, block_id=chapter_id, required_block_id=self.gate_id)
        read = [NewCompletion(text_id, 1.0)]
        await record_completion(self.world.instructor, course_instance_id=here, completions=read)
        await visit_block(self.world.instructor, block_id=text_id)
        await create_bookmark(self.world.instructor, block_id=text_id)
        return chapter_id


@pytest.fixture
async def growing(ctx: Context) -> AsyncIterator[Growing]:
    world = await university(ctx)
    work = await coursework(world)
    group_set_id = await create_group_set(
        world.admin, course_instance_id=world.course_instance_id, name="teams", max_size=3
    )
    root_id = await create_block(world.admin, course_instance_id=world.course_instance_id, kind="course", name="Course")
    await verified(world)
    await invited(world.admin, world.course_instance_id)
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id, "parent_id": root_id}
    made = Growing(world, work, group_set_id, root_id, await create_block(world.admin, **place, kind="chapter"))
    await record_activity(world.instructor, course_instance_id=world.course_instance_id)
    await made.learner(0)
    await release_scores(world.admin, assessment_id=work.assessment_id)
    yield made


async def statements(ctx: Context, document: str) -> int:
    """How many statements a document takes, asked in a request of its own."""
    graph = build()
    request = Context(ctx.principal, ctx.db, ctx.clock)
    before = ctx.db.statements
    result = await graph.execute(graph.prepare(document), request, {"name": "sig-f24"} if document is DEEP else {})
    assert result.errors is None
    return ctx.db.statements - before


@pytest.mark.parametrize(("query", "budget"), list(BUDGET.items()))
async def test_the_budget_is_kept_and_does_not_grow(growing: Growing, query: str, budget: int) -> None:
    instructor = growing.world.instructor
    few = await statements(instructor, query)
    for number in range(1, 5):
        await growing.learner(number)
    many = await statements(instructor, query)
    assert (few, many) == (budget, budget)
