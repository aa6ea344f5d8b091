"""The number of SQL statements of what writes to a gradebook is exact, and the same however many rows follow."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.blocks.service import create_block
from app.domain.enrollment.service import enroll
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.service import create_grade_notation, create_grade_schema, create_grading_period
from app.domain.grades.overrides import override_grade
from app.domain.libraries.blocks import record_library_progress, save_library_block
from app.domain.libraries.models import LibraryLevel
from app.domain.libraries.service import set_library_member
from tests.domain.site import Site
from tests.factories import as_user, coursework, handed_in, person, scored
from tests.schema.client import document_of, execute
from tests.schema.test_mutations_permissions import INPUTS

pytestmark = pytest.mark.anyio

BUDGET = {
    "createColumn": 20,
    "updateColumn": 17,
    "createBlock": 9,
    "updateBlock": 6,
    "moveBlock": 12,
    "setBlockGroups": 7,
    "setBlockPrerequisite": 9,
    "deleteBlock": 18,
    "visitBlock": 6,
    "createBookmark": 6,
    "deleteBookmark": 2,
    "createLibrary": 5,
    "updateLibrary": 3,
    "deleteLibrary": 7,
    "setLibraryMember": 5,
    "removeLibraryMember": 3,
    "saveLibraryBlock": 6,
    "deleteLibraryBlock": 6,
    "recordLibraryProgress": 3,
    "assessBlock": 27,
    "signIntegrity": 5,
    "setCourseEmail": 5,
    "stopGoalReminders": 3,
    "createGradeSchema": 4,
    "updateGradeSchema": 5,
    "deleteGradeSchema": 4,
    "createGradeNotation": 4,
    "updateGradeNotation": 5,
    "deleteGradeNotation": 4,
    "createGradingPeriod": 4,
    "updateGradingPeriod": 5,
    "deleteGradingPeriod": 3,
    "setCalculation": 14,
    "setFormula": 14,
    "createAssessmentCategory": 6,
    "createAssessment": 12,
    "updateAssessment": 9,
    "deleteAssessment": 9,
    "scoreProblems": 26,
    "scoreLatestSubmission": 28,
    "releaseScores": 23,
    "overrideGrade": 16,
    "exemptGrade": 15,
    "createAttempt": 16,
    "gradeAttempt": 16,
    "recomputeGrades": 14,
    "lockSubmission": 4,
    "unlockSubmissions": 5,
    "mergeCourseInstance": 13,
    "separateCourseInstance": 5,
    "updateEnrollment": 6,
    "requestReport": 6,
    "revokeJob": 4,
    "placeInCohortsByFile": 5,
}
"""By an administrator, in a course instance with a total of all columns; with all that can be asked of the answer."""
MORE: dict[str, dict[str, Any]] = {"updateAssessment": {"weight": 2.0}}


async def grow(site: Site, numbers: range) -> None:
    """More learners with scored work and grades, people of the children, columns, and terms of the gradebook."""
    world, admin = site.world, site.world.admin
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    for number in numbers:
        learner = await person(admin, f"more{number}")
        await enroll(admin, **here, user_id=learner)
        for place in (site.child_id, site.merged_id):
            await enroll(admin, course_instance_id=place, user_id=await person(admin, f"of{place}-{number}"))
        for work in (site.work, await coursework(world, f"more{number}")):
            made = await handed_in(as_user(admin, learner), work)
            await scored(admin, made, work, Part_A=50.0, Style=5.0)
        await override_grade(admin, assessment_id=site.work.assessment_id, user_id=learner, notes="seen")
        below: dict[str, Any] = {**here, "parent_id": site.contents.chapter_id}
        await create_block(admin, **below, kind="html", name=f"Text {number}")
        await _fill_shelf(site, learner)
        await create_grade_schema(admin, **here, title=f"Points {number}", scale_type=ScaleType.SCORE)
        await create_grade_notation(admin, **here, code=f"N{number}")
        await create_grading_period(admin, **here, title=f"Period {number}")
    await set_calculation(admin, assessment_id=site.terms.total_id, kind=CalculationKind.TOTAL)


async def _fill_shelf(site: Site, learner: int) -> None:
    """One more block of the library, and one more member, who has begun it."""
    admin = site.world.admin
    library: dict[str, Any] = {"library_id": site.shelf.library_id}
    await set_library_member(admin, **library, user_id=learner, level=LibraryLevel.READ)
    made = await save_library_block(admin, **library, kind="html", parent_id=site.shelf.unit_id)
    await record_library_progress(as_user(admin, learner), library_block_id=made)


async def statements(site: Site, mutation: str) -> int:
    """How many statements a mutation takes; what it writes is forgotten."""
    admin = site.world.admin
    savepoint = await (await admin.db.connection()).begin_nested()
    before = admin.db.statements
    answer = await execute(admin, document_of(mutation), {"input": INPUTS[mutation](site) | MORE.get(mutation, {})})
    await savepoint.rollback()
    assert (answer.errors, answer.data[mutation]["userErrors"]) == ([], [])
    return admin.db.statements - before


async def test_the_budget_is_kept_and_does_not_grow(site: Site) -> None:
    for numbers in (range(1), range(1, 5)):
        await grow(site, numbers)
        assert {mutation: await statements(site, mutation) for mutation in BUDGET} == BUDGET
