"""Who may write: every mutation asked by everybody, and what a denial leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.principal import READ
from schema.graph import build
from tests.domain.proof import Everything, everything
from tests.domain.site import Site
from tests.factories import as_user
from tests.schema import background, joining, shelves
from tests.schema.client import denial, document_of, execute, refusal
from tests.schema.contents import BLOCKS
from tests.schema.essays import MARKING, RESPONDING
from tests.schema.gatherings import COHORT_INPUTS, COHORT_MATRIX

pytestmark = pytest.mark.anyio

CALLERS = ("anonymous", "student", "outsider", "assistant", "instructor", "admin")
CODES = {"U": "UNAUTHENTICATED", "F": "FORBIDDEN", "N": "NOT_FOUND"}

# One letter for each of CALLERS: + may, U is not signed in, F sees it and may not, N does not see it, E: not enrolled.
MATRIX = {
    "createUser": "UFFFF+",
    "updateUser": "U+NFF+",
    "deleteUser": "UFFFF+",
    "updateProfile": "U+NFF+",
    "createDataSource": "UFFFF+",
    "updateDataSource": "UFFFF+",
    "deleteDataSource": "UFFFF+",
    "issueToken": "U+NFF+",
    "revokeToken": "U+NNN+",
    "createOrganization": "UFFFF+",
    "setMailPreference": "U+++++",
    "createCourse": "UFFFF+",
    "createTerm": "UFFFF+",
    "updateTerm": "UFFFF+",
    "deleteTerm": "UFFFF+",
    "updateCourse": "UFFFF+",
    "setCourseStaff": "UFFFF+",
    "createCourseInstance": "UFFFF+",
    "updateCourseInstance": "UFNF++",
    "deleteCourseInstance": "UFNFF+",
    "setCourseInstanceAccessRules": "UFNF++",
    "mergeCourseInstance": "UFFFF+",
    "separateCourseInstance": "UFFFF+",
    "enrollUser": "UFNF++",
    "updateEnrollment": "UNNF++",
    "dropEnrollment": "UNNF++",
    "createEnrollmentRole": "UFFFF+",
    **joining.MATRIX,
    "createGroupSet": "UFNF++",
    "updateGroupSet": "UFNF++",
    "createGroup": "UFNF++",
    "updateGroup": "UFNF++",
    "createGroups": "UFNF++",
    "deleteGroup": "UFNF++",
    "addGroupMember": "UFNF++",
    "removeGroupMember": "UFNF++",
    **COHORT_MATRIX,
    "createBlock": "UFNF++",
    "updateBlock": "UFNF++",
    "moveBlock": "UFNF++",
    "setBlockGroups": "UFNF++",
    "setBlockPrerequisite": "UFNF++",
    "deleteBlock": "UFNF++",
    "recordCompletion": "U+N++E",
    "visitBlock": "U+N+++",
    "createBookmark": "U+N+++",
    "deleteBookmark": "U+NNN+",
    "deriveCourseInstance": "UFNF++",
    "updateDerivedCourseInstance": "UFNF++",
    "deleteDerivedCourseInstance": "UFNF++",
    **shelves.MATRIX,
    "setCourseGoal": "U+N++E",
    "stopGoalReminders": "U+++++",
    "setCelebrations": "U+N++E",
    "dismissWelcomeMessage": "U+N++E",
    "signIntegrity": "U+N+++",
    "setCourseEmail": "U+N+++",
    "resetDeadlines": "U+N++E",
    "recordActivity": "U+N++E",
    "createAssessmentCategory": "UFNF++",
    "createAssessment": "UFNF++",
    "updateAssessment": "UFNF++",
    "setAssessmentWriteup": "UFNF++",
    "setAssessmentHandout": "UFNF++",
    "deleteAssessment": "UFNF++",
    "setAssessmentGroups": "UFNF++",
    "setAssessmentAccessRules": "UFNF++",
    "grantExtension": "UFNF++",
    "assessBlock": "UFNF++",
    "createProblem": "UFNF++",
    "updateProblem": "UFNF++",
    "addQuestion": "UFNF++",
    "createColumn": "UFNF++",
    "updateColumn": "UFNF++",
    "createGradeSchema": "UFNF++",
    "updateGradeSchema": "UFNF++",
    "deleteGradeSchema": "UFNF++",
    "createGradeNotation": "UFNF++",
    "updateGradeNotation": "UFNF++",
    "deleteGradeNotation": "UFNF++",
    "createGradingPeriod": "UFNF++",
    "updateGradingPeriod": "UFNF++",
    "deleteGradingPeriod": "UFNF++",
    "setCalculation": "UFNF++",
    "setFormula": "UFNF++",
    "startAssessmentInstance": "U+N+++",
    "handIn": "U+N++E",
    "closeAssessmentInstance": "U+N+++",
    "submit": "U+N+++",
    "submitOpenResponse": "U+N++E",
    "lockSubmission": "UFN+++",
    "unlockSubmission": "UFN+++",
    "unlockSubmissions": "UFN+++",
    "submitAnswers": "U+N++F",
    "scoreProblems": "UFN+++",
    "scoreLatestSubmission": "UFN+++",
    "releaseScores": "UFNF++",
    "overrideGrade": "UFNF++",
    "overrideGrades": "UFNF++",
    "exemptGrade": "UFNF++",
    "createAttempt": "U+N+++",
    "gradeAttempt": "UFN+++",
    "gradeOpenResponse": "UFN+++",
    "recomputeGrades": "UFNF++",
    **background.MATRIX,
}

ABSENT_AT = {"recordCompletion": "userId", "handIn": "assessmentId", "submitOpenResponse": "problemId"}
"""Where the refusal of somebody who is not enrolled is told, if not at the course instance."""

INPUTS: dict[str, Callable[[Site], dict[str, Any]]] = {
    "createUser": lambda s: {"username": "new"},
    "updateUser": lambda s: {"userId": s.world.student_id, "name": "Samuel"},
    "deleteUser": lambda s: {"userId": s.newcomer_id},
    "updateProfile": lambda s: {"userId": s.world.student_id, "pronouns": "they"},
    "createDataSource": lambda s: {"externalId": "new"},
    "updateDataSource": lambda s: {"dataSourceId": s.data_source_id, "description": "New"},
    "deleteDataSource": lambda s: {"dataSourceId": s.data_source_id},
    "issueToken": lambda s: {"userId": s.world.student_id, "name": "phone"},
    "revokeToken": lambda s: {"tokenId": s.token_id},
    "createOrganization": lambda s: {"key": "new", "name": "New"},
    "setMailPreference": lambda s: {"organizationId": s.world.organization_id, "receivesMail": True},
    "createCourse": lambda s: {
        "organizationId": s.world.organization_id,
        "key": "N1",
        "shortName": "N 1",
        "title": "New",
    },
    "createTerm": lambda s: {"externalId": "new", "name": "New"},
    "updateTerm": lambda s: {"termId": s.term_id, "name": "New"},
    "deleteTerm": lambda s: {"termId": s.term_id},
    "updateCourse": lambda s: {"courseId": s.world.course_id, "title": "New"},
    "setCourseStaff": lambda s: {"courseId": s.world.course_id, "userId": s.newcomer_id, "role": "VIEWER"},
    "createCourseInstance": lambda s: {"courseId": s.world.course_id, "name": "new", "longName": "New"},
    "updateCourseInstance": lambda s: {"courseInstanceId": s.world.course_instance_id, "longName": "New"},
    "deleteCourseInstance": lambda s: {"courseInstanceId": s.world.course_instance_id},
    "setCourseInstanceAccessRules": lambda s: {"courseInstanceId": s.world.course_instance_id, "rules": [{}]},
    "mergeCourseInstance": lambda s: {"parentId": s.world.course_instance_id, "childId": s.child_id},
    "separateCourseInstance": lambda s: {"childId": s.merged_id},
    "enrollUser": lambda s: {"courseInstanceId": s.world.course_instance_id, "person": {"username": "nia"}},
    "updateEnrollment": lambda s: {"enrollmentId": s.enrollment_id, "role": "COURSE_ASSISTANT"},
    "dropEnrollment": lambda s: {"enrollmentId": s.enrollment_id},
    "createEnrollmentRole": lambda s: {"key": "Tutor", "name": "Tutor", "role": "STUDENT"},
    **joining.INPUTS,
    "createGroupSet": lambda s: {"courseInstanceId": s.world.course_instance_id, "name": "New", "maxSize": 2},
    "updateGroupSet": lambda s: {"groupSetId": s.team.group_set_id, "maxSize": 4},
    "createGroup": lambda s: {"groupSetId": s.team.group_set_id, "name": "g2"},
    "updateGroup": lambda s: {"groupId": s.team.group_id, "name": "New"},
    "createGroups": lambda s: {"groupSetId": s.team.group_set_id, "groups": [{"name": "g2"}]},
    "deleteGroup": lambda s: {"groupId": s.team.group_id},
    "addGroupMember": lambda s: {"groupId": s.team.group_id, "userId": s.world.second_student_id},
    "removeGroupMember": lambda s: {"groupId": s.team.group_id, "userId": s.world.student_id},
    **COHORT_INPUTS,
    **BLOCKS,
    "createAssessmentCategory": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "name": "New",
        "abbreviation": "N",
    },
    "createAssessment": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "categoryId": s.work.category_id,
        "name": "new",
        "title": "New",
    },
    "updateAssessment": lambda s: {"assessmentId": s.work.assessment_id, "title": "New"},
    "setAssessmentWriteup": lambda s: {"assessmentId": s.work.assessment_id, "url": "https://uni.example/new"},
    "setAssessmentHandout": lambda s: {
        "assessmentId": s.work.assessment_id,
        "file": {"name": "new.tar", "contents": "bmV3"},
    },
    "deleteAssessment": lambda s: {"assessmentId": s.work.assessment_id},
    "setAssessmentGroups": lambda s: {
        "assessmentId": s.work.assessment_id,
        "maxSize": 2,
        "isSelfAssigned": True,
    },
    "setAssessmentAccessRules": lambda s: {"assessmentId": s.work.assessment_id, "rules": [{"credit": 100}]},
    "grantExtension": lambda s: {"assessmentId": s.work.assessment_id, "userId": s.world.student_id},
    "assessBlock": lambda s: {"blockId": s.contents.chapter_id, "categoryId": s.work.category_id},
    "createProblem": lambda s: {"assessmentId": s.work.assessment_id, "name": "New", "maxPoints": 1},
    "updateProblem": lambda s: {"problemId": s.work.problem_ids["Style"], "name": "New"},
    "addQuestion": lambda s: {
        "assessmentId": s.work.assessment_id,
        "kind": "TRUE_FALSE",
        "prompt": "New?",
        "correctAnswer": True,
    },
    "createColumn": lambda s: {"courseInstanceId": s.world.course_instance_id, "title": "New"},
    "updateColumn": lambda s: {"assessmentId": s.terms.total_id, "formula": '{"all": {}}'},
    "createGradeSchema": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "title": "Points",
        "scaleType": "SCORE",
    },
    "updateGradeSchema": lambda s: {"gradeSchemaId": s.terms.schema_id, "title": "New"},
    "deleteGradeSchema": lambda s: {"gradeSchemaId": s.terms.schema_id},
    "createGradeNotation": lambda s: {"courseInstanceId": s.world.course_instance_id, "code": "W"},
    "updateGradeNotation": lambda s: {"gradeNotationId": s.terms.notation_id, "code": "X"},
    "deleteGradeNotation": lambda s: {"gradeNotationId": s.terms.notation_id},
    "createGradingPeriod": lambda s: {"courseInstanceId": s.world.course_instance_id, "title": "New"},
    "updateGradingPeriod": lambda s: {"gradingPeriodId": s.terms.period_id, "title": "New"},
    "deleteGradingPeriod": lambda s: {"gradingPeriodId": s.terms.period_id},
    "setCalculation": lambda s: {"assessmentId": s.terms.total_id, "kind": "TOTAL"},
    "setFormula": lambda s: {"assessmentId": s.terms.total_id, "formula": '{"all": {}}', "aliases": {}},
    "startAssessmentInstance": lambda s: {"assessmentId": s.work.assessment_id, "userId": s.world.student_id},
    "handIn": lambda s: {"assessmentId": s.work.assessment_id, "files": [{"name": "a", "contents": "YQ=="}]},
    "closeAssessmentInstance": lambda s: {"assessmentInstanceId": s.sitting_id},
    "submit": lambda s: {
        "assessmentInstanceId": s.sitting_id,
        "answers": [{"problemId": s.work.problem_ids["Style"], "answer": 1}],
    },
    **RESPONDING,
    "submitAnswers": lambda s: {
        "assessmentId": s.quiz.assessment_id,
        "answers": [{"problemId": s.quiz.problem_ids["New?"], "answer": True}],
    },
    "scoreProblems": lambda s: {
        "submissionId": s.submission_id,
        "scores": [{"problemId": s.work.problem_ids["Style"], "value": 5}],
    },
    "scoreLatestSubmission": lambda s: {
        "assessmentId": s.work.assessment_id,
        "userId": s.world.student_id,
        "scores": [{"problemId": s.work.problem_ids["Style"], "value": 5}],
    },
    "releaseScores": lambda s: {"assessmentId": s.work.assessment_id},
    "overrideGrade": lambda s: {"assessmentId": s.work.assessment_id, "userId": s.world.student_id, "points": 1},
    "overrideGrades": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "overrides": [{"userId": s.world.student_id, "blockKey": "none", "points": 1}],
    },
    "exemptGrade": lambda s: {"assessmentId": s.work.assessment_id, "userId": s.world.student_id},
    "createAttempt": lambda s: {"assessmentId": s.work.assessment_id, "userId": s.world.student_id},
    "gradeAttempt": lambda s: {"submissionId": s.submission_id, "status": "COMPLETED"},
    **MARKING,
    "recomputeGrades": lambda s: {"assessmentId": s.work.assessment_id},
    **background.INPUTS,
}


def test_every_mutation_is_in_the_matrix() -> None:
    root = build().schema.mutation_type
    assert root is not None
    assert list(root.fields) == list(MATRIX) == list(INPUTS)


@pytest.fixture(scope="module")
async def before(shared_site: Site) -> Everything:
    return await everything(shared_site.world.admin)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("mutation", MATRIX)
async def test_who_may(site: Site, before: Everything, mutation: str, caller: str) -> None:
    ctx, letter = site.context_of(caller), MATRIX[mutation][CALLERS.index(caller)]
    if letter == "+":
        if mutation == "gradeOpenResponse":
            await execute(ctx, document_of("lockSubmission"), {"input": INPUTS["lockSubmission"](site)})
        answer = await execute(ctx, document_of(mutation), {"input": INPUTS[mutation](site)})
        assert (answer.errors, answer.data[mutation]["userErrors"]) == ([], [])
    elif letter == "E":
        field = ABSENT_AT.get(mutation, "courseInstanceId")
        assert await refusal(ctx, mutation, **INPUTS[mutation](site)) == ("NOT_ENROLLED", [field])
    else:
        assert await denial(ctx, mutation, before, **INPUTS[mutation](site)) == CODES[letter]


@pytest.mark.parametrize("mutation", MATRIX)
async def test_a_token_that_only_reads_writes_nothing(site: Site, before: Everything, mutation: str) -> None:
    reader = as_user(site.world.admin, site.world.admin_id, is_staff=True, scopes=frozenset({READ, "admin"}))
    assert await denial(reader, mutation, before, **INPUTS[mutation](site)) == "INSUFFICIENT_SCOPE"
