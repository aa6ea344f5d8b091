"""A university with everything in it that any use case needs, and every use case once."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.domain.assessments.access import AccessRule, grant_extension, set_assessment_access_rules
from app.domain.assessments.documents import set_assessment_handout, set_assessment_writeup
from app.domain.assessments.grouping import set_assessment_groups
from app.domain.assessments.models import QuestionKind
from app.domain.assessments.problems import create_problem, update_problem
from app.domain.assessments.questions import add_question
from app.domain.assessments.service import create_assessment, create_category, delete_assessment, update_assessment
from app.domain.attempts.attempting import create_attempt
from app.domain.attempts.models import AttemptStatus
from app.domain.attempts.service import close_assessment_instance, start_assessment_instance
from app.domain.attempts.submitting import Answer, hand_in, submit
from app.domain.catalog.mailing import set_mail_preference
from app.domain.catalog.service import create_course, create_organization
from app.domain.catalog.terms import create_term, delete_term, update_term
from app.domain.enrollment.merging import merge_course_instance, move_to_parent, separate_course_instance
from app.domain.enrollment.models import CourseRole, Enrollment, Role
from app.domain.enrollment.offerings import (
    EntryRule,
    create_course_instance,
    delete_course_instance,
    set_course_instance_access_rules,
    update_course,
    update_course_instance,
)
from app.domain.enrollment.queries import find_person
from app.domain.enrollment.service import (
    create_enrollment_role,
    drop_enrollment,
    enroll,
    set_course_staff,
    update_enrollment,
)
from app.domain.files import NewFile
from app.domain.gradebook.calculations import set_calculation, set_formula
from app.domain.gradebook.columns import create_column, update_column
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.service import (
    create_grade_notation,
    create_grade_schema,
    create_grading_period,
    delete_grade_notation,
    delete_grade_schema,
    delete_grading_period,
    update_grade_notation,
    update_grade_schema,
    update_grading_period,
)
from app.domain.grades.answering import submit_answers
from app.domain.grades.attempts import grade_attempt
from app.domain.grades.latest import score_latest_submission
from app.domain.grades.service import NewScore, recompute_grades, release_scores, score_problems
from app.domain.identity.documents import NewDocument, register_documents
from app.domain.identity.institution import (
    create_data_source,
    delete_data_source,
    update_data_source,
    update_profile,
)
from app.domain.identity.service import create_user, delete_user, update_user
from app.domain.identity.tokens import issue_token, revoke_token
from tests.domain.contents import Contents, UseCase, contents
from tests.domain.derived import USE_CASES, derived_in
from tests.domain.essays import Essay, essay_in
from tests.domain.gatherings import GATHERING_CASES, Gatherings, gatherings
from tests.domain.overriding import OVERRIDES
from tests.domain.proof import key_of
from tests.domain.shelves import SHELF_CASES, Shelf, shelf
from tests.domain.terms import Terms, terms
from tests.domain.tracks import TRACK_USE_CASES, invited, verified
from tests.factories import Coursework, Team, University, as_user, coursework, handed_in, person, quiz, team, university


@dataclass(frozen=True, slots=True)
class Site:
    """A university, an assessment with a submission of the student, groups, a token, an editor and an owner."""

    world: University
    work: Coursework
    quiz: Coursework
    team: Team
    submission_id: int
    sitting_id: int
    token_id: int
    enrollment_id: int
    child_id: int
    merged_id: int
    newcomer_id: int
    data_source_id: int
    term_id: int
    terms: Terms
    contents: Contents
    essay: Essay
    gatherings: Gatherings
    shelf: Shelf
    derived_id: int
    track_id: int
    invitation_id: int
    editor: Context
    owner: Context

    def context_of(self, caller: str) -> Context:
        """The context of a caller by name: `editor`, `owner`, or one of the university's."""
        found = getattr(self, caller) if caller in ("editor", "owner") else getattr(self.world, caller)
        assert isinstance(found, Context)
        return found


