"""Who may do what: every use case asked by everybody, and what a refusal leaves behind."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

import app.domain
from app.context import Context
from app.db.session import Database
from app.errors import DomainError, Forbidden, InsufficientScope, NotFound, RuleBroken, Unauthenticated
from tests.domain.proof import Everything, denied, everything
from tests.domain.shelves import SHELF_MATRIX
from tests.domain.site import HERE, Site, site
from tests.factories import as_user

pytestmark = pytest.mark.anyio

CALLERS = (
    "anonymous",
    "loner",
    "outsider",
    "student",
    "previewer",
    "editor",
    "owner",
    "assistant",
    "instructor",
    "admin",
)
ANSWERS: dict[str, type[DomainError] | None] = {
    "+": None,
    "U": Unauthenticated,
    "F": Forbidden,
    "N": NotFound,
    "R": RuleBroken,
}

# One letter for each of CALLERS: + may, U is not signed in, F sees it and may not, N does not see it, R breaks a rule.
MATRIX = {
    "create_organization": "UFFFFFFFF+",
    "create_course": "UFFFFFFFF+",
    "create_user": "UFFFFFFFF+",
    "update_user": "UNN+NNNFF+",
    "delete_user": "UFFFFFFFF+",
    "update_profile": "UNN+NNNFF+",
    "set_mail_preference": "UNN+NNNFF+",
    "create_data_source": "UFFFFFFFF+",
    "update_data_source": "UFFFFFFFF+",
    "delete_data_source": "UFFFFFFFF+",
    "create_term": "UFFFFFFFF+",
    "update_term": "UFFFFFFFF+",
    "delete_term": "UFFFFFFFF+",
    "create_enrollment_role": "UFFFFFFFF+",
    "create_enrollment_track": "UFFFFFFFF+",
    "update_enrollment_track": "UFFFFFFFF+",
    "delete_enrollment_track": "UFFFFFFFF+",
    "join_course_instance": "UNNNNNNNN+",
    "enlist_people": "UNNFFFFF++",
    "invite_by_email": "UNNFFFFF++",
    "withdraw_invitation": "UNNNNNNF++",
    "drop_everywhere": "UFFFFFFFF+",
    "issue_token": "UNN+NNNFF+",
    "register_documents": "UFFFFFFFF+",
    "revoke_token": "UNN+NNNNN+",
    "update_course": "UFFFF++FF+",
    "create_course_instance": "UFFFF++FF+",
    "update_course_instance": "UNNFF++F++",
    "delete_course_instance": "UNNFF++FF+",
    "set_course_instance_access_rules": "UNNFF++F++",
    "enroll": "UNNFFFFF++",
    "find_person": "UNNFFFFF++",
    "update_enrollment": "UNNNNNNF++",
    "drop_enrollment": "UNNNNNNF++",
    "set_course_staff": "UFFFFF+FF+",
    "merge_course_instance": "UFFFFFFFF+",
    "move_to_parent": "UNNNNNNF++",
    "separate_course_instance": "UFFFFFFFF+",
    "create_group_set": "UNNFFFFF++",
    "update_group_set": "UNNFFFFF++",
    "create_group": "UNNFFFFF++",
    "create_groups": "UNNFFFFF++",
    "delete_group": "UNNFNNNF++",
    "add_group_member": "UNNFNNNF++",
    "remove_group_member": "UNNFNNNF++",
    "update_group": "UNNFNNNF++",
    "set_cohorting": "UNNFFFFF++",
    "create_cohort": "UNNFFFFF++",
    "update_cohort": "UNNFNNNF++",
    "join_cohort": "UNN+++++++",
    "place_in_cohort": "UNNFNNNF++",
    "place_in_cohorts": "UNNFFFFF++",
    "place_in_teams": "UNNFFFFF++",
    "create_block": "UNNFF++F++",
    "update_block": "UNNFF++F++",
    "move_block": "UNNFF++F++",
    "set_block_groups": "UNNFF++F++",
    "set_block_prerequisite": "UNNFF++F++",
    "delete_block": "UNNFF++F++",
    "record_completion": "UNN+RRR++R",
    "visit_block": "UNN+++++++",
    "create_bookmark": "UNN+++++++",
    "delete_bookmark": "UNN+NNNNN+",
    **SHELF_MATRIX,
    "set_course_goal": "UNN+RRR++R",
    "stop_goal_reminders": "U+++++++++",
    "set_celebrations": "UNN+RRR++R",
    "dismiss_welcome_message": "UNN+RRR++R",
    "sign_integrity": "UNN+++++++",
    "set_course_email": "UNN+++++++",
    "reset_deadlines": "UNN+RRR++R",
    "record_activity": "UNN+RRR++R",
    "assess_block": "UNNFF++F++",
    "create_category": "UNNFF++F++",
    "create_assessment": "UNNFF++F++",
    "update_assessment": "UNNFF++F++",
    "set_assessment_writeup": "UNNFF++F++",
    "set_assessment_handout": "UNNFF++F++",
    "delete_assessment": "UNNFF++F++",
    "set_assessment_groups": "UNNFFFFF++",
    "create_problem": "UNNFF++F++",
    "update_problem": "UNNFF++F++",
    "add_question": "UNNFF++F++",
    "create_column": "UNNFF++F++",
    "update_column": "UNNFF++F++",
    "create_grade_schema": "UNNFF++F++",
    "update_grade_schema": "UNNFF++F++",
    "delete_grade_schema": "UNNFF++F++",
    "create_grade_notation": "UNNFF++F++",
    "update_grade_notation": "UNNFF++F++",
    "delete_grade_notation": "UNNFF++F++",
    "create_grading_period": "UNNFF++F++",
    "update_grading_period": "UNNFF++F++",
    "delete_grading_period": "UNNFF++F++",
    "set_calculation": "UNNFF++F++",
    "set_formula": "UNNFF++F++",
    "set_assessment_access_rules": "UNNFF++F++",
    "grant_extension": "UNNFFFFF++",
    "start_assessment_instance": "UNN+FFF+++",
    "submit": "UNN+NNN+++",
    "hand_in": "UNN+RRR++R",
    "close_assessment_instance": "UNN+NNN+++",
    "submit_answers": "UNN+FFF++F",
    "score_problems": "UNNFNNN+++",
    "score_latest_submission": "UNNFFFF+++",
    "release_scores": "UNNFFFFF++",
    "override_grade": "UNNFFFFF++",
    "override_grades": "UNNFFFFF++",
    "exempt_grade": "UNNFFFFF++",
    "create_attempt": "UNN+FFF+++",
    "grade_attempt": "UNNFNNN+++",
    "recompute_grades": "UNNFF++F++",
    "submit_open_response": "UNN+RRR++R",
    "lock_submission": "UNNFNNN+++",
    "unlock_submission": "UNNFNNN+++",
    "unlock_submissions": "UNNFFFF+++",
    "grade_open_response": "UNNFNNN+++",
    "derive_course_instance": "UNNFFFFF++",
    "update_derived_course_instance": "UNNFFFFF++",
    "delete_derived_course_instance": "UNNFFFFF++",
    "request_report": "UNNFFFF+++",
    "revoke_job": "UNNNNNN+++",
    "place_in_cohorts_by_file": "UNNFFFFF++",
    "schedule_message": "UNNFFFFF++",
    "update_message": "UNNNNNNF++",
}


@pytest.fixture(scope="module")
async def shared_site(founder: Context) -> Site:
    return await site(founder)


@pytest.fixture(scope="module")
async def before(shared_site: Site) -> Everything:
    return await everything(shared_site.world.admin)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("use_case", HERE)
async def test_who_may(db: Database, shared_site: Site, before: Everything, use_case: str, caller: str) -> None:
    ctx = shared_site.context_of(caller)
    error = ANSWERS[MATRIX[use_case][CALLERS.index(caller)]]
    if error is None:
        await HERE[use_case](shared_site, ctx)
    else:
        await denied(ctx, HERE[use_case](shared_site, ctx), error, before)


@pytest.mark.parametrize("use_case", HERE)
async def test_a_token_that_only_reads_writes_nothing(
    db: Database, shared_site: Site, before: Everything, use_case: str
) -> None:
    reader = as_user(
        shared_site.world.admin, shared_site.world.admin_id, is_staff=True, scopes=frozenset({"read", "admin"})
    )
    await denied(reader, HERE[use_case](shared_site, reader), InsufficientScope, before)


def test_every_use_case_is_in_the_matrix() -> None:
    """A use case is an asynchronous function of a context whose other arguments go by name."""
    found = set()
    for path in sorted(Path(app.domain.__file__).parent.glob("*/*.py")):
        module = import_module(f"app.domain.{path.parent.name}.{path.stem}")
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction):
            first, *others = inspect.signature(function).parameters.values()
            named = [each for each in others if each.kind in (each.KEYWORD_ONLY, each.VAR_KEYWORD)]
            if function.__module__ == module.__name__ and not name.startswith(("_", "may_")) and named == others != []:
                assert first.name == "ctx"
                found.add(name)
    assert set(MATRIX) == set(HERE) == found
