"""Who may write what an argument adds to a mutation: asked by everybody, and what a denial leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import enroll
from tests.domain.proof import key_of
from tests.domain.site import Site
from tests.factories import person
from tests.schema.client import denial, document_of, execute
from tests.schema.test_mutations_permissions import CALLERS, CODES

pytestmark = pytest.mark.anyio

# One letter for each of CALLERS, as in test_mutations_permissions.py.
MATRIX = {
    "createUser(password)": "UFFFF+",
    "updateProfile(of another)": "UNNFF+",
    "mergeCourseInstance(passingOver)": "UFFFF+",
    "mergeCourseInstance(into one's own)": "UFFFF+",
    "updateEnrollment(leavingChild)": "UNNNN+",
    "updateEnrollment(status)": "UNNF++",
    "createGroups(who is in another)": "UFNF++",
    "updateAssessment(categoryId)": "UFNF++",
    "deleteAssessment(onlyIfEmpty)": "UFNF++",
    "createAttempt(for another)": "UFN+++",
    "gradeAttempt(notes)": "UFN+++",
    "gradeAttempt(isExempt)": "UFN+++",
    "overrideGrade(notes)": "UFNF++",
    "overrideGrade(of a calculated column)": "UFNF++",
}

INPUTS: dict[str, Callable[[Site, int], dict[str, Any]]] = {
    "createUser(password)": lambda s, _: {"username": "new", "password": "correct horse battery"},
    "updateProfile(of another)": lambda s, _: {"userId": s.world.second_student_id, "pronouns": "they"},
    "mergeCourseInstance(passingOver)": lambda s, _: {
        "parentId": s.world.course_instance_id,
        "childId": s.child_id,
        "passingOver": True,
    },
    "mergeCourseInstance(into one's own)": lambda s, _: {
        "parentId": s.world.other_course_instance_id,
        "childId": s.child_id,
    },
    "updateEnrollment(leavingChild)": lambda s, through: {"enrollmentId": through, "leavingChild": True},
    "updateEnrollment(status)": lambda s, _: {"enrollmentId": s.enrollment_id, "status": "DROPPED"},
    "createGroups(who is in another)": lambda s, _: {
        "groupSetId": s.team.group_set_id,
        "groups": [{"name": "g2", "memberIds": [s.world.student_id]}],
    },
    "updateAssessment(categoryId)": lambda s, _: {
        "assessmentId": s.terms.total_id,
        "categoryId": s.work.category_id,
    },
    "deleteAssessment(onlyIfEmpty)": lambda s, _: {"assessmentId": s.terms.total_id, "onlyIfEmpty": True},
    "createAttempt(for another)": lambda s, _: {
        "assessmentId": s.work.assessment_id,
        "userId": s.world.second_student_id,
    },
    "gradeAttempt(notes)": lambda s, _: {"submissionId": s.submission_id, "notes": "n"},
    "gradeAttempt(isExempt)": lambda s, _: {"submissionId": s.submission_id, "isExempt": True},
    "overrideGrade(notes)": lambda s, _: {
        "assessmentId": s.work.assessment_id,
        "userId": s.world.student_id,
        "notes": "n",
    },
    "overrideGrade(of a calculated column)": lambda s, _: {
        "assessmentId": s.terms.total_id,
        "userId": s.world.student_id,
        "points": 1,
    },
}


@pytest.fixture
async def through(site: Site) -> int:
    """An enrolment in the outsider's course instance, of somebody who came through its child."""
    kim = await person(site.world.admin, "kim")
    await enroll(site.world.admin, course_instance_id=site.merged_id, user_id=kim)
    return await key_of(
        site.world.admin, Enrollment, course_instance_id=site.world.other_course_instance_id, user_id=kim
    )


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("variant", MATRIX)
async def test_who_may(site: Site, through: int, variant: str, caller: str) -> None:
    ctx, letter = site.context_of(caller), MATRIX[variant][CALLERS.index(caller)]
    mutation, asked = variant.partition("(")[0], INPUTS[variant](site, through)
    if letter == "+":
        answer = await execute(ctx, document_of(mutation), {"input": asked})
        assert (answer.errors, answer.data[mutation]["userErrors"]) == ([], [])
    else:
        assert await denial(ctx, mutation, **asked) == CODES[letter]