async def site(ctx: Context) -> Site:
    """Everything, made by the administrator of `ctx`."""
    world = await university(ctx)
    rights = {}
    for username, role in (("edi", CourseRole.EDITOR), ("owen", CourseRole.OWNER)):
        rights[role] = await person(ctx, username)
        await set_course_staff(ctx, course_id=world.course_id, user_id=rights[role], role=role)
    work = await coursework(world)
    learner = {"course_instance_id": world.course_instance_id, "user_id": world.second_student_id}
    places = [
        await create_course_instance(ctx, course_id=world.other_course_id, name=name, long_name=name)
        for name in ("child", "merged")
    ]
    await merge_course_instance(ctx, parent_id=world.other_course_instance_id, child_id=places[1])
    return Site(
        world=world,
        work=work,
        quiz=await quiz(world, {"New?": (QuestionKind.TRUE_FALSE, True, [])}),
        team=await team(world, [world.student_id], name="Trios", max_size=3),
        submission_id=await handed_in(world.student, work),
        sitting_id=await start_assessment_instance(world.student, assessment_id=work.assessment_id),
        token_id=(await issue_token(world.student, name="laptop")).id,
        enrollment_id=await key_of(ctx, Enrollment, **learner),
        child_id=places[0],
        merged_id=places[1],
        newcomer_id=await person(ctx, "nia"),
        data_source_id=await create_data_source(ctx, external_id="SIS"),
        term_id=await create_term(ctx, external_id="s25", name="Spring 2025"),
        terms=await terms(world, work),
        contents=await contents(world),
        essay=await essay_in(world, work.category_id),
        gatherings=await gatherings(world),
        shelf=await shelf(world),
        derived_id=await derived_in(world),
        track_id=await verified(world),
        invitation_id=await invited(ctx, world.course_instance_id),
        editor=as_user(ctx, rights[CourseRole.EDITOR]),
        owner=as_user(ctx, rights[CourseRole.OWNER]),
    )


HERE: dict[str, UseCase] = {
    **USE_CASES,
    **OVERRIDES,
    **GATHERING_CASES,
    **TRACK_USE_CASES,
    **SHELF_CASES,
    "create_organization": lambda s, c: create_organization(c, key="new", name="New"),
    "create_course": lambda s, c: create_course(
        c, organization_id=s.world.organization_id, key="N1", short_name="N 1", title="New"
    ),
    "create_user": lambda s, c: create_user(c, username="new"),
    "update_user": lambda s, c: update_user(c, user_id=s.world.student_id, name="Samuel"),
    "delete_user": lambda s, c: delete_user(c, user_id=s.newcomer_id),
    "update_profile": lambda s, c: update_profile(c, user_id=s.world.student_id, pronouns="they"),
    "set_mail_preference": lambda s, c: set_mail_preference(
        c, organization_id=s.world.organization_id, user_id=s.world.student_id, receives_mail=True
    ),
    "create_data_source": lambda s, c: create_data_source(c, external_id="new"),
    "update_data_source": lambda s, c: update_data_source(c, data_source_id=s.data_source_id, description="New"),
    "delete_data_source": lambda s, c: delete_data_source(c, data_source_id=s.data_source_id),
    "create_term": lambda s, c: create_term(c, external_id="new", name="New"),
    "update_term": lambda s, c: update_term(c, term_id=s.term_id, name="New"),
    "delete_term": lambda s, c: delete_term(c, term_id=s.term_id),
    "create_enrollment_role": lambda s, c: create_enrollment_role(c, key="Tutor", name="Tutor", role=Role.STUDENT),
    "issue_token": lambda s, c: issue_token(c, user_id=s.world.student_id, name="phone"),
    "register_documents": lambda s, c: register_documents(c, documents=[NewDocument("{ viewer { uid } }")]),
    "revoke_token": lambda s, c: revoke_token(c, token_id=s.token_id),
    "update_course": lambda s, c: update_course(c, course_id=s.world.course_id, title="New"),
    "create_course_instance": lambda s, c: create_course_instance(
        c, course_id=s.world.course_id, name="new", long_name="New"
    ),
    "update_course_instance": lambda s, c: update_course_instance(
        c, course_instance_id=s.world.course_instance_id, long_name="New"
    ),
    "delete_course_instance": lambda s, c: delete_course_instance(c, course_instance_id=s.world.course_instance_id),
    "set_course_instance_access_rules": lambda s, c: set_course_instance_access_rules(
        c, course_instance_id=s.world.course_instance_id, rules=[EntryRule(institution="Any")]
    ),
    "enroll": lambda s, c: enroll(c, course_instance_id=s.world.course_instance_id, user_id=s.newcomer_id),
    "find_person": lambda s, c: find_person(c, course_instance_id=s.world.course_instance_id, uid="nia@uni.example"),
    "update_enrollment": lambda s, c: update_enrollment(c, enrollment_id=s.enrollment_id, role=Role.COURSE_ASSISTANT),
    "drop_enrollment": lambda s, c: drop_enrollment(c, enrollment_id=s.enrollment_id),
    "set_course_staff": lambda s, c: set_course_staff(
        c, course_id=s.world.course_id, user_id=s.newcomer_id, role=CourseRole.VIEWER
    ),
    "merge_course_instance": lambda s, c: merge_course_instance(
        c, parent_id=s.world.course_instance_id, child_id=s.child_id
    ),
    "move_to_parent": lambda s, c: move_to_parent(c, enrollment_id=s.enrollment_id),
    "separate_course_instance": lambda s, c: separate_course_instance(c, child_id=s.merged_id),
    "create_category": lambda s, c: create_category(
        c, course_instance_id=s.world.course_instance_id, name="New", abbreviation="N"
    ),
    "create_assessment": lambda s, c: create_assessment(
        c,
        course_instance_id=s.world.course_instance_id,
        category_id=s.work.category_id,
        name="new",
        title="New",
    ),
    "update_assessment": lambda s, c: update_assessment(c, assessment_id=s.work.assessment_id, title="New"),
    "set_assessment_writeup": lambda s, c: set_assessment_writeup(
        c, assessment_id=s.work.assessment_id, url="https://uni.example/new"
    ),
    "set_assessment_handout": lambda s, c: set_assessment_handout(
        c, assessment_id=s.work.assessment_id, file=NewFile("new.tar", b"new")
    ),
    "delete_assessment": lambda s, c: delete_assessment(c, assessment_id=s.work.assessment_id),
    "set_assessment_groups": lambda s, c: set_assessment_groups(
        c, assessment_id=s.work.assessment_id, max_size=2, is_self_assigned=True
    ),
    "create_problem": lambda s, c: create_problem(c, assessment_id=s.work.assessment_id, name="New", max_points=1),
    "update_problem": lambda s, c: update_problem(c, problem_id=s.work.problem_ids["Style"], name="New"),
    "add_question": lambda s, c: add_question(
        c, assessment_id=s.work.assessment_id, kind=QuestionKind.TRUE_FALSE, prompt="New?", correct_answer=True
    ),
    "create_column": lambda s, c: create_column(c, course_instance_id=s.world.course_instance_id, title="New"),
    "update_column": lambda s, c: update_column(c, assessment_id=s.terms.total_id, formula='{"all": {}}'),
    "create_grade_schema": lambda s, c: create_grade_schema(
        c, course_instance_id=s.world.course_instance_id, title="New", scale_type=ScaleType.SCORE
    ),
    "update_grade_schema": lambda s, c: update_grade_schema(c, grade_schema_id=s.terms.schema_id, title="New"),
    "delete_grade_schema": lambda s, c: delete_grade_schema(c, grade_schema_id=s.terms.schema_id),
    "create_grade_notation": lambda s, c: create_grade_notation(
        c, course_instance_id=s.world.course_instance_id, code="W"
    ),
    "update_grade_notation": lambda s, c: update_grade_notation(c, grade_notation_id=s.terms.notation_id, code="X"),
    "delete_grade_notation": lambda s, c: delete_grade_notation(c, grade_notation_id=s.terms.notation_id),
    "create_grading_period": lambda s, c: create_grading_period(
        c, course_instance_id=s.world.course_instance_id, title="New"
    ),
    "update_grading_period": lambda s, c: update_grading_period(c, grading_period_id=s.terms.period_id, title="New"),
    "delete_grading_period": lambda s, c: delete_grading_period(c, grading_period_id=s.terms.period_id),
    "set_calculation": lambda s, c: set_calculation(c, assessment_id=s.terms.total_id, kind=CalculationKind.TOTAL),
    "set_formula": lambda s, c: set_formula(c, assessment_id=s.terms.total_id, formula='{"all": {}}', aliases={}),
    "set_assessment_access_rules": lambda s, c: set_assessment_access_rules(
        c, assessment_id=s.work.assessment_id, rules=[AccessRule(credit=100)]
    ),
    "grant_extension": lambda s, c: grant_extension(c, assessment_id=s.work.assessment_id, user_id=s.world.student_id),
    "start_assessment_instance": lambda s, c: start_assessment_instance(
        c, assessment_id=s.work.assessment_id, user_id=s.world.student_id
    ),
    "submit": lambda s, c: submit(
        c, assessment_instance_id=s.sitting_id, answers=[Answer(s.work.problem_ids["Style"], 1)]
    ),
    "hand_in": lambda s, c: hand_in(c, assessment_id=s.work.assessment_id, files=[NewFile("a", b"a")]),
    "close_assessment_instance": lambda s, c: close_assessment_instance(c, assessment_instance_id=s.sitting_id),
    "submit_answers": lambda s, c: submit_answers(
        c, assessment_id=s.quiz.assessment_id, answers=[Answer(s.quiz.problem_ids["New?"], True)]
    ),
    "score_problems": lambda s, c: score_problems(
        c, submission_id=s.submission_id, scores=[NewScore(s.work.problem_ids["Style"], 5)]
    ),
    "score_latest_submission": lambda s, c: score_latest_submission(
        c,
        assessment_id=s.work.assessment_id,
        user_id=s.world.student_id,
        scores=[NewScore(s.work.problem_ids["Style"], 5.0)],
    ),
    "release_scores": lambda s, c: release_scores(c, assessment_id=s.work.assessment_id),
    "create_attempt": lambda s, c: create_attempt(c, assessment_id=s.work.assessment_id, user_id=s.world.student_id),
    "grade_attempt": lambda s, c: grade_attempt(c, submission_id=s.submission_id, status=AttemptStatus.COMPLETED),
    "recompute_grades": lambda s, c: recompute_grades(c, assessment_id=s.work.assessment_id),
}
